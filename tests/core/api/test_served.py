"""Models come, change and go while the API answers."""

import asyncio
import shutil
import threading

import pytest
from starlette.testclient import TestClient

from core.api import served as module
from core.api.app import create_app
from core.api.mounting import is_api
from core.api.served import Served
from core.api.work import Work
from core.models import ModelStore
from core.settings import Settings
from tests.support.models import save_copy

ROW = {"instances": [[1, 1, 1, 1, 1, 1, 0]]}


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models")


@pytest.fixture
def client(store, monkeypatch):
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.0)  # looks each time
    return TestClient(create_app(Settings(), store))


def test_a_model_is_served_as_soon_as_it_is_saved_anew_when_replaced_and_not_when_deleted(
    store, client
):
    assert client.get("/v2/health/ready").status_code == 503
    assert client.post("/v1/models/mine:predict", json=ROW).status_code == 404
    save_copy(store, "seven-segment", "mine")
    assert client.get("/v2/health/ready").status_code == 200
    first = client.post("/v1/models/mine:predict", json=ROW).json()
    save_copy(store, "seven-segment-flip", "mine", replace=True)
    second = client.post("/v1/models/mine:predict", json=ROW).json()
    assert first != second
    shutil.rmtree(store.root / "mine")
    assert client.post("/v1/models/mine:predict", json=ROW).status_code == 404


def test_a_damaged_model_says_why_it_does_not_answer(store, client):
    save_copy(store, "seven-segment", "mine")
    (store.root / "mine" / "model.tflite").write_bytes(b"x")
    (status,) = client.get("/v1/models/mine").json()["model_version_status"]
    assert status["state"] == "END"
    assert status["status"]["error_code"] == "FAILED_PRECONDITION"
    assert "damaged" in status["status"]["error_message"]
    answer = client.post("/v1/models/mine:predict", json=ROW)
    assert answer.status_code == 404
    assert "damaged" in answer.json()["error"]
    assert client.get("/v1/models").json() == {"models": []}


def test_only_what_takes_no_time_is_answered_where_others_wait():
    quick = Served.of(ModelStore().get("seven-segment"))
    one_row = 7
    quick = Served(quick.model, quick.classifier, row_seconds=1e-5, further_seconds=1e-7)
    assert quick.answers_at_once(one_row)
    assert quick.answers_at_once(500 * one_row)  # a batch takes little longer than a row
    assert not quick.answers_at_once(20_000 * one_row)
    quick.under_way.add(object())  # a thread has the interpreter, for who knows how long
    assert not quick.answers_at_once(one_row)
    slow = Served(quick.model, quick.classifier, row_seconds=0.01, further_seconds=0)
    assert not slow.answers_at_once(one_row)


@pytest.mark.parametrize(("size", "at_once"), [(1_000, True), (20_000_000, False)])
def test_a_long_request_is_not_read_where_others_wait(size, at_once):
    """However few numbers are in it: reading it takes time."""
    served = Served.of(ModelStore().get("seven-segment"))
    body = b'{"instances": "' + b" " * size + b'"}'
    here = threading.get_ident()
    where = asyncio.run(Work(rows=10).ask(served, body, lambda _: threading.get_ident()))
    assert (where == here) == at_once


def test_pages_keep_their_addresses():
    assert all(map(is_api, ("/v1", "/v1/models", "/v2", "/v2/health/live", "/metrics")))
    assert not any(map(is_api, ("/", "/start", "/draw", "/v11", "/metrics2", "/_stcore/health")))


def test_a_bundled_ensemble_is_listed_with_what_it_takes():
    listed = TestClient(create_app(Settings())).get("/v1/models").json()["models"]
    ensemble = next(each for each in listed if each["name"] == "handwritten-ensemble")
    assert ensemble["input_shape"] == [28, 28, 1]
    assert ensemble["classes"] == list("0123456789")
    assert ensemble["reads_pictures"] is True
