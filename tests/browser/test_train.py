import json
import re

from playwright.sync_api import Page, expect

SHORT = "train?task=seven-segment&epochs=3&batch_size=512"
LONG = "train?task=seven-segment&epochs=100&batch_size=16"
PATIENCE = 90_000  # milliseconds: the workers may still be starting


def start(page: Page) -> None:
    page.get_by_role("button", name="Start training").click()


def save_button(page: Page):
    return page.get_by_role("button", name="Save model")


def wait_for_first_epoch(page: Page) -> None:
    expect(page.get_by_text(re.compile(r"^Epoch [2-9]"))).to_be_visible(timeout=PATIENCE)


def test_train_to_the_end_save_and_use_on_another_page(visit, app_models):
    page = visit(SHORT)
    start(page)
    save_button(page).wait_for(timeout=PATIENCE)
    expect(page.get_by_text("95 % interval").first).to_be_visible()
    expect(page.get_by_text("exact: all 10 there are")).to_be_visible()
    name = page.get_by_role("textbox", name="Name")
    name.fill("seven-segment")
    name.press("Enter")
    save_button(page).click()
    expect(page.get_by_text("There is a model called 'seven-segment' already")).to_be_visible()
    name.fill("Not A Name")
    name.press("Enter")
    save_button(page).click()
    expect(page.get_by_text("lower-case letters").first).to_be_visible()
    name.fill("from-a-test")
    name.press("Enter")
    save_button(page).click()
    expect(page.get_by_text("Saved as “from-a-test”")).to_be_visible()
    card = json.loads((app_models / "from-a-test" / "card.json").read_text())
    assert card["epochs_done"] == 3

    with page.expect_download() as download:
        page.get_by_role("button", name="Download Keras file").click()
    saved = (app_models / "from-a-test" / "model.keras").read_bytes()
    assert download.value.path().read_bytes() == saved

    page.get_by_role("link", name="Seven segments").click()
    expect(page.get_by_role("heading", name="Seven segments")).to_be_visible()
    page.get_by_role("combobox").first.click()
    page.get_by_role("option", name="from-a-test").click()
    expect(page).to_have_url(re.compile("model=from-a-test"))
    page.get_by_role("button", name="Show digit 8").click()
    expect(page.locator(".st-key-prediction .digit-lab-answer")).to_have_text("8")


def test_curves_move_without_being_made_anew_and_stop_keeps_the_network(visit):
    page = visit(LONG)
    start(page)
    curve = page.get_by_role("img", name="Accuracy by epoch")
    wait_for_first_epoch(page)
    curve.locator(".scatterlayer .trace").first.wait_for()
    graph = curve.element_handle()
    epoch = page.get_by_text(re.compile(r"^Epoch \d+ of 100, about .* left"))
    before = epoch.inner_text()
    expect(epoch).not_to_have_text(before, timeout=PATIENCE)
    assert graph.evaluate("node => node.isConnected"), "the curve is the same one all the time"

    # Away and back: it goes on meanwhile.
    page.get_by_role("link", name="Noise").click()
    expect(page.get_by_role("heading", name="How much noise")).to_be_visible()
    page.get_by_role("link", name="Train").click()
    expect(epoch).to_be_visible()

    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile("Stopped in epoch"))).to_be_visible(timeout=PATIENCE)
    expect(save_button(page)).to_be_enabled()
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()


def test_handwriting_is_trained_on_what_is_there(visit):
    page = visit("train?task=handwritten&data=built-in&architecture=dense&epochs=2&batch_size=256")
    start(page)
    save_button(page).wait_for(timeout=PATIENCE)
    expect(page.get_by_text("built-in test images")).to_be_visible()
