"""From a click on the seven-segment page to the answer, against a bare Streamlit button."""

from __future__ import annotations

from playwright.sync_api import Page

from benchmarks.harness import APP, BARE_APPS, WARM_UP_SECONDS, chromium, compare, serving

ROUNDS = 15
CLICKS = 10
AIM = 1.3
ANSWER = ".st-key-prediction .digit-lab-answer"

# Clicks an element, in the page itself, and resolves with the milliseconds to the changed answer.
CLICK = """
async ([button, answer]) => {
  const find = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches(button)) return element;
      const inside = element.shadowRoot && find(element.shadowRoot);
      if (inside) return inside;
    }
  };
  const read = () => document.querySelector(answer)?.textContent;
  const before = read();
  const start = performance.now();
  find(document).click();
  while (read() === before || read() === undefined) {
    if (performance.now() - start > 10000) throw new Error("no answer within 10 s");
    await new Promise((done) => {
      const observer = new MutationObserver(() => { observer.disconnect(); done(); });
      observer.observe(document.body, { childList: true, subtree: true, characterData: true });
      setTimeout(done, 1000);
    });
  }
  return performance.now() - start;
}
"""


def times(page: Page, buttons: list[str]) -> list[float]:
    """Clicks the buttons in turn and returns the milliseconds of each."""
    return [page.evaluate(CLICK, [button, ANSWER]) for button in buttons]


def main() -> None:
    """Measures both in turn, and keeps what was found."""
    app: list[float] = []
    bare: list[float] = []
    digits = [f'[aria-label="Show digit {digit}"]' for digit in range(CLICKS)]
    button = ['[data-testid="stBaseButton-secondary"]'] * CLICKS
    with serving(APP) as ours, serving(BARE_APPS / "button.py") as theirs, chromium() as browser:
        page, bare_page = browser.new_page(), browser.new_page()
        page.goto(f"{ours}/?pattern=1111011")
        bare_page.goto(theirs)
        page.locator(".js-plotly-plot").wait_for()
        for each in (page, bare_page):
            each.locator(ANSWER).wait_for()
        page.wait_for_timeout(1000 * WARM_UP_SECONDS)
        for number in range(ROUNDS + 1):
            taken, bare_taken = times(page, digits), times(bare_page, button)
            if number:  # the first round warms both up
                app += taken
                bare += bare_taken
    compare("clicks", "milliseconds from click to answer", app, bare, AIM)


if __name__ == "__main__":
    main()
