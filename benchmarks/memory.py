"""Memory of the server and of each worker: at rest, under a run, and after it.

Counted is what a process has of its own: its resident set without the pages that it reads from
files, libraries above all, which processes share and the system may drop. Where TensorFlow is
loaded these are about 0.45 GB more, once for all workers.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable
from typing import Any

import psutil
from playwright.sync_api import Page

from benchmarks.harness import APP, chromium, keep, serving_process
from core.workers.memory import REST_SECONDS

MEGABYTE = 1_000_000
LOOK_SECONDS = 0.5
SETTLED_SECONDS = REST_SECONDS + 5
LIMIT = 600_000  # milliseconds; other things may be going on
RUNS = {
    "Guide": "train?task=seven-segment&recipe=guide&epochs=200",
    "convolutional, MNIST": "train?task=handwritten&data=mnist&recipe=cnn&epochs=20",
}


def megabytes(process: psutil.Process) -> int:
    """Returns what a process has of its own."""
    memory = process.memory_info()
    return round((memory.rss - memory.shared) / MEGABYTE)


def row_of(server: psutil.Process) -> dict[str, Any]:
    """Returns the megabytes of the server, of what supervises the workers, and of each worker."""
    row: dict[str, Any] = {"server": megabytes(server), "scheduler": 0, "workers": []}
    for child in server.children(recursive=True):
        words = " ".join(child.cmdline())
        if "core.workers.cluster" in words:
            row["scheduler"] += megabytes(child)
        elif "spawn_main" in words:
            row["workers"].append(megabytes(child))
    row["workers"].sort()
    return row


def highest(server: psutil.Process, seconds: float) -> dict[str, Any]:
    """Looks again and again for a while; returns the row in which the workers held most."""
    rows = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        rows.append(row_of(server))
        time.sleep(LOOK_SECONDS)
    return max(rows, key=lambda row: sum(row["workers"]))


def wait_for_workers(server: psutil.Process) -> None:
    """Waits until the workers have started by themselves and have loaded TensorFlow."""
    before = -1
    while True:
        time.sleep(SETTLED_SECONDS)
        now = sum(row_of(server)["workers"])
        if now and now == before:
            return
        before = now


def train(
    page: Page, address: str, link: str, look: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Starts a run, looks at it for a while, stops it; returns what was seen."""
    page.goto(f"{address}/{link}")
    page.get_by_role("button", name="Start training").click()
    page.get_by_text(re.compile(r"^Epoch [2-9]\d* of")).wait_for(timeout=LIMIT)
    row = look()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("You stopped it").wait_for(timeout=LIMIT)
    page.goto("about:blank")
    return row


def main() -> None:
    """Measures, and keeps what was found."""
    rows: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/runs.sqlite3"
        with serving_process(APP) as (address, number), chromium() as browser:
            server = psutil.Process(number)
            page = browser.new_page()
            page.goto(address)
            page.locator(".st-key-prediction .digit-lab-answer").wait_for()
            rows["first page"] = row_of(server)
            page.goto("about:blank")
            wait_for_workers(server)
            rows["at rest, workers ready"] = row_of(server)
            for name, link in RUNS.items():
                rows[f"during a run: {name}"] = train(
                    page, address, link, lambda: highest(server, 5)
                )
                time.sleep(SETTLED_SECONDS)
                rows[f"after it: {name}"] = row_of(server)
    print("megabytes         server  scheduler  workers")
    for name, row in rows.items():
        print(f"{name:40} {row['server']:6} {row['scheduler']:6}  {row['workers']}")
    keep("memory", {"unit": "megabytes, resident without shared pages", "rows": rows})


if __name__ == "__main__":
    main()
