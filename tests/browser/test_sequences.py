"""A task that is no picture, on a phone: chosen, learned by a recurrent network, and looked at."""

import re

from playwright.sync_api import expect

from tests.browser.test_train import button, start

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def test_a_recurrent_network_learns_sequences_and_is_evaluated(visit, open_page, choose_option):
    page = visit("train", open_page(**PHONE))
    choose_option(page.get_by_role("combobox", name="Task"), "Next number of a sequence")
    expect(page.get_by_text("A recurrent layer reads one digit after the other")).to_be_visible()
    page.get_by_text("More settings").click()
    expect(page.get_by_text("Recurrent layer 1 (units)")).to_be_visible()
    expect(page.get_by_text("Block 1 (filters)")).to_have_count(0)
    wider = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wider) <= 0

    page = visit("train?task=next-number&recipe=recurrent&epochs=3&activation=tanh", page)
    start(page)
    name = page.get_by_role("textbox", name="Name")
    name.fill("sequences-by-a-test")
    name.press("Enter")
    button(page, "Save model").click()
    expect(page.get_by_text("Saved as “sequences-by-a-test”")).to_be_visible()

    page = visit("evaluate?task=next-number&model=sequences-by-a-test", page)
    expect(
        page.get_by_text(re.compile(r"right on 484 sequences held out from training")).last
    ).to_be_visible()
    expect(page.get_by_text(re.compile("Choose a cell to see its sequences"))).to_be_visible()
