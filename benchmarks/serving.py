"""Answers over HTTP: beside LiteRT in this process, beside a bare FastAPI route, and for many.

All three are measured in turn, an answer each, so that what else the machine does meanwhile meets
all of them, and so that LiteRT finds the processor's caches as a server does: full of other things.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import keep, running, summary
from core.models.loader import load_classifier
from core.models.store import ModelStore

MODELS = ("seven-segment", "handwritten")
ROWS = (1, 32, 500)
ROUNDS = 20
EACH = {1: 20, 32: 10, 500: 2}  # requests in a round, by rows
CONNECTIONS = 8  # for the requests a second
SECONDS = 3.0
CLIENTS, OF_EACH = 200, 20
AIM = 1.1  # the median at most so many times that of the bare route and LiteRT together
SERVE = ("-m", "core", "serve", "--port")
BARE = ("-m", "uvicorn", "benchmarks.bare_apps.route:app", "--no-access-log", "--port")
READY = "/v2/health/ready"
# A benchmark is one client that asks as often as it can.
LIMITS = {"DIGIT_LAB_API_RATE": "1000000", "DIGIT_LAB_API_REQUESTS": "1000"}


@dataclass(frozen=True)
class Case:
    """What is asked.

    Args:
        model: name of a saved model.
        x: float32, shape (n, *input_shape).
    """

    model: str
    x: NDArray[np.float32]

    @property
    def path(self) -> str:
        """The address on the server."""
        return f"/v1/models/{self.model}:predict"

    @property
    def body(self) -> bytes:
        """The rows as JSON, with two decimals as a picture has them."""
        rows = self.x.astype(np.float64).round(2).tolist()
        return json.dumps({"instances": rows}, separators=(",", ":")).encode()


def milliseconds(work: Callable[[], object]) -> float:
    """Runs work once, and returns how long it took."""
    begin = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begin)


class Client:
    """One connection that stays open, as an HTTP library keeps it."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port)

    def ask(self, case: Case, body: bytes) -> bytes:
        """Sends a request; returns the answer, which must be good."""
        self._connection.request("POST", case.path, body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        answer = response.read()
        assert response.status == 200, answer[:200]
        return answer

    def close(self) -> None:
        """Hangs up, and connects at the next request: servers hang up on who is silent for 5 s."""
        self._connection.close()


def measure(case: Case, ours: str, bare: str) -> dict[str, Any]:
    """Measures one case from a single client, and checks that the answers are the model's."""
    rows, body = len(case.x), case.body
    classifier = load_classifier(ModelStore().get(case.model))
    sent = np.array(json.loads(body)["instances"], np.float32)
    lab, plain = Client(ours), Client(bare)
    answered = np.array(json.loads(lab.ask(case, body))["predictions"])
    assert np.abs(answered - classifier.predict(sent)).max() < 1e-5
    plain.ask(case, body)
    taken: dict[str, list[float]] = {"api": [], "bare": [], "litert": []}
    for _ in range(ROUNDS):
        for client in (lab, plain):  # the first answer over a connection does not count
            client.close()
            client.ask(case, body)
        for _ in range(EACH[rows]):
            taken["bare"].append(milliseconds(lambda: plain.ask(case, body)))
            taken["litert"].append(milliseconds(lambda: classifier.predict_uncalibrated(sent)))
            taken["api"].append(milliseconds(lambda: lab.ask(case, body)))
    lab.close()
    plain.close()
    found: dict[str, Any] = {name: summary(values) for name, values in taken.items()}
    both = found["bare"]["p50"] + found["litert"]["p50"]
    return found | {"over_bare_and_litert": round(found["api"]["p50"] / both, 2), "aim": AIM}


@dataclass
class Crowd:
    """What many clients at once were answered.

    Args:
        taken: milliseconds of each answer.
        errors: what went wrong.
        seconds: from the first request to the last answer.
    """

    taken: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def numbers(self) -> dict[str, Any]:
        """What is kept."""
        a_second = round(len(self.taken) / self.seconds)
        return summary(self.taken) | {"requests_a_second": a_second, "errors": len(self.errors)}


async def crowd(
    address: str, case: Case, clients: int, *, of_each: int = 0, seconds: float = 0.0
) -> Crowd:
    """Has many clients ask at once, each over a connection of its own.

    Args:
        address: of the server.
        case: what they ask.
        clients: how many.
        of_each: requests of each client; 0 to ask until the time is over.
        seconds: the time, if it is that.
    """
    found = Crowd()
    parts = urlsplit(address)
    body = case.body
    head = (
        f"POST {case.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    request = head.encode() + body
    begin = time.perf_counter()

    async def one() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        asked = 0
        while asked < of_each if of_each else time.perf_counter() - begin < seconds:
            asked += 1
            start = time.perf_counter()
            writer.write(request)
            await writer.drain()
            answer = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.partition(b":")[2])
                for line in answer.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            )
            content = await reader.readexactly(length)
            found.taken.append(1000 * (time.perf_counter() - start))
            if not answer.startswith(b"HTTP/1.1 200"):
                found.errors.append(content[:200].decode(errors="replace"))
        writer.close()

    for result in await asyncio.gather(*(one() for _ in range(clients)), return_exceptions=True):
        if isinstance(result, BaseException):
            found.errors.append(repr(result))
    found.seconds = time.perf_counter() - begin
    return found


def main() -> None:
    """Measures every case, and keeps what was found."""
    cases: dict[str, Any] = {}
    random = np.random.default_rng(0)
    store = ModelStore()
    heading = ("API p50", "p95", "bare p50", "LiteRT p50", "ratio", "a second", "bare")
    print(f"{'model':16}{'rows':>5}" + "".join(f"{each:>12}" for each in heading))
    with (
        running(SERVE, health=READY, **LIMITS) as (ours, _),
        running(BARE, health=READY) as (bare, _),
    ):
        for name in MODELS:
            shape = store.get(name).task.input_shape
            for rows in ROWS:
                case = Case(name, random.random((rows, *shape), np.float32).round(2))
                found = measure(case, ours, bare)
                for key, address in (("api", ours), ("bare", bare)):
                    many = asyncio.run(crowd(address, case, CONNECTIONS, seconds=SECONDS))
                    assert not many.errors, many.errors[:3]
                    found[key]["requests_a_second"] = many.numbers["requests_a_second"]
                cases[f"{name}, {rows}"] = found
                api, without = found["api"], found["bare"]
                shown = (
                    *(api["p50"], api["p95"], without["p50"], found["litert"]["p50"]),
                    *(found["over_bare_and_litert"], api["requests_a_second"]),
                    without["requests_a_second"],
                )
                print(f"{name:16}{rows:>5}" + "".join(f"{number:>12,}" for number in shown))
        one_row = Case(MODELS[0], np.ones((1, *store.get(MODELS[0]).task.input_shape), np.float32))
        many = asyncio.run(crowd(ours, one_row, CLIENTS, of_each=OF_EACH))
    print(f"{CLIENTS} clients at once: {many.numbers}")
    print("\n".join(many.errors[:5]))
    keep(
        "serving",
        {
            "unit": "milliseconds",
            "connections": CONNECTIONS,
            "cases": cases,
            "clients_at_once": {"clients": CLIENTS, "requests": CLIENTS * OF_EACH, **many.numbers},
        },
    )


if __name__ == "__main__":
    main()
