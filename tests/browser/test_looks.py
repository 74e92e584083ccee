"""Every page in both themes and on a phone; the pictures are kept in `test-results/`."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import RESULTS

PAGES = [
    "seven_segment",
    "atlas",
    "draw",
    "handwriting",
    "train",
    "runs",
    "search",
    "noise",
    "evaluate",
    "inside",
    "data",
    "compare",
    "models",
]
# What can be pressed and is less than 40 pixels high, which is what a finger needs. A link in a
# sentence is as high as its line; a mark with a pseudo-element around it is larger than it looks.
TOO_SMALL = """() => {
  const found = [];
  const pressed = "button, a[href], input:not([type=hidden]), summary, [role=button]," +
    " [role=switch], [role=tab], [role=radio], [role=checkbox]";
  const isEnlarged = (element) => ["::before", "::after"].some((part) => {
    const { position, content } = getComputedStyle(element, part);
    return position === "absolute" && content !== "none";
  });
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) look(element.shadowRoot);
      if (!element.matches(pressed) || element.disabled) continue;
      const { width, height } = element.getBoundingClientRect();
      const { visibility, opacity } = getComputedStyle(element);
      if (width < 2 || height < 2 || visibility === "hidden" || opacity === "0") continue;
      const label = element.closest("label");
      const high = Math.max(height, label ? label.getBoundingClientRect().height : 0);
      if (high >= 39.5 || element.matches("p a") || isEnlarged(element)) continue;
      found.push(`${element.outerHTML.slice(0, 120)}: ${Math.round(height)}`);
    }
  };
  look(document.querySelector("[data-testid=stMain]"));
  return found;
}"""


@pytest.mark.parametrize("name", PAGES)
def test_each_page_follows_the_theme_and_fits_a_phone(open_page, visit, name):
    page = visit(name, open_page(color_scheme="light", has_touch=True))
    expect(page.get_by_test_id("stException")).to_have_count(0)
    ground = page.get_by_test_id("stApp")
    light = ground.evaluate("element => getComputedStyle(element).backgroundColor")
    keep_picture(page, f"{name}-light")
    page.emulate_media(color_scheme="dark")  # as at dusk, with the page open
    expect(ground).not_to_have_css("background-color", light)
    keep_picture(page, f"{name}-dark")
    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_function("document.documentElement.scrollWidth <= 360")
    page.wait_for_function(f"!({TOO_SMALL})().length")
    keep_picture(page, f"{name}-phone")


def keep_picture(page, name):
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / f"look-{name}.png", full_page=True)


HEADINGS = {
    "Seven segments": "Digit Lab",
    "Draw": "Draw a digit",
    "Your handwriting": "Teach it your handwriting",
    "Train": "Train a network and watch it learn",
    "Compare runs": "Compare runs",
    "Search": "Search for better settings",
    "Atlas": "The atlas of all 128 patterns",
    "Noise": "How much noise can a network bear?",
    "Evaluate": "See every mistake",
    "Inside": "Inside a network",
    "Data": "What do networks learn from?",
    "Compare models": "What does a better network cost?",
    "Models": "Saved models",
}


def test_the_menu_leads_to_every_page(visit, go_to):
    page = visit("noise")
    for title, heading in HEADINGS.items():
        go_to(page, title)
        expect(page).to_have_title(f"{title} – Digit Lab")
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()


def test_on_a_phone_the_menu_goes_when_a_page_is_chosen(open_page, visit):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    visit("draw", page)
    page.get_by_test_id("stExpandSidebarButton").tap()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Noise").tap()
    expect(page.get_by_role("heading", name="How much noise")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")
    page.get_by_test_id("stExpandSidebarButton").tap()
    link = page.get_by_test_id("stSidebar").get_by_role("link", name="Draw")
    expect(link).to_be_in_viewport()
    assert link.bounding_box()["height"] >= 40
    page.reload()
    expect(page.get_by_role("heading", name="How much noise")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()
