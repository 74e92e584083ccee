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
    "noise",
    "evaluate",
    "data",
    "models",
]


@pytest.mark.parametrize("name", PAGES)
def test_each_page_has_both_themes(open_page, visit, name):
    grounds = {}
    for theme in ("light", "dark"):
        page = visit(name, open_page(color_scheme=theme))
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        style = "element => getComputedStyle(element).backgroundColor"
        grounds[theme] = page.get_by_test_id("stApp").evaluate(style)
        RESULTS.mkdir(exist_ok=True)
        page.screenshot(path=RESULTS / f"look-{name}-{theme}.png", full_page=True)
    assert grounds["light"] != grounds["dark"]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_a_phone(open_page, visit, name):
    page = visit(name, open_page(viewport={"width": 360, "height": 740}, is_mobile=True))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.screenshot(path=RESULTS / f"look-{name}-phone.png")


HEADINGS = {
    "Seven segments": "Seven segments, ten digits",
    "Draw": "Draw a digit",
    "Your handwriting": "Teach it your handwriting",
    "Train": "Train a network and watch it learn",
    "Compare runs": "Compare runs",
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
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
