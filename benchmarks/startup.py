"""From the start of the process to the first usable page, against an empty Streamlit app."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.harness import APP, BARE_APPS, chromium, compare, serving

ROUNDS = 8
AIM = 1.3


# Notes, in the page itself, the time at which an element first appears: asking from outside would
# wait for whatever else the page does.
WATCH = """
addEventListener("DOMContentLoaded", () => {
  new MutationObserver((_, observer) => {
    if (document.querySelector(%r)) {
      window.usableAt = Date.now();
      observer.disconnect();
    }
  }).observe(document.body, { childList: true, subtree: true });
});
"""


def start(browser: Browser, script: Path, usable: str) -> float:
    """Starts a server and a fresh visitor; returns the seconds until the page can be used."""
    context = browser.new_context()
    context.add_init_script(WATCH % usable)
    begin = time.time()
    with serving(script) as address:
        page = context.new_page()
        page.goto(address)
        page.wait_for_function("window.usableAt")
        taken = float(page.evaluate("window.usableAt")) / 1000 - begin
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
