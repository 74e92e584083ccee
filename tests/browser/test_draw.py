import re

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import wait_until_drawn
from tests.browser.pictures import ONE, SEVEN, ZERO, jpeg, photograph
from tests.browser.pointing import place_of
from tests.browser.wire import Wire
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
    return page.get_by_role("button", name=name, exact=True)


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
    button(page, "Undo").click()  # clearing can be undone
    expect(answer(page)).to_have_text("1")
    button(page, "Clear").click()
    draw(page, SEVEN)
    expect(answer(page)).to_have_text("7")
    page.reload()
    expect(answer(page)).to_have_text("7")
    expect(page.locator("canvas").last).to_have_attribute("data-strokes", "1")


def test_what_is_drawn_without_a_connection_is_read_after_it(page, visit, page_problems):
    wire = Wire(page)
    visit("draw")
    draw(page, SEVEN)
    expect(answer(page)).to_have_text("7")
    wait_until_drawn(page)  # Streamlit fails if its connection ends in the middle of an answer
    wire.cut()
    button(page, "Clear").click()
    draw(page, [(60, 60), (260, 60)])
    button(page, "Undo").click()
    draw(page, ONE)
    expect(page.locator("canvas").last).to_have_attribute("data-strokes", "1")
    wire.mend()
    expect(answer(page)).to_have_text("1")
    page_problems.clear()  # Streamlit says in the console that it has no connection


def test_the_keyboard_draws(visit):
    page = visit("draw")
    wait_until_drawn(page)
    page.locator("canvas").last.focus()
    for key in ["ArrowUp"] * 11 + [" "] + ["ArrowDown"] * 22 + [" "]:
        page.keyboard.press(key)
    expect(answer(page)).to_have_text("1")
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()


def test_only_the_part_in_the_box_is_read(visit):
    page = visit("draw?from=file&as=number")
    image = np.full((300, 500, 3), (225, 235, 240), np.uint8)
    for points, left in ((SEVEN, 10), (ONE, 240)):
        path = (np.array(points) * 0.7 + (left, 30)).astype(np.int32)
        cv2.polylines(image, [path], False, (60, 20, 20), 10, cv2.LINE_AA)
    png = cv2.imencode(".png", image)[1].tobytes()
    page.locator("input[type=file]").set_input_files(
        {"name": "both.png", "mimeType": "image/png", "buffer": png}
    )
    expect(answer(page)).to_have_text("71")
    page.get_by_text("Read only a part of it").click()
    page.get_by_text("Draw a box around").wait_for()
    page.locator("canvas").last.wait_for()
    wait_until_drawn(page)
    box = place_of(page.locator("canvas").last)
    page.mouse.move(box["x"] + 8, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 215, steps=5)
    page.mouse.up()
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
    expect(page.get_by_text("98.1 % right on 10,000 test digits of MNIST")).to_be_visible()
    choose_option(page.get_by_role("combobox").first, "handwritten-cnn")
    expect(page).to_have_url(re.compile("model=handwritten-cnn"))


def test_a_finger_draws_on_a_phone(open_page, visit):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    visit("draw", page)
    wait_until_drawn(page)
    sheet = page.locator("canvas").last
    place_of(sheet)  # waits until it stands still
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    box = sheet.bounding_box()
    assert box is not None
    # The whole sheet is on the first screen, and so is the place of the answer above it.
    assert (box["x"] >= 0, box["x"] + box["width"] <= 390) == (True, True)
    assert box["y"] + box["height"] <= 844
    expect(page.get_by_text("Nothing is drawn yet")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # Nothing lies on the sheet: a tap leaves ink in each of its corners.
    right, bottom = box["x"] + box["width"] - 6, box["y"] + box["height"] - 6
    corners = [(x, y) for x in (box["x"] + 6, right) for y in (box["y"] + 6, bottom)]
    for count, (x, y) in enumerate(corners, 1):
        page.touchscreen.tap(x, y)
        expect(sheet).to_have_attribute("data-strokes", str(count))
    expect(answer(page)).to_be_in_viewport(ratio=1)
    assert sheet.bounding_box() == box


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
