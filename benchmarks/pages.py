"""How long each page takes to be drawn, against a bare Streamlit page with a title.

A visit is that of somebody with a fresh browser who follows a link to the page. It ends when the
page's title is there and the script that draws the page is over; what is measured in the workers
after that, and shown as it comes, is not waited for. Every page is visited in turn with the bare
one, so that whatever else the computer does slows both down.
"""

from __future__ import annotations

import ast
import time
from typing import Any

from playwright.sync_api import Browser

from benchmarks.harness import (
    APP,
    BARE_APPS,
    WARM_UP_SECONDS,
    chromium,
    keep,
    serving,
    summary,
)

ROUNDS = 5
AIM = 1.5
DRAWN = '[data-testid="stApp"][data-test-script-state="notRunning"]'
PATIENCE = 120_000  # milliseconds, for what a page does at the very first visit

# Notes, in the page itself, when it was first drawn: asking from outside takes time of its own.
WATCH = """
addEventListener("DOMContentLoaded", () => {
  const look = () => {
    const title = document.querySelector('[data-testid="stMainBlockContainer"] h1');
    if (!title || !document.querySelector(%r)) return;
    window.drawnAt ??= Date.now();
    observer.disconnect();
  };
  const observer = new MutationObserver(look);
  observer.observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["data-test-script-state"],
  });
});
"""


def pages() -> dict[str, str]:
    """Returns the title of every page of the menu by its address, as `app.py` names them."""
    found = {}
    for node in ast.walk(ast.parse(APP.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "st.Page"):
            continue
        options = {
            each.arg: each.value.value
            for each in node.keywords
            if isinstance(each.value, ast.Constant)
        }
        if options.get("visibility") == "hidden":
            continue
        assert isinstance(node.args[0], ast.Constant)
        file = str(node.args[0].value).removeprefix("pages/").removesuffix(".py")
        address = "" if options.get("default") else str(options.get("url_path", file))
        found[address] = str(options["title"])
    return found


def visit(browser: Browser, address: str) -> float:
    """Opens an address as a new visitor; returns the milliseconds until the page is drawn."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(WATCH % DRAWN)
    page = context.new_page()
    begin = time.time()
    page.goto(address)
    page.wait_for_function("window.drawnAt", timeout=PATIENCE)
    taken = float(page.evaluate("window.drawnAt")) - 1000 * begin
    context.close()
    return taken


def main() -> None:
    """Measures every page in turn with the bare one, and keeps what was found."""
    names = pages()
    times: dict[str, list[float]] = {address: [] for address in names}
    bare: list[float] = []
    with serving(APP) as ours, serving(BARE_APPS / "empty.py") as theirs, chromium() as browser:
        visit(browser, ours)
        time.sleep(WARM_UP_SECONDS)
        for number in range(ROUNDS + 1):
            for address in names:
                taken, bare_taken = visit(browser, f"{ours}/{address}"), visit(browser, theirs)
                if number:  # the first round fills the caches
                    times[address].append(taken)
                    bare.append(bare_taken)
    bare_row = summary(bare)
    rows: dict[str, Any] = {}
    print(f"{'':20}{'p50':>8}{'p95':>8}{'ratio':>8}   (milliseconds, {ROUNDS} visits each)")
    print(f"{'bare page':20}{bare_row['p50']:>8.0f}{bare_row['p95']:>8.0f}{1:>8.2f}")
    for address, title in names.items():
        row = summary(times[address])
        row["ratio"] = round(row["p50"] / bare_row["p50"], 2)
        rows[title] = row
        print(f"{title:20}{row['p50']:>8.0f}{row['p95']:>8.0f}{row['ratio']:>8.2f}")
    print(f"aim of each ratio {AIM}")
    unit = "milliseconds from visiting to the page being drawn"
    keep("pages", {"unit": unit, "bare": bare_row, "pages": rows, "aim": AIM})


if __name__ == "__main__":
    main()
