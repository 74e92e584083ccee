"""A search in the browser: begun, left alone, found again, its winner measured once."""

import re

from playwright.sync_api import expect

from tests.browser.test_train import button
from tests.support.patience import PATIENCE

LINK = "search?task=seven-segment&recipe=fast&vary=learning_rate&trials=2"


def test_a_search_goes_on_while_nobody_looks_and_its_points_lead_to_its_runs(visit):
    page = visit(LINK)
    button(page, "Start the search").click()
    expect(button(page, "Pause")).to_be_visible()
    expect(page).to_have_url(re.compile("search=[0-9a-f]{16}"))
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_text("All 2 runs have ended.")).to_be_visible(timeout=1000 * PATIENCE)
    chart = page.get_by_role("img", name="History: History")
    expect(chart.locator(".scatterlayer .trace")).to_have_count(3)
    expect(chart.locator(".scatterlayer .trace").first.locator(".point")).to_have_count(2)

    button(page, "Measure the winner on the test data").click()
    expect(page.get_by_test_id("stMetric").first).to_contain_text("%")
    expect(button(page, "10 more runs")).to_have_count(0)  # it would choose by the test data

    button(page, "Open this run").click()
    expect(page.get_by_role("heading", name="Train a network")).to_be_visible()
    expect(page).to_have_url(re.compile("run=[0-9a-f]{16}"))


def test_on_a_phone_a_search_that_begins_comes_into_view(open_page, visit):
    phone = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = visit(LINK, phone)
    for _ in range(2):  # before there is a search, and below one
        start = button(page, "Start the search")
        start.scroll_into_view_if_needed()
        start.tap()
        expect(button(page, "Pause")).to_be_in_viewport()
        expect(page.get_by_text("of at most 2 runs")).to_be_in_viewport()
