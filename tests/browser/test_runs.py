import re

from playwright.sync_api import expect

from tests.browser.test_train import FAST, button, start


def train(visit, link):
    page = visit(link)
    start(page)
    expect(button(page, "Save model")).to_be_visible()
    return page


def test_compare_rename_repeat_and_delete(visit, open_page, go_to):
    page = train(visit, FAST)
    expect(page.get_by_text(re.compile("All epochs are done"))).to_be_visible()
    train(visit, f"{FAST}&learning_rate=0.1")
    go_to(page, "Compare runs")
    expect(page.get_by_role("heading", name="Settings that differ")).to_be_visible()
    curve = page.get_by_role("img", name="Accuracy by epoch of the chosen runs")
    expect(curve.locator(".scatterlayer .trace")).to_have_count(4)
    expect(curve.locator(".legendtext").first).to_contain_text("Fast, learning rate 0.1")
    expect(page).to_have_url(re.compile("runs=[0-9a-f]{16}%2C[0-9a-f]{16}"))
    link = page.url

    name = page.get_by_role("textbox", name="Name of the run")
    name.fill("Large <b>steps</b>")
    button(page, "Rename").click()  # at once, with what was typed not handed over yet
    expect(page.get_by_text("Renamed.")).to_be_visible()
    expect(curve.locator(".legendtext").first).to_have_text("Large <b>steps</b>")
    expect(page.get_by_role("combobox", name="Run", exact=True)).to_have_value(
        re.compile("^Large <b>steps</b>, ")
    )

    other = open_page()  # whoever has the link sees the same, and may not change it
    other.goto(link)
    their = other.get_by_role("img", name="Accuracy by epoch of the chosen runs")
    expect(their.locator(".scatterlayer .trace")).to_have_count(4)
    expect(button(other, "Repeat with the same seed")).to_be_visible()
    expect(button(other, "Rename")).to_have_count(0)

    button(page, "Repeat with the same seed").click()
    expect(curve.locator(".scatterlayer .trace")).to_have_count(6)
    button(page, "Delete").click()
    button(page, "Yes, delete it").click()
    expect(page.get_by_text("Deleted.")).to_be_visible()
    expect(curve.locator(".scatterlayer .trace")).to_have_count(4)
    button(page, "Open this run").click()
    expect(page.get_by_role("heading", name="Train a network")).to_be_visible()
    expect(page).to_have_url(re.compile("run=[0-9a-f]{16}"))
