"""What server, scheduler and workers take: memory, and the processor time of a click.

Memory is counted in two ways. PSS is what a process has, with what it shares divided among those
that share it: the sum is what a container takes. RSS counts shared pages in full: it is what one
process takes that is alone in its container. Processor time, unlike time on the clock, is about
the same on a busy machine. A server's pages run in one process, on about one core, so what a click
costs says how many people one server can serve.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import psutil
from playwright.sync_api import Browser, Page

from benchmarks.harness import APP, REPOSITORY, RESULTS, chromium, keep, serving_process, wait_for
from benchmarks.memory import LIMIT, MEGABYTE, RUNS, SETTLED_SECONDS, train
from benchmarks.reliability import BUTTON, PAGES, visit
from benchmarks.visitor import visitor

CLICKS, OPENINGS, STROKES, LOADS, REQUESTS = 200, 5, 20, 6, 500
IDLE_SECONDS, IDLE_PEOPLE = 20, 20
LOOKS, LOOK_SECONDS = 20, 0.5
SECONDS_BETWEEN_CLICKS = 5  # of a person who is at it
SHARE = 0.6  # of a core that clicks may take on average, for clicks come in bursts
CLICK, STROKE = "clicks on the start page", "draws a stroke"
NUMBERS = {"as many workers as suit the machine": "", "one worker": "1"}
PARTS = ("API alone", "processor time", "people per core", "memory")
ANSWERED = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def sizes(process: psutil.Process) -> dict[str, int]:
    """Returns the megabytes of a process, PSS and RSS."""
    memory = process.memory_full_info()
    return {"pss": round(memory.pss / MEGABYTE), "rss": round(memory.rss / MEGABYTE)}


def row_of(server: psutil.Process) -> dict[str, Any]:
    """Returns the sizes of the server, the scheduler and each worker, and the sum of all PSS."""
    row: dict[str, Any] = {"server": sizes(server), "scheduler": None, "workers": []}
    total = row["server"]["pss"]
    for child in server.children(recursive=True):
        found, words = sizes(child), " ".join(child.cmdline())
        total += found["pss"]
        if "core.workers.cluster" in words:
            row["scheduler"] = found
        elif "spawn_main" in words:
            row["workers"].append(found)
    row["workers"].sort(key=lambda worker: worker["pss"])
    return {**row, "all": total}


def largest(server: psutil.Process) -> dict[str, Any]:
    """Looks again and again for a while; returns the row that was largest in all."""
    rows = []
    for _ in range(LOOKS):
        rows.append(row_of(server))
        time.sleep(LOOK_SECONDS)
    return max(rows, key=lambda row: int(row["all"]))


@contextlib.contextmanager
def serving_app(workers: str = "") -> Iterator[tuple[str, psutil.Process]]:
    """Runs the app with data of its own; yields its address and process."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/runs.sqlite3"
        os.environ["DIGIT_LAB_UPLOADS"] = f"{folder}/uploads"
        os.environ["DIGIT_LAB_WORKERS"] = workers
        with serving_process(APP) as (address, number):
            yield address, psutil.Process(number)


def memory(workers: str, visits: int) -> dict[str, Any]:
    """Measures a server with so many workers: at first, after visits, in runs and after them.

    Args:
        workers: their number; empty for as many as suit the machine.
        visits: pages that are opened, a few at a time.
    """
    rows: dict[str, Any] = {}
    with serving_app(workers) as (address, server):
        with chromium() as browser:
            page = patient(browser)
            page.goto(address)
            page.locator(".st-key-prediction .digit-lab-answer").wait_for()
            rows["the first page is there"] = row_of(server)
        asyncio.run(visit(address, visits))
        rows[f"after {visits} visits"] = row_of(server)
        with chromium() as browser:
            page = patient(browser)
            for name, link in RUNS.items():
                rows[f"in a run: {name}"] = train(page, address, link, lambda: largest(server))
                time.sleep(SETTLED_SECONDS)
                rows[f"after it: {name}"] = row_of(server)
    return rows


def patient(browser: Browser) -> Page:
    """Returns a new page that waits longer than usual: other things may be going on."""
    page = browser.new_page()
    page.set_default_timeout(LIMIT)
    return page


class Clock:
    """Processor time of a server."""

    def __init__(self, server: psutil.Process) -> None:
        self._server = server
        self.costs: dict[str, float] = {}
        self._begin()

    def _begin(self) -> None:
        times = self._server.cpu_times()
        self._before = times.user + times.system

    def start(self) -> None:
        """Counts from now on."""
        self._begin()

    def note(self, what: str, times: int) -> None:
        """Notes the milliseconds that each of so many actions has cost since the start."""
        before = self._before
        self._begin()
        self.costs[what] = round(1000 * (self._before - before) / times, 1)
        print(f"{what:40} {self.costs[what]:8.1f} ms")


async def without_a_browser(address: str, clock: Clock) -> None:
    """Opens pages, clicks, and looks on idly."""
    for page in PAGES:
        async with visitor(address) as person:
            await person.open(page)  # once for what is loaded at the first time
        clock.start()
        for _ in range(OPENINGS):
            async with visitor(address) as person:
                await person.open(page)
        clock.note(f"opens /{page}", OPENINGS)
    async with visitor(address) as person:
        button = (await person.open()).buttons[BUTTON]
        await person.press(button)
        clock.start()
        for _ in range(CLICKS):
            await person.press(button)
        clock.note(CLICK, CLICKS)
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(IDLE_PEOPLE):
            await (await stack.enter_async_context(visitor(address))).open()
        clock.start()
        await asyncio.sleep(IDLE_SECONDS)
        clock.note("looks on for a second", IDLE_SECONDS * IDLE_PEOPLE)


def with_a_browser(browser: Browser, address: str, clock: Clock) -> None:
    """Comes for the first time, clicks digits, and draws."""
    for number in range(LOADS + 1):
        if number == 1:
            clock.start()
        context = browser.new_context()
        page = context.new_page()
        page.set_default_timeout(LIMIT)
        page.goto(address)
        page.locator(".js-plotly-plot").wait_for()
        page.locator(ANSWERED).wait_for()
        context.close()
    clock.note("comes for the first time, all files", LOADS)
    page = patient(browser)
    page.goto(f"{address}/draw")
    sheet = page.locator("canvas").last
    sheet.wait_for()
    page.wait_for_timeout(3_000)
    box = sheet.bounding_box()
    assert box is not None
    for number in range(STROKES + 1):
        if number == 1:
            clock.start()
        page.mouse.move(box["x"] + 60 + 8 * number, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + 60 + 8 * number, box["y"] + 280, steps=8)
        page.mouse.up()
        page.wait_for_timeout(500)
        page.locator(ANSWERED).wait_for()
        page.wait_for_timeout(500)
    clock.note(STROKE, STROKES)
    page.close()


def processor_time() -> dict[str, float]:
    """Measures what a visitor's doings cost the server, in milliseconds of processor time."""
    with serving_app() as (address, server):
        # Some pages ask the workers, which would otherwise start in the middle.
        asyncio.run(visit(address, len(PAGES)))
        while not row_of(server)["workers"]:
            time.sleep(LOOK_SECONDS)
        time.sleep(SETTLED_SECONDS)
        clock = Clock(server)
        asyncio.run(without_a_browser(address, clock))
        with chromium() as browser:
            with_a_browser(browser, address, clock)
    return clock.costs


def api_alone() -> dict[str, Any]:
    """Measures `python -m core serve`: its memory, and what a request costs it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "core", "serve", "--port", str(port)],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://localhost:{port}"
        wait_for(f"{address}/v1/models/seven-segment")
        process = psutil.Process(server.pid)
        body = json.dumps({"instances": [[1, 1, 1, 1, 1, 1, 0]]}).encode()
        request = urllib.request.Request(
            f"{address}/v1/models/seven-segment:predict",
            data=body,
            headers={"Content-Type": "application/json"},
        )

        def ask() -> None:
            with urllib.request.urlopen(request, timeout=60) as answer:
                answer.read()

        ready = sizes(process)
        ask()
        clock = Clock(process)
        for _ in range(REQUESTS):
            ask()
        clock.note("a prediction by HTTP, one row", REQUESTS)
        return {"ready": ready, "after requests": sizes(process), **clock.costs}
    finally:
        server.terminate()
        server.wait(timeout=30)


def people(milliseconds: float) -> int:
    """Returns how many people one core can serve whose every click costs so much."""
    return int(SHARE * 1000 * SECONDS_BETWEEN_CLICKS / milliseconds)


def show(rows: dict[str, Any]) -> None:
    """Prints the megabytes of a server's processes."""
    print("megabytes (PSS)                          server  scheduler  workers  all")
    for what, row in rows.items():
        scheduler = row["scheduler"]["pss"] if row["scheduler"] else 0
        workers = [worker["pss"] for worker in row["workers"]]
        print(f"{what:40} {row['server']['pss']:6} {scheduler:10}  {workers}  {row['all']}")


def main() -> None:
    """Measures, and keeps what was found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--visits", type=int, default=300, help="whose memory is looked at")
    options.add_argument(
        "--only", choices=["api", "clicks", "memory"], help="the rest stays as it was kept"
    )
    wanted = options.parse_args()
    kept = RESULTS / "footprint.json"
    found: dict[str, Any] = {}
    if wanted.only and kept.exists():
        before = json.loads(kept.read_text(encoding="utf-8"))
        found = {part: before[part] for part in PARTS if part in before}
    if wanted.only in (None, "api"):
        found["API alone"] = api_alone()
    if wanted.only in (None, "clicks"):
        costs = processor_time()
        served = {what: people(costs[what]) for what in (CLICK, STROKE)}
        print(f"people per core, one of these every {SECONDS_BETWEEN_CLICKS} s: {served}")
        found["processor time"] = {"unit": "milliseconds of the server for each", **costs}
        found["people per core"] = {
            "seconds between clicks": SECONDS_BETWEEN_CLICKS,
            "share of the core": SHARE,
            **served,
        }
    if wanted.only in (None, "memory"):
        found["memory"] = {"unit": "megabytes"}
        for name, workers in NUMBERS.items():
            print(f"\n{name}:")
            found["memory"][name] = memory(workers, wanted.visits)
            show(found["memory"][name])
    keep("footprint", found)


if __name__ == "__main__":
    main()
