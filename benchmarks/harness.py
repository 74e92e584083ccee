"""What the benchmarks share: servers, a browser, statistics, and the file of results."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, sync_playwright

REPOSITORY = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"
BARE_APPS = Path(__file__).resolve().parent / "bare_apps"
APP = REPOSITORY / "app.py"
START_SECONDS = 60
# The worker processes start, and load TensorFlow, once the machine has been idle for a while after
# the first visit; all cores are busy then.
WARM_UP_SECONDS = 35


@contextlib.contextmanager
def serving(script: Path) -> Iterator[str]:
    """Runs a Streamlit script in a process of its own, with this project's configuration.

    Yields:
        The address of the app, which answers by then.
    """
    with serving_process(script) as (address, _):
        yield address


@contextlib.contextmanager
def serving_process(script: Path) -> Iterator[tuple[str, int]]:
    """The same as `serving`, and also yields the number of the server's process."""
    command = ["-m", "streamlit", "run", str(script), "--server.port"]
    with running(command, health="/_stcore/health") as (address, pid):
        yield address, pid


@contextlib.contextmanager
def running(
    command: Sequence[str], *, health: str, **environment: str
) -> Iterator[tuple[str, int]]:
    """Runs a Python program that serves at a free port.

    Args:
        command: what Python runs, before the port.
        health: a path that answers once the server is ready.
        environment: variables that it has besides this process's.

    Yields:
        The address, which answers by then, and the number of the process.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, *command, str(port)],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://localhost:{port}"
        wait_for(f"{address}{health}")
        yield address, server.pid
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(address: str) -> None:
    """Waits until an address answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.01)
    raise TimeoutError(f"{address} did not answer within {START_SECONDS} s")


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Runs a headless Chromium from the PATH."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("There is no Chromium on the PATH; on Debian: apt-get install chromium")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


def summary(values: Sequence[float]) -> dict[str, float]:
    """Returns the median and the 95th percentile, and of how many values."""
    return {
        "p50": round(float(np.percentile(values, 50)), 3),
        "p95": round(float(np.percentile(values, 95)), 3),
        "count": len(values),
    }


def compare(name: str, unit: str, app: Sequence[float], bare: Sequence[float], aim: float) -> None:
    """Prints and keeps the app's times, the bare app's, and their ratio.

    Args:
        name: of the benchmark.
        unit: of the times.
        app: the app's times.
        bare: the bare app's, taken in turn with them.
        aim: the ratio of medians that is wished for.
    """
    keep(name, compared(unit, app, bare, aim))


def compared(unit: str, app: Sequence[float], bare: Sequence[float], aim: float) -> dict[str, Any]:
    """Prints what `compare` prints, and returns what it keeps, for files with several of them."""
    ours, theirs = summary(app), summary(bare)
    ratio = round(ours["p50"] / theirs["p50"], 2)
    print(f"{'':12}{'p50':>10}{'p95':>10}   ({unit}, {len(app)} each)")
    for label, row in (("Digit Lab", ours), ("bare app", theirs)):
        print(f"{label:12}{row['p50']:>10.1f}{row['p95']:>10.1f}")
    print(f"ratio of medians {ratio}, aim {aim}")
    return {"unit": unit, "app": ours, "bare": theirs, "ratio": ratio, "aim": aim}


def keep(name: str, numbers: dict[str, Any]) -> None:
    """Writes numbers to `benchmarks/results/NAME.json`, with what they were taken on."""
    packages = ("streamlit", "tensorflow", "keras", "ai-edge-litert", "numpy", "plotly")
    content = {
        "command": f"python -m benchmarks.{name}",
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {package: importlib.metadata.version(package) for package in packages},
        **numbers,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"kept in {path.relative_to(REPOSITORY)}")
