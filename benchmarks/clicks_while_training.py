"""A click on the seven-segment page with a run going, against the same page in peace."""

from __future__ import annotations

import os
import re
import tempfile

from playwright.sync_api import Page

from benchmarks.clicks import ANSWER, CLICKS, times
from benchmarks.harness import APP, chromium, compare, serving

ROUNDS = 8
AIM = 2.0


def start(page: Page, address: str) -> None:
    """Starts a long run and waits until it is under way."""
    page.goto(f"{address}/train?recipe=guide&epochs=200")
    page.get_by_role("button", name="Start training").click()
    page.get_by_text(re.compile(r"^Epoch \d+ of 200, about")).wait_for(timeout=90_000)


def stop(page: Page) -> None:
    """Stops it and waits for its end."""
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("You stopped it").wait_for(timeout=90_000)
    page.goto("about:blank")


def main() -> None:
    """Measures both in turn, and keeps what was found."""
    going: list[float] = []
    idle: list[float] = []
    digits = [f'[aria-label="Show digit {digit}"]' for digit in range(CLICKS)]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/runs.sqlite3"
        with serving(APP) as address, chromium() as browser:
            page, trainer = browser.new_page(), browser.new_page()
            page.goto(f"{address}/?pattern=1111011")
            page.locator(ANSWER).wait_for()
            for number in range(ROUNDS + 1):
                start(trainer, address)
                with_run = times(page, digits)
                stop(trainer)
                without = times(page, digits)
                if number:  # the first round warms everything up
                    going += with_run
                    idle += without
    compare(
        "clicks_while_training",
        "milliseconds from click to answer; “bare app” is the same page without a run",
        going,
        idle,
        AIM,
    )


if __name__ == "__main__":
    main()
