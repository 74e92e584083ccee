"""The server's process itself: what it loads, and what is left of it when it ends."""

import json
import os
import re
import signal
import time
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect

from tests.running_app import running_app

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
    record = tmp_path / "modules.json"
    with running_app(app_models, tmp_path, ("-c", RECORDING_SERVER, str(record))) as app:
        page = browser.new_page()
        # The very first visitor follows a link to a page that is not the start page.
        page.goto(f"{app.url}/draw")
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
        page.goto(f"{app.url}/?pattern=1110000")
        expect(page.locator(".st-key-prediction .digit-lab-answer")).to_have_text("7")
        page.goto(f"{app.url}/noise?level=0.15")
        expect(page.get_by_text("62.1 %").first).to_be_visible(timeout=60_000)
        # Training needs TensorFlow; it is to be had in a worker, not here.
        page.goto(f"{app.url}/train?recipe=guide&epochs=1&batch_size=1024")
        page.get_by_role("button", name="Start training").click()
        expect(page.get_by_role("button", name="Save model")).to_be_visible(timeout=90_000)
        os.kill(app.process.pid, signal.SIGUSR1)
        deadline = time.monotonic() + 10
        while not record.exists() and time.monotonic() < deadline:
            app.process.poll()
        loaded = set(json.loads(record.read_text()))
        assert "ai_edge_litert.interpreter" in loaded  # it did answer here
        assert not loaded & {"tensorflow", "keras"}

        workers = psutil.Process(app.process.pid).children(recursive=True)
        assert workers, "training runs in processes of its own"
        app.process.kill()  # no farewell, as in a crash
        _, alive = psutil.wait_procs(workers, timeout=20)
        assert not alive


@pytest.mark.slow
@pytest.mark.parametrize("farewell", [signal.SIGKILL, signal.SIGINT], ids=["killed", "stopped"])
def test_a_run_outlives_its_server(
    browser: Browser, app_models: Path, tmp_path: Path, farewell: signal.Signals
):
    with running_app(app_models, tmp_path) as app:
        page = browser.new_page()
        page.goto(f"{app.url}/train?recipe=guide&epochs=12&batch_size=64")
        page.get_by_role("button", name="Start training").click()
        expect(page.get_by_text(re.compile(r"^Epoch [2-9] of 12"))).to_be_visible(timeout=90_000)
        app.process.send_signal(farewell)
        app.process.wait(timeout=30)
        app.start()
        page.goto(f"{app.url}/train")
        expect(page.get_by_text("This run was interrupted")).to_be_visible()
        page.get_by_role("button", name="Resume").click()
        expect(page.get_by_text("All epochs are done. 12 of 12 epochs")).to_be_visible(
            timeout=90_000
        )
        assert "Traceback" not in app.log_file.read_text()
