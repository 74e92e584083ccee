import io
import json
import re

import numpy as np
from playwright.sync_api import Page, expect
from scipy.io import savemat

from tests.browser.pointing import place_of

FAST = "train?task=seven-segment&recipe=fast"
SHORT = "train?task=seven-segment&recipe=guide&epochs=3&batch_size=512"
# More than a journey needs: 110,000 steps.
LONG = "train?task=seven-segment&recipe=guide&epochs=200&batch_size=40"
BATCHES = 22_000 // 40


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def start(page: Page) -> None:
    before = page.url
    button(page, "Start training").click()
    expect(page).to_have_url(re.compile("run=[0-9a-f]{16}"))
    expect(page).not_to_have_url(before)


def progress(page: Page, words: str):
    return page.get_by_text(re.compile(words))


def wait_for_first_epoch(page: Page) -> None:
    expect(progress(page, r"^Epoch ([2-9]|\d\d+) of")).to_be_visible()


def stop(page: Page) -> None:
    button(page, "Stop").click()
    expect(page.get_by_text(re.compile("You stopped it"))).to_be_visible()


def set_slider(page: Page, label: str, presses: int) -> None:
    slider = page.get_by_role("slider", name=label)
    slider.focus()
    for _ in range(abs(presses)):
        slider.press("ArrowRight" if presses > 0 else "ArrowLeft")


def open_take_away(page: Page) -> None:
    page.get_by_text("Take it with you: code, notebook, history, logs").click()
    # What is below the code moves down when it comes, away from under the mouse.
    expect(page.get_by_test_id("stCode").get_by_text("import keras")).to_be_visible()
    place_of(button(page, "Download code"))


def test_train_to_the_end_save_and_use_on_another_page(visit, app_models, choose_option, go_to):
    page = visit(SHORT)
    start(page)
    button(page, "Save model").wait_for()
    expect(page.get_by_text("95 % interval").first).to_be_visible()
    expect(page.get_by_text("exact: measured on all 10 that exist")).to_be_visible()
    name = page.get_by_role("textbox", name="Name")
    name.fill("from-a-test")
    name.press("Enter")
    button(page, "Save model").click()
    expect(page.get_by_text("Saved as “from-a-test”")).to_be_visible()
    card = json.loads((app_models / "from-a-test" / "card.json").read_text())
    assert card["epochs_done"] == 3

    with page.expect_download() as download:
        button(page, "Download Keras file").click()
    saved = (app_models / "from-a-test" / "model.keras").read_bytes()
    assert download.value.path().read_bytes() == saved

    open_take_away(page)
    with page.expect_download() as download:
        button(page, "Download history (CSV)").click()
    assert len(download.value.path().read_text().splitlines()) == 4
    with page.expect_download() as download:
        button(page, "Download code").click()
    compile(download.value.path().read_text(), "train.py", "exec")
    button(page, "Make TensorBoard logs").click()
    with page.expect_download() as download:
        button(page, "Download TensorBoard logs").click()
    assert download.value.path().read_bytes().startswith(b"PK")

    go_to(page, "Seven segments")
    expect(page.get_by_role("heading", name="Seven segments")).to_be_visible()
    choose_option(page.get_by_role("combobox", name="Model"), "from-a-test")
    expect(page).to_have_url(re.compile("model=from-a-test"))
    page.get_by_role("button", name="Show digit 8").click()
    expect(page.locator(".st-key-prediction .digit-lab-answer")).to_have_text("8")


def test_pause_step_resume_and_another_learning_rate(visit):
    page = visit(LONG)
    start(page)
    wait_for_first_epoch(page)
    button(page, "Pause").click()
    paused = progress(page, rf"^Paused: epoch \d+ of 200, batch \d+ of {BATCHES}")
    expect(paused).to_be_visible()
    epoch, _, batch, _ = map(int, re.findall(r"\d+", paused.inner_text()))
    button(page, "Step a batch").click()
    if batch + 1 == BATCHES:  # it was the epoch's last
        epoch, batch = epoch + 1, -1
    after = rf"^Paused: epoch {epoch} of 200, batch {batch + 1} of"
    expect(progress(page, after)).to_be_visible()
    button(page, "Step an epoch").click()
    next_epoch = rf"^Paused: epoch {epoch + 1} of 200, batch 0 of"
    expect(progress(page, next_epoch)).to_be_visible()
    set_slider(page, "Learning rate from now on", -1)
    expect(page.get_by_text(re.compile("learning rate 0.0003"))).to_be_visible()
    button(page, "Resume").click()
    expect(progress(page, r"^Epoch \d+ of 200")).to_be_visible()
    expect(button(page, "Pause")).to_be_visible()
    stop(page)
    expect(button(page, "Save model")).to_be_enabled()
    open_take_away(page)
    expect(page.get_by_text("CHANGES = {").first).to_be_visible()


def test_curves_move_in_place_through_a_reload_and_another_page(visit, go_to):
    page = visit(LONG)
    start(page)
    wait_for_first_epoch(page)
    curve = page.get_by_role("img", name="Accuracy by epoch")
    curve.locator(".scatterlayer .trace").first.wait_for()
    graph = curve.element_handle()
    epoch = progress(page, r"^Epoch \d+ of 200, about .* left")
    before = epoch.inner_text()
    expect(epoch).not_to_have_text(before)
    assert graph.evaluate("node => node.isConnected"), "the curve is the same one all the time"
    expect(page.get_by_text(re.compile(r"^The digits after epoch \d+: "))).to_be_visible()

    go_to(page, "Noise")
    expect(page.get_by_role("heading", name="How much noise")).to_be_visible()
    go_to(page, "Train")
    expect(epoch).to_be_visible()

    page.reload()
    expect(epoch).to_be_visible()
    # Without the link, in a new tab: the person's newest run is there.
    tab = page.context.new_page()
    visit("train", tab)
    expect(progress(tab, r"^Epoch \d+ of 200")).to_be_visible()
    stop(tab)
    expect(page.get_by_text(re.compile("You stopped it"))).to_be_visible()


def test_two_people_have_runs_of_their_own(visit, open_page):
    page = visit(LONG)
    start(page)
    wait_for_first_epoch(page)
    other = open_page()
    visit("train", other)
    expect(other.get_by_text("Press “Start training” and watch")).to_be_visible()
    other.goto(page.url)  # a link opens any run to look at
    expect(other.get_by_text("This run is somebody else's")).to_be_visible()
    expect(progress(other, r"^Epoch \d+ of 200")).to_be_visible()
    expect(button(other, "Pause")).to_have_count(0)
    visit(FAST, other)
    start(other)
    expect(progress(page, r"^Epoch \d+ of 200")).to_be_visible()
    stop(page)  # on a small machine the other run has waited for this
    expect(button(other, "Save model")).to_be_visible()


def test_handwriting_is_trained_on_what_is_there(visit):
    page = visit("train?task=handwritten&data=built-in&recipe=fast&epochs=2")
    start(page)
    button(page, "Save model").wait_for()
    expect(page.get_by_text("built-in test digits")).to_be_visible()


def test_the_courses_file_is_uploaded_and_learned_from(visit):
    rng = np.random.default_rng(0)
    file = io.BytesIO()
    savemat(file, {"X": rng.random((300, 400)), "y": np.arange(300)[:, None] % 10 + 1})
    page = visit("train?task=course-lab&epochs=2")
    page.get_by_text("More settings", exact=True).click()
    upload = {"name": "ex3data1.mat", "mimeType": "application/octet-stream"}
    chooser = page.locator('input[type="file"]')
    chooser.set_input_files([{**upload, "buffer": file.getvalue()[:9000]}])
    expect(page.get_by_text("damaged or was cut off")).to_be_visible()
    chooser.set_input_files([{**upload, "buffer": file.getvalue()}])
    expect(page).to_have_url(re.compile("data=upload-"))
    start(page)
    button(page, "Save model").wait_for()
    expect(page.get_by_text("digits of the uploaded file, kept for testing")).to_be_visible()


def place(locator):
    """Where something is in the window: left, top, right, bottom."""
    box = locator.bounding_box()
    assert box is not None
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def what_belongs_together(page):
    return [
        button(page, "Start training"),
        page.get_by_role("img", name="Accuracy by epoch"),
        page.get_by_role("img", name="Loss by epoch"),
        page.locator(".st-key-samples"),
    ]


def all_places(page):
    for chart in what_belongs_together(page)[1:3]:
        chart.locator(".main-svg").first.wait_for()
    return [place(part) for part in what_belongs_together(page)]


def test_start_curves_and_digits_share_a_screen_and_keep_their_places(visit, open_page):
    page = visit(FAST, open_page(viewport={"width": 1280, "height": 800}))
    expect(page.get_by_role("switch", name="Slow motion")).to_be_checked()
    before = all_places(page)
    assert all(
        left >= 0 and top >= 0 and right <= 1280 and bottom <= 800
        for left, top, right, bottom in before
    )
    start(page)
    expect(page.get_by_text(re.compile(r"^The digits after epoch \d+: "))).to_be_visible()
    expect(button(page, "Pause")).to_be_visible()  # slow motion leaves time to look
    assert all_places(page) == before
    expect(page.get_by_text(re.compile("All epochs are done"))).to_be_visible()
    expect(button(page, "Save model")).to_be_visible()
    assert all_places(page) == before


def test_a_phone_shows_start_and_the_accuracy_curve_together(visit, open_page):
    size = {"width": 390, "height": 844}
    page = visit(FAST, open_page(viewport=size, has_touch=True, is_mobile=True))
    begin, accuracy, *_ = all_places(page)
    assert begin[3] <= accuracy[1]
    assert accuracy[3] <= 844
    page.get_by_text("More settings", exact=True).tap()
    expect(page.get_by_role("combobox", name="Noise in the data")).to_be_visible()
    begin, accuracy, *_ = all_places(page)
    assert accuracy[1] - begin[3] < 844  # the settings scroll by themselves
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_choice_about_slow_motion_is_kept_through_a_reload_and_a_new_tab(visit):
    page = visit(FAST)
    switch = page.get_by_role("switch", name="Slow motion")
    expect(switch).to_be_checked()
    page.get_by_text("Slow motion").click()
    expect(switch).not_to_be_checked()
    page.wait_for_function("document.cookie.includes('digit_lab_slow_motion=no')")
    page.reload()
    expect(switch).not_to_be_checked()
    tab = page.context.new_page()
    visit(FAST, tab)
    expect(tab.get_by_role("switch", name="Slow motion")).not_to_be_checked()


WATCH = """
() => {
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifted += entry.value;
  }).observe({ type: "layout-shift" });
}
"""


def test_nothing_jumps_while_a_run_goes_on_and_its_learning_rate_is_moved(visit):
    page = visit(FAST)
    all_places(page)
    page.evaluate(WATCH)
    start(page)
    expect(page.get_by_text(re.compile(r"^The digits after epoch \d+: "))).to_be_visible()
    set_slider(page, "Learning rate from now on", -2)
    expect(page.get_by_text(re.compile("Chosen last"))).to_be_visible()
    expect(page.get_by_text(re.compile("All epochs are done"))).to_be_visible()
    assert page.evaluate("window.shifted") < 0.05
