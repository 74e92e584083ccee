"""Networks combined into an ensemble on the Noise page, which then reads like any other."""

import re

import pytest
from playwright.sync_api import Page, expect

from core.models.store import ModelStore


def form(page: Page):
    """The open tab, which holds the form."""
    return page.get_by_role("tabpanel")


def choose_members(page: Page, choose_option, *names: str) -> None:
    box = form(page).get_by_role("combobox", name=re.compile("Networks that vote"))
    for name in names:
        choose_option(box, name)
        expect(form(page).get_by_text(name, exact=True).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)  # it would take the next click for its own


def test_combine_reload_save_and_read(visit, app_models, choose_option, go_to):
    page = visit("noise?task=seven-segment&models=seven-segment")
    # Once the curve is there the whole page is drawn anew, which closes an open list.
    expect(page.get_by_text("Dots: measured on")).to_be_visible()
    expect(page.get_by_test_id("stProgress")).to_have_count(0)
    page.get_by_role("tab", name="Better together?").click()
    combine = form(page).get_by_role("button", name="Combine", exact=False).last
    expect(combine).to_be_disabled()
    choose_members(page, choose_option, "seven-segment-flip", "seven-segment-extra")
    form(page).get_by_text("Weighted mean", exact=True).click()
    expect(form(page).get_by_role("radio", name="Found on the validation data")).to_be_visible()
    combine.click()
    expect(form(page).get_by_role("button", name="Stop").or_(results(page))).to_be_visible()
    page.reload()
    expect(results(page)).to_be_visible()
    expect(form(page).get_by_role("cell", name=re.compile("of 11,000"))).to_have_count(3)
    name = form(page).get_by_role("textbox", name="Name of the ensemble")
    name.fill("browser-ensemble")
    form(page).get_by_role("button", name="Save it").click()
    expect(page.get_by_text("Saved as “browser-ensemble”")).to_be_visible()
    saved = ModelStore(app_models).get("browser-ensemble")
    assert sum(saved.weights) == pytest.approx(1)

    go_to(page, "Seven segments")
    choose_option(page.get_by_role("combobox", name=re.compile("Model")), "browser-ensemble")
    expect(page.get_by_text("Reads every clean digit")).to_be_visible()
    expect(page).to_have_url(re.compile("model=browser-ensemble"))
    page.get_by_role("button", name="Show digit 6").click()
    expect(page.locator(".st-key-prediction .digit-lab-answer")).to_have_text("6")


def results(page: Page):
    return page.get_by_role("heading", name="What they can do together")
