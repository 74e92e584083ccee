"""The limits, the log, the counters and the ids of requests."""

import asyncio
import json

import httpx
import pytest
from starlette.testclient import TestClient

from core.api.app import create_app
from core.api.guard import Rate
from core.settings import Settings

MODEL = "/v1/models/seven-segment"
ROW = [1, 1, 1, 1, 1, 1, 0]


@pytest.fixture
def ask_with():
    """Makes an API with these limits; gives a client and the lines of its log."""

    def make(**limits):
        lines = []
        client = TestClient(create_app(Settings(**limits), log=lines.append))
        return client, lines

    return make


def test_a_body_above_the_limit_is_refused_announced_or_not(ask_with):
    client, _ = ask_with(api_megabytes=1)
    large = b" " * 1_000_001

    def in_parts():
        yield large[:600_000]
        yield large[600_000:]

    for content in (large, in_parts()):
        for path in (f"{MODEL}:predict", "/v2/models/seven-segment/infer", "/v1/read"):
            if content is not large and path != f"{MODEL}:predict":
                continue  # a generator can be read once
            answer = client.post(path, content=content)
            assert answer.status_code == 413
            assert "DIGIT_LAB_API_MEGABYTES" in answer.json()["error"]


def test_rows_above_the_limit_are_refused(ask_with):
    client, _ = ask_with(api_rows=3)
    for path, body in (
        (f"{MODEL}:predict", {"instances": [ROW] * 4}),
        (f"{MODEL}:predict", {"inputs": [ROW] * 4}),
        ("/v1/segments", {"patterns": ["1111110"] * 4}),
        (
            "/v2/models/seven-segment/infer",
            {"inputs": [{"name": "input", "shape": [4, 7], "datatype": "FP32", "data": [ROW] * 4}]},
        ),
    ):
        answer = client.post(path, json=body)
        assert answer.status_code == 413, path
        assert "DIGIT_LAB_API_ROWS" in answer.json()["error"]
    assert client.post(f"{MODEL}:predict", json={"instances": [ROW] * 3}).status_code == 200


def test_a_client_that_asks_too_often_is_told_when_to_ask_again(ask_with):
    client, _ = ask_with(api_rate=1)
    statuses = [client.get("/v2").status_code for _ in range(20)]
    assert statuses[:2] == [200, 200]  # two seconds' requests at once
    assert 429 in statuses
    refused = client.get("/v2")
    while refused.status_code != 429:
        refused = client.get("/v2")
    assert int(refused.headers["Retry-After"]) >= 1
    assert client.get("/v2/health/live").status_code == 200  # probes always get through


def test_the_rate_is_each_clients_own_and_recovers():
    rate = Rate(10)
    assert [rate.wait("a", 0.0) for _ in range(20)] == [0.0] * 20
    assert rate.wait("a", 0.0) == pytest.approx(0.1)
    assert rate.wait("b", 0.0) == 0.0
    assert rate.wait("a", 0.1) == 0.0
    assert rate.wait("a", 0.1) > 0
    for number in range(20_000):
        rate.wait(str(number), 0.2)
    assert len(rate._clients) <= 10_000


def test_more_requests_at_a_time_than_allowed_are_sent_away():
    """One request waits for its body while others come."""
    api = create_app(Settings(api_requests=1))

    async def run():
        coming = asyncio.Event()

        async def body():
            await coming.wait()
            yield json.dumps({"instances": [ROW]}).encode()

        transport = httpx.ASGITransport(api)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            first = asyncio.create_task(client.post(f"{MODEL}:predict", content=body()))
            while "in_flight 1.0" not in api.state.context.metrics.exposition().decode():
                await asyncio.sleep(0)
            second = await client.get("/v2")
            healthy = await client.get("/v2/health/live")
            coming.set()
            return second, healthy, await first

    second, healthy, first = asyncio.run(run())
    assert (second.status_code, healthy.status_code, first.status_code) == (503, 200, 200)
    assert second.headers["Retry-After"] == "1"


def test_a_body_that_does_not_come_is_not_waited_for():
    api = create_app(Settings(api_seconds=1))

    async def run():
        async def body():
            await asyncio.sleep(3600)
            yield b""

        transport = httpx.ASGITransport(api)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post(f"{MODEL}:predict", content=body())

    answer = asyncio.run(run())
    assert answer.status_code == 408
    assert "1 seconds" in answer.json()["error"]


def test_a_client_that_goes_away_is_no_fault_of_the_server(caplog):
    lines = []
    api = create_app(Settings(), log=lines.append)
    coming = iter(
        [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    )
    sent = []

    async def receive():
        return next(coming)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": f"{MODEL}:predict", "headers": [],
             "query_string": b"", "client": ("127.0.0.1", 1)}  # fmt: skip
    asyncio.run(api(scope, receive, send))
    assert not sent
    assert not caplog.records
    assert json.loads(lines[0])["status"] == 499


def test_compressed_bodies_are_not_read(ask_with):
    client, _ = ask_with()
    answer = client.post(f"{MODEL}:predict", content=b"x", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_each_request_has_an_id_and_a_line_in_the_log(ask_with):
    client, lines = ask_with()
    given = client.post(
        f"{MODEL}:predict", json={"instances": [ROW] * 2}, headers={"X-Request-ID": "lesson-3.a"}
    )
    assert given.headers["X-Request-ID"] == "lesson-3.a"
    forged = client.get("/v1/nothing?x=1", headers={"X-Request-ID": 'a"}\\n{"id": "b'})
    made = forged.headers["X-Request-ID"]
    assert len(made) == 32
    assert made.isalnum()
    first, second = map(json.loads, lines)
    assert first | {"time": 0, "ms": 0} == {
        "time": 0,
        "id": "lesson-3.a",
        "method": "POST",
        "route": "/v1/models/{name}:predict",
        "status": 200,
        "ms": 0,
        "rows": 2,
    }
    assert (second["id"], second["route"], second["status"]) == (made, "none", 404)
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines)


def test_counters_have_routes_and_statuses_and_nothing_that_clients_choose(ask_with):
    client, _ = ask_with()
    client.post(f"{MODEL}:predict", json={"instances": [ROW] * 5})
    for number in range(30):
        client.get(f"/v1/models/secret-{number}")
        client.get(f"/secret-{number}")
        client.request(f"SECRET{number}", "/v2")
    text = client.get("/metrics").text
    predict = 'route="/v1/models/{name}:predict"'
    assert f'digit_lab_requests_total{{method="POST",{predict},status="200"}} 1.0' in text
    assert f"digit_lab_rows_total{{{predict}}} 5.0" in text
    assert f"digit_lab_request_seconds_count{{{predict}}} 1.0" in text
    assert 'method="GET",route="/v1/models/{name}",status="404"} 30.0' in text
    assert 'route="none",status="404"} 30.0' in text
    assert "digit_lab_requests_in_flight 1.0" in text  # the one for the counters
    assert "secret" not in text.lower()


def test_a_fault_in_the_server_is_a_sentence_without_its_insides(ask_with, monkeypatch, caplog):
    client, lines = ask_with()
    monkeypatch.setattr("core.api.predict._read", lambda *_: 1 / 0)
    answer = client.post(f"{MODEL}:predict", json={"instances": [ROW]})
    assert answer.status_code == 500
    assert answer.json() == {"error": "Something went wrong in the server."}
    assert "ZeroDivisionError" in caplog.text  # whoever runs it can find out
    assert json.loads(lines[-1])["status"] == 500


def test_a_fault_that_fastapi_meets_is_told_in_the_same_words(ask_with, monkeypatch, caplog):
    client, lines = ask_with()
    monkeypatch.setattr("core.api.tensorflow_serving._entry", lambda _: 1 / 0)
    answer = client.get("/v1/models")
    assert (answer.status_code, answer.json()) == (
        500,
        {"error": "Something went wrong in the server."},
    )
    assert "ZeroDivisionError" in caplog.text
    assert json.loads(lines[-1])["status"] == 500


def test_other_web_pages_may_ask_only_if_they_are_listed(ask_with):
    page = {"Origin": "https://school.example"}
    closed, _ = ask_with()
    assert "Access-Control-Allow-Origin" not in closed.get("/v2", headers=page).headers
    opened, _ = ask_with(api_origins="https://school.example", api_rows=1)
    answer = opened.get("/v2", headers=page)
    assert answer.headers["Access-Control-Allow-Origin"] == page["Origin"]
    asked = opened.options(
        f"{MODEL}:predict",
        headers=page
        | {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert asked.status_code == 200
    other = opened.get("/v2", headers={"Origin": "https://other.example"})
    assert "Access-Control-Allow-Origin" not in other.headers
    refused = opened.post(f"{MODEL}:predict", json={"instances": [ROW] * 2}, headers=page)
    assert refused.status_code == 413
    assert refused.headers["Access-Control-Allow-Origin"] == page["Origin"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_page_of_another_server_is_not_computed_for(ask_with, origin):
    client, _ = ask_with()
    answer = client.post(f"{MODEL}:predict", json={"instances": [ROW]}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "DIGIT_LAB_API_ORIGINS" in answer.json()["error"]


@pytest.mark.parametrize(
    ("origins", "origin"),
    [
        (None, "http://testserver"),
        ("https://school.example, https://b.example", "https://b.example"),
        ("*", "null"),
    ],
)
def test_own_pages_and_those_let_in_are_answered(ask_with, origins, origin):
    client, _ = ask_with(api_origins=origins)
    answer = client.post(f"{MODEL}:predict", json={"instances": [ROW]}, headers={"Origin": origin})
    assert answer.status_code == 200


@pytest.mark.parametrize("form", ["instances", "inputs"])
def test_too_many_rows_are_refused_before_they_are_looked_at(ask_with, form):
    client, _ = ask_with(api_rows=2)
    answer = client.post(f"{MODEL}:predict", json={form: [ROW, ROW, "no row"]})
    assert answer.status_code == 413
    data = {"name": "input", "datatype": "FP32", "shape": [3, 7], "data": ["no number"]}
    answer = client.post("/v2/models/seven-segment/infer", json={"inputs": [data]})
    assert answer.status_code == 413
