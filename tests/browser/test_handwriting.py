"""A person's own handwriting: drawn, labelled, taught to a network, and read by it."""

import re

import numpy as np
from playwright.sync_api import FilePayload, Page, expect

from core.handwriting.sample_files import read, to_npz
from core.models.store import ModelStore
from core.tasks.handwritten import load_builtin
from tests.browser.conftest import wait_until_drawn
from tests.browser.pictures import ONE, SEVEN, ZERO
from tests.browser.test_draw import answer, button, draw
from tests.browser.wire import Wire


def digits(count=80):
    split = load_builtin(None, 0, 0).validation
    x = (split.x[:count, ..., 0] * 255).round().astype(np.uint8)
    return x, split.y[:count].astype(np.uint8)


def upload(page: Page, name: str, data: bytes) -> None:
    page.get_by_text("Files: download, upload, delete all").click()
    file: FilePayload = {"name": name, "mimeType": "application/zip", "buffer": data}
    page.locator("input[type=file]").set_input_files(file)


def test_draw_label_teach_save_and_read_again(visit, app_models, choose_option):
    page = visit("draw?model=handwritten-dense")
    draw(page, SEVEN)
    expect(answer(page)).to_have_text("7")
    button(page, "Right, it is a 7").click()
    expect(page.get_by_text("You now have 1 sample of your handwriting")).to_be_visible()
    page.get_by_role("link", name="To your handwriting").click()
    expect(page.get_by_role("heading", name="Teach it your handwriting")).to_be_visible()
    expect(button(page, "Teach it")).to_be_disabled()
    upload(page, "mine.npz", to_npz(*digits()))
    expect(page.get_by_text("80 added.")).to_be_visible()
    expect(page.locator(".st-key-own_samples img")).to_have_count(20)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as pictures (.zip)").click()
    x, y = read(download.value.path().read_bytes())
    assert (len(x), np.bincount(y).sum()) == (81, 81)

    choose_option(page.get_by_role("combobox").first, "handwritten-dense")
    expect(page.get_by_text("98.1 % right on 10,000 test digits of MNIST")).to_be_visible()
    button(page, "Teach it").click()
    expect(button(page, "Teach it")).to_be_disabled()
    page.reload()
    learned = page.get_by_role("heading", name="What “handwritten-dense” has learned")
    expect(learned).to_be_visible()
    expect(page.get_by_role("cell", name=re.compile(r"\d+ of 2[01]: "))).to_have_count(2)
    page.get_by_role("textbox", name="Name of the new network").fill("browser-taught")
    button(page, "Save it").click()
    page.get_by_role("link", name="Draw, and have “browser-taught” read it").click()
    expect(page).to_have_url(re.compile("model=browser-taught"))
    draw(page, SEVEN)
    expect(answer(page)).to_have_text("7")
    card = ModelStore(app_models).get("browser-taught").card
    assert card.fine_tuned.base.name == "handwritten-dense"


def test_a_wrong_reading_is_set_right_relabelled_and_deleted(visit, go_to):
    page = visit("draw")
    draw(page, SEVEN)
    page.locator(".st-key-drawing_other").get_by_role("radio", name="1", exact=True).click()
    expect(page.get_by_text("Saved as a 1.")).to_be_visible()
    go_to(page, "Your handwriting")
    page.get_by_role("button", name="Change").click()
    page.get_by_test_id("stPopoverBody").get_by_role("radio", name="7", exact=True).click()
    expect(page.get_by_text("The 1 is now a 7.")).to_be_visible()
    expect(page.get_by_role("img", name="a 7")).to_be_visible()
    page.keyboard.press("Escape")  # the rest of the page is out of reach while a popover is open
    page.get_by_text("Files: download, upload, delete all").click()
    page.get_by_role("button", name="Delete all").click()
    page.get_by_role("button", name="Yes, delete them all").click()
    expect(page.get_by_text("You have no samples yet")).to_be_visible()


def test_samples_are_collected_one_tap_each_even_without_a_connection(page, visit, page_problems):
    wire = Wire(page)
    visit("handwriting")
    expect(page.get_by_text("Now draw a 0")).to_be_visible()
    draw(page, ZERO)
    button(page, "Keep it, next").click()
    expect(page.get_by_text("Now draw a 1")).to_be_visible()
    expect(page.get_by_text("Your samples (1)")).to_be_visible()
    # Streamlit's own page fails if the connection ends in the middle of an answer.
    wait_until_drawn(page)
    wire.cut()
    draw(page, ONE)
    button(page, "Keep it, next").click()
    page.get_by_role("button", name="Draw a 7; 0 of 10").click()
    expect(page.get_by_text("Now draw a 7")).to_be_visible()
    draw(page, SEVEN)
    button(page, "Keep it, next").click()
    expect(page.get_by_role("button", name="Draw a 7; 1 of 10")).to_be_visible()
    draw(page, SEVEN)  # begun, and not kept yet
    wire.mend()
    expect(page.get_by_text("Your samples (3)")).to_be_visible()
    expect(page.locator("canvas").last).to_have_attribute("data-strokes", "1")
    page.reload()
    expect(page.get_by_text("Your samples (3)")).to_be_visible()
    expect(page.locator("canvas").last).to_have_attribute("data-strokes", "1")
    page_problems.clear()  # Streamlit says in the console that it has no connection
