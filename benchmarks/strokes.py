"""From the end of a stroke on the drawing page to its answer, against a bare sheet."""

from __future__ import annotations

from playwright.sync_api import Page

from benchmarks.harness import APP, BARE_APPS, WARM_UP_SECONDS, chromium, compare, serving

ROUNDS = 12
AIM = 1.3

# Notes when the mouse button was let go, and when the answer's place was next changed.
WATCH = """
() => {
  window.taken = new Promise((done) => {
    addEventListener("mouseup", () => {
      const start = performance.now();
      const observer = new MutationObserver(() => {
        if (document.querySelector(".st-key-prediction .digit-lab-answer")) {
          observer.disconnect();
          done(performance.now() - start);
        }
      });
      observer.observe(document.body, { childList: true, subtree: true, characterData: true });
    }, { once: true, capture: true });
  });
}
"""


def first_stroke(page: Page, address: str) -> float:
    """Opens an empty sheet, draws a stroke, and returns the milliseconds to the answer."""
    page.goto(address)
    canvas = page.locator("canvas").last
    canvas.wait_for()
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.wait_for_timeout(1_500)  # whatever the page still loads must not stand in the way
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 160, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 280, steps=8)
    page.evaluate(WATCH)
    page.mouse.up()
    taken = float(page.evaluate("window.taken"))
    page.evaluate("sessionStorage.clear()")  # or the next sheet would not be empty
    return taken


def main() -> None:
    """Measures both in turn, and keeps what was found."""
    app: list[float] = []
    bare: list[float] = []
    with serving(APP) as ours, serving(BARE_APPS / "sheet.py") as theirs, chromium() as browser:
        page, bare_page = browser.new_page(), browser.new_page()
        page.goto(f"{ours}/draw")
        page.wait_for_timeout(1000 * WARM_UP_SECONDS)
        for number in range(ROUNDS + 1):
            taken = first_stroke(page, f"{ours}/draw")
            bare_taken = first_stroke(bare_page, theirs)
            if number:  # the first round warms both up
                app.append(taken)
                bare.append(bare_taken)
    compare("strokes", "milliseconds from mouse-up to answer", app, bare, AIM)


if __name__ == "__main__":
    main()
