import pytest
from playwright.sync_api import expect

from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE
from tests.browser.pictures import SEVEN
from tests.browser.pointing import place_of
from tests.support.patience import PATIENCE


@pytest.mark.keras
@pytest.mark.slow
def test_a_network_of_one_s_own_is_brought_drawn_with_and_safe_from_others(
    visit, open_page, app_models
):
    data = ModelStore(app_models).get("handwritten-cnn").read(KERAS_FILE)
    page = visit("models?task=handwritten")
    page.get_by_text("Bring a network of your own").click()
    file = {"name": "My net.keras", "mimeType": "application/octet-stream", "buffer": data}
    page.locator("input[type=file]").set_input_files(file)
    check = page.get_by_role("button", name="Check and measure it")
    expect(check).to_be_enabled()
    check.click()
    save = page.get_by_role("button", name="Save it")
    expect(page.get_by_text("Opening the network").or_(save).first).to_be_visible()
    # A process of its own loads TensorFlow for it, after the worker has.
    expect(save).to_be_visible(timeout=3000 * PATIENCE)
    expect(page.get_by_text("may have seen these test examples")).to_be_visible()
    name = page.get_by_role("textbox", name="Name of the network")
    expect(name).to_have_value("my-net")
    save.click()
    expect(page.get_by_text("It is yours")).to_be_visible()

    # Another visitor draws with it, and cannot delete it.
    other = visit("draw?model=my-net", open_page(viewport={"width": 390, "height": 844}))
    canvas = place_of(other.locator("canvas").last)
    (x, y), *more = [(canvas["x"] + 0.7 * x, canvas["y"] + 0.7 * y) for x, y in SEVEN]
    other.mouse.move(x, y)
    other.mouse.down()
    for x, y in more:
        other.mouse.move(x, y, steps=4)
    other.mouse.up()
    expect(other.locator(".st-key-prediction .digit-lab-answer")).to_have_text("7")
    visit("models?model=my-net", other)
    expect(other.get_by_text("Somebody else saved this model.")).to_be_visible()
    expect(other.get_by_text("Rename or delete", exact=True)).to_have_count(0)

    visit("models?model=my-net")
    page.get_by_text("Rename or delete", exact=True).click()
    page.get_by_role("textbox", name="To delete it, type its name").fill("my-net")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("“my-net” is deleted.").first).to_be_visible()
