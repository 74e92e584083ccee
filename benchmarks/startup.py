"""From the start of the process to the first usable page, against an empty Streamlit app."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.harness import APP, BARE_APPS, chromium, compare, serving

ROUNDS = 8
AIM = 1.3


def start(browser: Browser, script: Path, usable: str) -> float:
    """Starts a server and a fresh visitor; returns the seconds until the page can be used."""
    begin = time.perf_counter()
    context = browser.new_context()
    with serving(script) as address:
        page = context.new_page()
        page.goto(address)
        page.locator(usable).first.wait_for()
        taken = time.perf_counter() - begin
        context.close()
    return taken


def main() -> None:
    """Measures both in turn, and keeps what was found."""
    app: list[float] = []
    bare: list[float] = []
    with chromium() as browser:
        for number in range(ROUNDS + 1):
            taken = start(browser, APP, ".st-key-prediction .digit-lab-answer")
            bare_taken = start(browser, BARE_APPS / "empty.py", "h1")
            if number:  # the first round fills the caches of the disk
                app.append(taken)
                bare.append(bare_taken)
    compare("startup", "seconds from process start to usable page", app, bare, AIM)


if __name__ == "__main__":
    main()
