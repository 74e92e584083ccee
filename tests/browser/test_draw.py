import re

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import wait_until_drawn
from tests.browser.pictures import ONE, SEVEN, ZERO, jpeg, photograph
from tests.browser.pointing import place_of
from tests.support.patience import wait_until


def answer(page: Page):
    return page.locator(".st-key-prediction .digit-lab-answer")


def draw(page: Page, points, *, scale=1.0, left=0.0, top=0.0):
    wait_until_drawn(page)
    box = place_of(page.locator("canvas").last)
    for number, (x, y) in enumerate(points):
        at = box["x"] + left + x * scale, box["y"] + top + y * scale
        page.mouse.move(*at, steps=1 if number == 0 else 4)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def button(page: Page, name: str):
    return page.get_by_test_id("stButton").get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize(("digit", "points"), [("7", SEVEN), ("1", ONE), ("0", ZERO)])
def test_what_is_drawn_is_read(visit, digit, points):
    page = visit("draw")
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()
    draw(page, points)
    expect(answer(page)).to_have_text(digit)
    expect(page.get_by_text("What the network sees")).to_be_visible()


def test_small_in_a_corner_is_read_as_well(visit):
    page = visit("draw")
    draw(page, SEVEN, scale=0.35, left=-15, top=-5)
    expect(answer(page)).to_have_text("7")


def test_undo_clear_and_coming_back(visit, go_to):
    page = visit("draw")
    draw(page, ONE)
    expect(answer(page)).to_have_text("1")
    draw(page, [(60, 60), (300, 60), (300, 200), (60, 300)])
    expect(answer(page)).not_to_have_text("1")
    button(page, "Undo").click()
    expect(answer(page)).to_have_text("1")
    go_to(page, "Seven segments")
    expect(page.get_by_role("heading", name="Seven segments")).to_be_visible()
    go_to(page, "Draw")
    expect(page.get_by_role("heading", name="Draw a digit")).to_be_visible()
    expect(answer(page)).to_have_text("1")
    button(page, "Clear").click()
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()
    draw(page, SEVEN)
    expect(answer(page)).to_have_text("7")


def test_a_picture_is_read_and_a_broken_file_gets_a_sentence(visit):
    page = visit("draw?model=handwritten-cnn&from=file")
    image = np.full((300, 200, 3), (200, 220, 240), np.uint8)  # light paper
    points = (np.array(SEVEN) * (0.5, 0.8) + (10, 20)).astype(np.int32)
    cv2.polylines(image, [points], False, (90, 20, 20), 9, cv2.LINE_AA)
    picker = page.locator("input[type=file]")
    png = cv2.imencode(".png", image)[1].tobytes()
    picker.set_input_files({"name": "seven.png", "mimeType": "image/png", "buffer": png})
    expect(answer(page)).to_have_text("7")
    broken = {"name": "broken.png", "mimeType": "image/png", "buffer": b"no picture"}
    picker.set_input_files(broken)
    expect(page.get_by_text("This is not a picture that can be opened")).to_be_visible()


def test_the_model_is_in_the_link(visit, choose_option):
    page = visit("draw?model=handwritten-dense")
    expect(page.get_by_text("Right on 98.1 % of 10,000 MNIST test images")).to_be_visible()
    choose_option(page.get_by_role("combobox").first, "handwritten-cnn")
    expect(page).to_have_url(re.compile("model=handwritten-cnn"))


def test_a_finger_draws_on_a_phone(open_page, visit):
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    visit("draw", page)
    box = place_of(page.locator("canvas").last)
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_two_digits_are_read_as_a_number(visit):
    page = visit("draw")
    page.get_by_role("radio", name="A number").click()
    # The sheet for numbers is another one, and wider.
    is_wide = "canvases => canvases.at(-1)?.clientWidth > 400"
    wait_until(lambda: page.locator("canvas").evaluate_all(is_wide))
    expect(page).to_have_url(re.compile("as=number"))
    draw(page, SEVEN, scale=0.6, left=20, top=20)
    expect(answer(page)).to_have_text("7")
    draw(page, ZERO, scale=0.6, left=250, top=20)
    expect(answer(page)).to_have_text("70")
    expect(page.get_by_alt_text(re.compile("from left to right: 7 .*0 "))).to_be_visible()


def test_a_scribble_does_not_look_like_a_digit(visit):
    page = visit("draw")
    generator = np.random.default_rng(1)
    draw(page, generator.uniform(40, 280, (24, 2)).tolist())
    expect(page.get_by_text("This does not look like a digit.")).to_be_visible()
    expect(answer(page)).to_have_text("?")


def test_the_clean_up_is_shown_step_by_step_and_can_be_left_out(visit):
    page = visit("draw")
    draw(page, SEVEN, scale=0.3)
    expect(answer(page)).to_have_text("7")
    for step in ("1. What you wrote", "2. Ink found", "3. Cut out", "4. What the network sees"):
        expect(page.get_by_alt_text(re.compile(re.escape(step)))).to_be_visible()
    page.get_by_text("Skip the clean-up").click()
    expect(page.get_by_text(re.compile("With the clean-up, the answer is 7"))).to_be_visible()
    expect(page.get_by_alt_text(re.compile("the whole picture, shrunk"))).to_be_visible()
    expect(page).to_have_url(re.compile("plain=1"))


def test_a_photograph_on_lined_paper_is_read(visit):
    page = visit("draw?from=file")
    file = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": jpeg(photograph(SEVEN))}
    page.locator("input[type=file]").set_input_files(file)
    expect(answer(page)).to_have_text("7")


def test_what_the_camera_sees_is_read(visit):
    page = visit("draw?from=camera")  # the browser's camera sees a 1
    video = page.locator("video")
    video.wait_for()
    page.wait_for_function("video => video.currentTime > 0", arg=video.element_handle())
    page.get_by_role("button", name="Take Photo").click()
    expect(answer(page)).to_have_text("1")
