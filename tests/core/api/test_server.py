"""The API alone, as `python -m core serve` runs it, in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading

import httpx
import pytest

from core.cli import main
from core.paths import PROJECT
from tests.support.patience import PATIENCE, wait_until

MODEL = "/v1/models/seven-segment:predict"
ROWS = {"instances": [[1, 1, 1, 1, 1, 1, 0]]}
# Runs the command as `python -m core serve` does, and says at its end what was imported.
RECORDING = """
import sys
from core.cli import main
status = main(["serve", "--port", "0"])
print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}))
sys.exit(status)
"""


class Server:
    def __init__(self, **environment):
        self.process = subprocess.Popen(
            [sys.executable, "-c", RECORDING],
            cwd=PROJECT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        line = self.process.stdout.readline()
        assert "/v1/docs" in line, line + self.process.stdout.read()
        self.url = line.split()[-1].removesuffix("/v1/docs")
        self.lines = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self):
        self.lines.extend(self.process.stdout)


@pytest.fixture
def server():
    running = Server()
    yield running
    if running.process.poll() is None:
        running.process.kill()


def test_it_ends_when_all_are_answered_and_has_loaded_neither_pages_nor_tensorflow(server):
    """A slow client holds up nobody, and gets its answer after the signal to end."""
    foreign = httpx.get(server.url + "/v2", headers={"Host": "rebound.example"})
    assert foreign.status_code == 400
    body = json.dumps(ROWS).encode()
    going_on = threading.Event()
    answers = []

    def slowly():
        yield body[:5]
        going_on.wait(PATIENCE)
        yield body[5:]

    def ask():
        answers.append(httpx.post(server.url + MODEL, content=slowly(), timeout=PATIENCE))

    asking = threading.Thread(target=ask)
    asking.start()
    wait_until(
        lambda: "digit_lab_requests_in_flight 2.0" in httpx.get(f"{server.url}/metrics").text
    )
    assert httpx.post(server.url + MODEL, json=ROWS).status_code == 200
    server.process.send_signal(signal.SIGTERM)
    wait_until(lambda: refuses(server.url))
    assert server.process.poll() is None
    going_on.set()
    asking.join(PATIENCE)
    assert answers[0].status_code == 200
    assert server.process.wait(PATIENCE) == 0
    wait_until(lambda: any(line.startswith("LOADED") for line in server.lines))
    loaded = server.lines[-1].split()
    assert "ai_edge_litert" in loaded
    assert not {"streamlit", "tensorflow", "keras", "sklearn", "sqlalchemy", "dask"} & set(loaded)
    requests = [json.loads(line) for line in server.lines if line.startswith("{")]
    assert [each["rows"] for each in requests if ":predict" in each["route"]] == [1, 1]


def refuses(url):
    try:
        httpx.get(f"{url}/v2/health/live", timeout=PATIENCE)
    except httpx.TransportError:
        return True
    return False


def test_a_port_that_is_taken_is_said(capsys):
    with socket.create_server(("localhost", 0)) as taken:
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 2
    assert "Nothing can listen at localhost" in capsys.readouterr().err
