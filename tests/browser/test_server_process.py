"""The server's process itself: what it loads, and what is left of it when it ends."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import REPOSITORY, _free_port, _stop, _wait_until_healthy

# Runs the app as `streamlit run` does, and on a signal writes down which modules it has loaded.
RECORDING_SERVER = """
import json, signal, sys
from pathlib import Path
from streamlit.web.cli import main

record, port = sys.argv[1:]

def write(*_):
    draft = Path(record + ".draft")
    draft.write_text(json.dumps(sorted(sys.modules)))
    draft.rename(record)

signal.signal(signal.SIGUSR1, write)
sys.argv = ["streamlit", "run", "app.py", "--server.port", port]
main()
"""


@pytest.mark.slow
def test_server_visits_every_page_without_tensorflow_and_ends_its_workers(
    browser: Browser, app_models: Path, tmp_path: Path
):
    record, log_file, port = tmp_path / "modules.json", tmp_path / "server.log", _free_port()
    url = f"http://localhost:{port}"
    with log_file.open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-c", RECORDING_SERVER, str(record), str(port)],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "DIGIT_LAB_MODELS": str(app_models),
                "DATABASE_URL": f"sqlite:///{tmp_path / 'runs.sqlite3'}",
                "PYTHONPATH": str(REPOSITORY),
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_healthy(server, url, log_file)
        page = browser.new_page()
        # The very first visitor follows a link to a page that is not the start page.
        page.goto(f"{url}/draw")
        expect(page.get_by_role("button", name="Read digits")).to_be_visible()
        canvas = page.locator("canvas").last
        canvas.wait_for()
        box = canvas.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 160, box["y"] + 50)
        page.mouse.down()
        page.mouse.move(box["x"] + 160, box["y"] + 270, steps=8)
        page.mouse.up()
        expect(page.locator(".st-key-prediction .digit-lab-answer")).to_have_text("1")
        page.goto(f"{url}/?pattern=1110000")
        expect(page.locator(".st-key-prediction .digit-lab-answer")).to_have_text("7")
        page.goto(f"{url}/noise?level=0.15")
        expect(page.get_by_text("62.1 %").first).to_be_visible(timeout=60_000)
        # Training needs TensorFlow; it is to be had in a worker, not here.
        page.goto(f"{url}/train?recipe=guide&epochs=1&batch_size=1024")
        page.get_by_role("button", name="Start training").click()
        expect(page.get_by_role("button", name="Save model")).to_be_visible(timeout=90_000)
        os.kill(server.pid, signal.SIGUSR1)
        deadline = time.monotonic() + 10
        while not record.exists() and time.monotonic() < deadline:
            server.poll()
        loaded = set(json.loads(record.read_text()))
        assert "ai_edge_litert.interpreter" in loaded  # it did answer here
        assert not loaded & {"tensorflow", "keras"}

        workers = psutil.Process(server.pid).children(recursive=True)
        assert workers, "training runs in processes of its own"
        server.kill()  # no farewell, as in a crash
        _, alive = psutil.wait_procs(workers, timeout=20)
        assert not alive
    finally:
        _stop(server)


def serve(port: int, folder: Path, models: Path, log) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "DIGIT_LAB_MODELS": str(models),
            "DATABASE_URL": f"sqlite:///{folder / 'runs.sqlite3'}",
        },
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.slow
@pytest.mark.parametrize("farewell", [signal.SIGKILL, signal.SIGINT], ids=["killed", "stopped"])
def test_a_run_outlives_its_server(
    browser: Browser, app_models: Path, tmp_path: Path, farewell: signal.Signals
):
    port, log_file = _free_port(), tmp_path / "server.log"
    url = f"http://localhost:{port}"
    with log_file.open("wb") as log:
        server = serve(port, tmp_path, app_models, log)
        try:
            _wait_until_healthy(server, url, log_file)
            page = browser.new_page()
            page.goto(f"{url}/train?recipe=guide&epochs=12&batch_size=64")
            page.get_by_role("button", name="Start training").click()
            expect(page.get_by_text(re.compile(r"^Epoch [2-9] of 12"))).to_be_visible(
                timeout=90_000
            )
            server.send_signal(farewell)
            server.wait(timeout=30)
            server = serve(port, tmp_path, app_models, log)
            _wait_until_healthy(server, url, log_file)
            page.goto(f"{url}/train")
            expect(page.get_by_text("This run was interrupted")).to_be_visible()
            page.get_by_role("button", name="Resume").click()
            expect(page.get_by_text("All epochs are done. 12 of 12 epochs")).to_be_visible(
                timeout=90_000
            )
            assert "Traceback" not in log_file.read_text()
        finally:
            _stop(server)
