"""The server's process itself: what it loads, and what is left of it when it ends."""

import json
import os
import re
import signal
import urllib.error
import urllib.request

import psutil
import pytest
from playwright.sync_api import expect

from core.api.hosts import is_loopback
from tests.browser.pictures import ONE
from tests.browser.test_draw import draw
from tests.support.patience import PATIENCE, wait_until, wait_until_gone

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


@pytest.mark.keras
@pytest.mark.slow
def test_server_visits_every_page_without_tensorflow_and_ends_its_workers(
    own_server, open_page, tmp_path
):
    record = tmp_path / "modules.json"
    app = own_server(("-c", RECORDING_SERVER, str(record)))
    page = open_page()
    # The very first visitor follows a link to a page that is not the start page.
    page.goto(f"{app.url}/draw")
    expect(page.get_by_role("button", name="Read digits")).to_be_visible()
    draw(page, ONE)
    expect(page.locator(".st-key-prediction .digit-lab-answer")).to_have_text("1")
    page.goto(f"{app.url}/?pattern=1110000")
    expect(page.locator(".st-key-prediction .digit-lab-answer")).to_have_text("7")
    page.goto(f"{app.url}/noise?level=0.15")
    expect(page.get_by_text("62.1 %").first).to_be_visible()
    # Training needs TensorFlow; it is to be had in a worker, not here.
    page.goto(f"{app.url}/train?recipe=guide&epochs=1&batch_size=1024")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("button", name="Save model")).to_be_visible()
    os.kill(app.process.pid, signal.SIGUSR1)
    wait_until(record.exists)
    loaded = set(json.loads(record.read_text()))
    assert "ai_edge_litert.interpreter" in loaded  # it did answer here
    assert not loaded & {"tensorflow", "keras"}

    workers = app.descendants()
    assert workers, "training runs in processes of its own"
    page.goto("about:blank")  # no page shall complain of the end
    app.process.kill()  # no farewell, as in a crash
    wait_until_gone(workers)


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.parametrize("farewell", [signal.SIGKILL, signal.SIGINT], ids=["killed", "stopped"])
def test_a_run_outlives_its_server(own_server, open_page, page_problems, farewell):
    app = own_server()
    page = open_page()
    page.goto(f"{app.url}/train?recipe=guide&epochs=40&batch_size=64")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text(re.compile(r"^Epoch ([2-9]|[12]\d) of 40"))).to_be_visible()
    app.process.send_signal(farewell)
    app.process.wait(timeout=PATIENCE)
    app.start()
    page.goto(f"{app.url}/train")
    expect(page.get_by_text("This run was interrupted")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("All epochs are done. 40 of 40 epochs")).to_be_visible()
    assert "Traceback" not in app.log_file.read_text()
    page_problems.clear()  # the page had lost its server for a while


def test_other_devices_and_other_names_do_not_reach_the_server(server, app_url):
    for process in (psutil.Process(server.process.pid), *server.descendants()):
        for connection in process.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN:
                assert is_loopback(connection.laddr.ip), (process.cmdline(), connection.laddr)
    request = urllib.request.Request(app_url, headers={"Host": "elsewhere.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=PATIENCE)
    assert refused.value.code == 400
