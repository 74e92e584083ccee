"""Runs and searches over HTTP. The workers are played by hand, but for one real run."""

import json
import threading
from types import SimpleNamespace

import httpx
import numpy as np
import pytest
from starlette.testclient import TestClient

from core.api.app import create_app
from core.api.managers import OwnManagers
from core.database import Database
from core.models.store import ModelStore
from core.runs.manager import Runs
from core.search.config import SearchConfig
from core.search.manager import Searches
from core.search.space import Space
from core.settings import Settings
from core.training.card import TrainedModel
from core.training.config import TrainingConfig
from core.training.events import EpochDone, Finished, Paused, Started
from core.workers.commands import Signal
from tests.support.api import listening
from tests.support.jobs import HandPlayedWorkers
from tests.support.models import card_of_network
from tests.support.patience import PATIENCE, wait_until

TOKEN = "a token that nobody guesses"
ASK = {"Authorization": f"Bearer {TOKEN}"}
CONFIG = {
    "task": "seven-segment",
    "source": "generated",
    "architecture": {"hidden": [8]},
    "epochs": 3,
}
STARTED = Started(100, 22_000, 10)


def epoch(number):
    return EpochDone(number, 0.5, 0.8, 0.6, 0.7, float(number))


@pytest.fixture
def lab(tmp_path):
    """A server with a token whose workers the test plays."""
    database, workers = Database(f"sqlite:///{tmp_path}/runs.sqlite3"), HandPlayedWorkers()
    limits = Settings(max_epochs=10, max_runs=3, api_token=TOKEN, models=tmp_path / "models")
    runs = Runs(database, workers, limits)
    searches = Searches(database, runs, workers)
    managers = SimpleNamespace(runs=lambda: runs, searches=lambda: searches)
    app = create_app(limits, managers=managers)
    with TestClient(app, headers=ASK) as client:
        yield SimpleNamespace(
            app=app, client=client, runs=runs, searches=searches, workers=workers, limits=limits
        )
    searches.close()
    runs.close()
    database.close()


def job_of(lab, count=1):
    wait_until(lambda: len(lab.workers.jobs) >= count)
    return lab.workers.jobs[count - 1]


def start(lab, **changes):
    answer = lab.client.post("/v1/runs", json={"config": CONFIG} | changes)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/v1/runs/{answer.json()['id']}"
    return answer.json()["id"]


def finish(lab, job, run_id, figures=()):
    files = {name: ModelStore().get("seven-segment").read(name) for name in FILES}
    job.emit(Finished("complete", 3, 3))
    job.finish(TrainedModel(files, card_of_network(figures=list(figures))))
    wait_until(lambda: not lab.runs.get(run_id).under_way)


FILES = ("model.keras", "model.tflite")


def test_without_a_token_training_is_off_and_says_so(lab):
    for limits in (Settings(), Settings(api_token=TOKEN)):
        with TestClient(create_app(limits)) as client:
            for method, path in (
                *(("GET", "/v1/runs"), ("POST", "/v1/runs"), ("GET", "/v1/searches/some")),
                ("DELETE", "/v1/runs/some"),
            ):
                answer = client.request(method, path, headers=ASK)
                assert answer.status_code == 403
                assert "DIGIT_LAB_API_TOKEN" in answer.json()["error"]
            assert not any(
                "runs" in path for path in client.get("/v1/openapi.json").json()["paths"]
            )


def test_only_the_token_opens_anything(lab):
    wrong = ["", f"Basic {TOKEN}", "Bearer no", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x"]
    for header in wrong:
        for method, path in (("GET", "/v1/runs"), ("POST", "/v1/searches"), ("GET", "/v1/runs/x")):
            answer = lab.client.request(method, path, headers={"Authorization": header})
            assert answer.status_code == 401, (header, path)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert "token" in answer.json()["error"]


def test_a_run_from_its_start_to_a_saved_model(lab):
    run_id = start(lab, name="From afar")
    job = job_of(lab)
    assert job.spec.config.epochs == 3
    early = lab.client.post(f"/v1/runs/{run_id}/save", json={"name": "mine"})
    assert (early.status_code, early.json()["error"][:29]) == (409, "This run has left no network ")
    job.emit(STARTED, epoch(1))
    wait_until(lambda: lab.runs.history(run_id).epochs)
    found = lab.client.get(f"/v1/runs/{run_id}").json()
    assert (found["name"], found["state"]) == ("From afar", "running")
    assert found["progress"]["epochs"][0]["val_accuracy"] == 0.7
    finish(lab, job, run_id)
    assert lab.client.get("/v1/runs").json()["runs"][0]["state"] == "finished"
    for file in FILES:
        content = lab.client.get(f"/v1/runs/{run_id}/files/{file}").content
        assert content == ModelStore().get("seven-segment").read(file)
    assert lab.client.get(f"/v1/runs/{run_id}/files/card.json").json()["task"] == "seven-segment"
    saved = lab.client.post(f"/v1/runs/{run_id}/save", json={"name": "mine"})
    assert (saved.status_code, saved.json()["url"]) == (201, "/v1/models/mine:predict")
    again = lab.client.post(f"/v1/runs/{run_id}/save", json={"name": "mine"})
    assert (again.status_code, "already" in again.json()["error"]) == (409, True)
    bad = lab.client.post(f"/v1/runs/{run_id}/save", json={"name": "../evil"})
    assert (bad.status_code, "A model's name has" in bad.json()["error"]) == (400, True)
    assert ModelStore(lab.limits.models).names() == ("mine",)
    assert lab.client.delete(f"/v1/runs/{run_id}").status_code == 204
    assert lab.client.get(f"/v1/runs/{run_id}").status_code == 404


def test_a_run_is_paused_goes_on_and_is_ended(lab):
    run_id = start(lab)
    job = job_of(lab)
    job.emit(STARTED)
    for action in ("pause", "resume", "stop"):
        assert lab.client.post(f"/v1/runs/{run_id}/{action}").status_code == 202
    assert job.commands == [Signal("pause"), Signal("resume"), Signal("stop")]
    wrong = lab.client.post(f"/v1/runs/{run_id}/preempt")
    assert (wrong.status_code, "'pause', 'resume' or 'stop'" in wrong.json()["error"]) == (
        400,
        True,
    )
    job.emit(epoch(1))
    job.save(1, b"not looked into")
    wait_until(lambda: lab.runs.history(run_id).epochs)
    job.emit(Paused(2, 0))
    wait_until(lambda: lab.runs.get(run_id).state == "paused")
    assert lab.client.get(f"/v1/runs/{run_id}").json()["state"] == "paused"


def test_other_people_s_runs_and_searches_are_out_of_reach(lab):
    config = TrainingConfig.parse(CONFIG)
    theirs = lab.runs.start(config, owner="you")
    search = lab.searches.start(
        SearchConfig(base=config, space=Space.parse(["dropout=0..0.5"]), trials=1), owner="you"
    )
    assert lab.client.get("/v1/runs").json() == {"runs": []}
    assert lab.client.get("/v1/searches").json() == {"searches": []}
    for method, path in (
        *(("GET", f"/v1/runs/{theirs}"), ("POST", f"/v1/runs/{theirs}/stop")),
        *(("DELETE", f"/v1/runs/{theirs}"), ("GET", f"/v1/runs/{theirs}/events")),
        *(("POST", f"/v1/runs/{theirs}/save"), ("GET", f"/v1/runs/{theirs}/files/card.json")),
        *(("GET", f"/v1/searches/{search}"), ("POST", f"/v1/searches/{search}/stop")),
        ("DELETE", f"/v1/searches/{search}"),
    ):
        body = {"name": "mine"} if path.endswith("save") else None
        answer = lab.client.request(method, path, json=body)
        assert (answer.status_code, "somebody else's" in answer.json()["error"]) == (404, True)
    assert lab.runs.get(theirs).under_way


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"config": CONFIG | {"epochs": 11}}, "10 epochs at most"),
        ({"config": CONFIG | {"epochs": 0}}, "Expected epochs in 1..1000"),
        ({"config": CONFIG | {"epoch": 5}}, "config has no entry 'epoch'"),
        ({"config": CONFIG | {"architecture": {"layers": 2}}}, "has no entry 'layers'"),
        ({"config": CONFIG | {"task": "chess"}}, "There is no task called 'chess'"),
        ({"config": "all"}, "body.config"),
        ({"config": CONFIG, "owner": "you"}, "body.owner"),
        ([], "body"),
    ],
)
def test_what_cannot_be_trained_is_refused_with_a_sentence(lab, body, sentence):
    answer = lab.client.post("/v1/runs", json=body)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]
    assert lab.runs.of("anybody") == lab.client.get("/v1/runs").json()["runs"] == []


def test_whoever_has_the_token_is_one_person_with_a_person_s_limit(lab):
    for _ in range(3):
        start(lab)
    answer = lab.client.post("/v1/runs", json={"config": CONFIG})
    assert (answer.status_code, "You have 3 runs" in answer.json()["error"]) == (400, True)


def events_in(text):
    """Returns the server-sent events in a text, each with its id and data."""
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if fields:
            found.append((fields["event"], fields.get("id"), json.loads(fields["data"])))
    return found


def test_a_run_is_followed_live_and_from_where_the_connection_broke(lab):
    run_id = start(lab)
    job = job_of(lab)
    heard = []
    with listening(lab.app) as address:

        def follow():
            with httpx.stream(
                "GET", f"{address}/v1/runs/{run_id}/events", headers=ASK, timeout=PATIENCE
            ) as answer:
                assert answer.headers["Content-Type"].startswith("text/event-stream")
                for part in answer.iter_text():
                    heard.append(part)

        thread = threading.Thread(target=follow, daemon=True)
        thread.start()
        wait_until(lambda: '"state":"queued"' in "".join(heard))
        job.emit(STARTED, epoch(1))
        wait_until(lambda: "id: 1\n" in "".join(heard))
        job.emit(epoch(2))
        wait_until(lambda: "id: 2\n" in "".join(heard))
        job.emit(epoch(3))
        finish(lab, job, run_id)
        thread.join(PATIENCE)
        told = events_in("".join(heard))
        assert [(kind, number) for kind, number, _ in told if kind == "epoch"] == [
            ("epoch", str(number)) for number in (1, 2, 3)
        ]
        assert [data["state"] for kind, _, data in told if kind == "state"][-1] == "finished"
        assert (told[-1][0], told[-1][2]["progress"]["finished"]["ending"]) == ("end", "complete")
        late = httpx.get(f"{address}/v1/runs/{run_id}/events", headers=ASK | {"Last-Event-ID": "2"})
        assert [number for kind, number, _ in events_in(late.text) if kind == "epoch"] == ["3"]


def test_a_search_is_started_followed_and_ended(lab):
    config = {"base": CONFIG, "space": ["learning_rate=0.001..0.1:log"], "trials": 2}
    answer = lab.client.post("/v1/searches", json={"config": config, "name": "Rates"})
    assert answer.status_code == 201, answer.text
    path = f"/v1/searches/{answer.json()['id']}"
    assert answer.headers["Location"] == path
    job = job_of(lab)
    job.emit(STARTED, epoch(1), epoch(2), epoch(3))
    job.emit(Finished("complete", 3, 3))
    job.finish(TrainedModel({"model.keras": b"k", "model.tflite": b"t"}, card_of_network()))
    wait_until(lambda: lab.client.get(path).json()["best_run"])
    found = lab.client.get(path).json()
    assert found["trials"][0]["accuracy"] == 0.7
    assert lab.client.get(f"/v1/runs/{found['best_run']}").json()["search"] == answer.json()["id"]
    for action, state in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        assert lab.client.post(f"{path}/{action}").json()["state"] == state
    assert lab.client.get("/v1/searches").json()["searches"][0]["name"] == "Rates"
    assert lab.client.delete(path, params={"with_runs": True}).status_code == 204
    assert lab.client.get(path).status_code == 404
    wrong = lab.client.post("/v1/searches", json={"config": config | {"space": ["speed=1..2"]}})
    assert (wrong.status_code, "speed" in wrong.json()["error"]) == (400, True)
    slip = lab.client.post("/v1/searches", json={"config": config | {"trial": 3}})
    assert (slip.status_code, "has no entry 'trial'" in slip.json()["error"]) == (400, True)


@pytest.mark.keras
@pytest.mark.slow
def test_a_real_run_becomes_a_model_that_answers(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/runs.sqlite3")
    limits = Settings(api_token=TOKEN, models=tmp_path / "models", workers=1)
    managers = OwnManagers(limits)
    try:
        with TestClient(create_app(limits, managers=managers), headers=ASK) as client:
            assert client.get("/v1/models").json() == {"models": []}
            assert managers._workers is None  # a server of predictions starts none
            config = CONFIG | {"epochs": 1, "batch_size": 1024, "share": 0.2}
            run_id = client.post("/v1/runs", json={"config": config}).json()["id"]
            wait_until(
                lambda: client.get(f"/v1/runs/{run_id}").json()["state"] in ("finished", "failed")
            )
            run = client.get(f"/v1/runs/{run_id}").json()
            assert (run["state"], run["error"]) == ("finished", "")
            assert len(run["progress"]["epochs"]) == 1
            wait_until(lambda: not client.get(f"/v1/runs/{run_id}").json()["unsaved"])
            assert client.post(f"/v1/runs/{run_id}/save", json={"name": "mine"}).is_success
            wait_until(lambda: client.get("/v1/models").json()["models"])
            rows = {"instances": [[1, 1, 1, 0, 0, 0, 0]]}
            answer = client.post("/v1/models/mine:predict", json=rows).json()["predictions"]
            assert np.sum(answer) == pytest.approx(1, abs=1e-5)
    finally:
        managers.close()
