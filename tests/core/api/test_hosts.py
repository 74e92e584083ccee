import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.responses import PlainTextResponse

from core.api import hosts
from core.api.hosts import HostGuard, is_known, may_connect


@pytest.fixture
def ask(monkeypatch):
    """Sends the guard a request: `ask("websocket", host=..., origin=...)` returns the answers."""

    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
        else:
            await PlainTextResponse("hello")(scope, receive, send)

    def ask_one(kind, names="", **headers):
        monkeypatch.setenv("DIGIT_LAB_HOSTS", names)
        hosts.named_hosts.cache_clear()
        answers = []

        async def receive():
            return {"type": f"{kind}.connect"}

        async def send(message):
            answers.append(message)

        scope = {
            "type": kind,
            "method": "GET",
            "path": "/",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        with ThreadPoolExecutor(
            1
        ) as thread:  # this one has a loop already, where a browser is driven
            thread.submit(asyncio.run, HostGuard(app)(scope, receive, send)).result()
        return answers

    yield ask_one
    hosts.named_hosts.cache_clear()


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8501",
        "LOCALHOST",
        "127.0.0.1:8501",
        "[::1]:8501",
        "192.168.1.20:8501",
        "[fe80::1]",
        "lab-pc:8501",
        "lab-pc.local",
        "lab-pc.school.example.",
    ],
)
def test_the_server_s_own_names_and_numbers_are_known(monkeypatch, host):
    monkeypatch.setattr("socket.gethostname", lambda: "Lab-PC.school.example")
    hosts._own_names.cache_clear()
    assert is_known(host, frozenset())
    hosts._own_names.cache_clear()


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "a@localhost",
        "localhost/x",
        "localhost:x",
        "[",
    ],
)
def test_other_names_are_not(host):
    assert not is_known(host, frozenset())


@pytest.mark.parametrize(
    ("host", "status"), [("lab.example:80", 200), ("other.example", 200), ("evil.example", 400)]
)
def test_a_name_can_be_added(ask, host, status):
    start, body = ask("http", "lab.example, Other.example.", host=host)
    assert start["status"] == status
    assert (b"DIGIT_LAB_HOSTS" in body["body"]) == (status == 400)


def test_any_name_can_be_allowed(ask):
    assert ask("http", "*", host="evil.example")[1]["body"] == b"hello"


@pytest.mark.parametrize(
    ("host", "origin", "reached"),
    [
        ("localhost:8501", "http://localhost:8501", True),
        ("localhost:8501", None, True),  # no browser
        ("192.168.1.20:8501", "http://192.168.1.20:8501", True),
        ("localhost:8501", "http://evil.example", False),
        ("localhost:8501", "http://localhost:9999", False),
        ("localhost:8501", "null", False),
        ("evil.example", "http://evil.example", False),
        ("localhost:8501", "https://lab.example", True),  # a proxy with a name of its own
    ],
)
def test_only_pages_of_this_server_connect(ask, host, origin, reached):
    headers = {"host": host} | ({"origin": origin} if origin else {})
    (answer,) = ask("websocket", "lab.example", **headers)
    assert answer["type"] == ("websocket.accept" if reached else "websocket.close")


def test_a_page_without_a_place_does_not_connect():
    assert not may_connect("null", "localhost", frozenset())


def test_wrong_settings_are_a_sentence_and_no_health(ask, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_WORKERS", "two")
    start, body = ask("http", host="localhost")
    assert start["status"] == 500
    assert b"Expected DIGIT_LAB_WORKERS to be a whole number" in body["body"]
    assert ask("websocket", host="localhost") == [{"type": "websocket.close", "code": 1011}]
