"""Do you need a network? Asked on a phone, where the table has no room for its columns."""

import re

from playwright.sync_api import expect

from tests.browser.test_train import SHORT, button, start


def test_on_a_phone_simple_methods_stand_beside_a_run_s_network(open_page, visit):
    phone = {"width": 390, "height": 844}
    page = visit(SHORT, open_page(viewport=phone, has_touch=True, is_mobile=True))
    start(page)
    button(page, "Save model").wait_for()
    curve = page.get_by_role("img", name="Accuracy by epoch")
    expect(curve.get_by_text("majority guess")).to_have_count(0)
    button(page, "Train four simple methods").tap()
    expect(curve.get_by_text("majority guess")).to_be_visible()
    # A screen reader hears a table, though each of its rows is drawn as a block.
    table = page.get_by_role(
        "table", name=re.compile("^The network and four simple methods, judged on 11,000 test")
    )
    expect(table.get_by_role("rowheader")).to_have_text(
        [
            "This run's network",
            "Logistic regression",
            "Decision tree",
            "Nearest neighbours",
            "Majority guess",
        ]
    )
    expect(table.get_by_role("columnheader")).to_have_count(6)
    expect(table.get_by_text("This is hardly luck.")).not_to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    switch = page.locator(".st-key-train_simple_methods label").first
    assert switch.bounding_box()["height"] >= 40
    switch.tap()
    expect(table).to_have_count(0)
    expect(curve.get_by_text("majority guess")).to_have_count(0)
