import re

from playwright.sync_api import expect

from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE
from tests.support.models import save_copy
from tests.support.patience import wait_until
from ui.session.visitor import COOKIE


def visitor_of(page):
    """Returns the id that the page's browser keeps in its cookie."""

    def cookie():
        return next((c for c in page.context.cookies() if c["name"] == COOKIE), None)

    wait_until(lambda: cookie() is not None, "the browser keeps no cookie")
    return cookie()["value"]


def test_a_model_is_read_about_downloaded_renamed_and_deleted(visit, app_models):
    store = ModelStore(app_models)
    save_copy(store, "seven-segment", "journey", owner=visitor_of(visit("models")))
    page = visit("models?model=journey")
    expect(page.get_by_role("heading", name="journey")).to_be_visible()
    expect(page.get_by_test_id("stMetricValue")).to_have_text("62.02 %")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download Keras file").click()
    assert download.value.suggested_filename == "journey.keras"
    assert download.value.path().read_bytes() == store.get("journey").read(KERAS_FILE)

    page.get_by_text("Rename or delete", exact=True).click()
    page.get_by_role("textbox", name="New name").fill("journey-two")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("is now called “journey-two”").first).to_be_visible()
    expect(page).to_have_url(re.compile("model=journey-two"))
    assert "journey" not in store.names()

    # The form stays open, and what went wrong is said there.
    box = page.get_by_role("textbox", name="To delete it, type its name")
    box.fill("journey")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Nothing was deleted")).to_be_visible()
    assert "journey-two" in store.names()
    box.fill("journey-two")
    box.press("Enter")
    expect(page.get_by_text("“journey-two” is deleted.").first).to_be_visible()
    assert "journey-two" not in store.names()


def test_a_link_in_a_row_opens_the_page_with_that_model_on_a_phone_and_by_keyboard(
    open_page, visit
):
    phone = {"width": 390, "height": 844}
    page = visit("models", open_page(viewport=phone, has_touch=True, is_mobile=True))
    row = page.locator(".st-key-models_row_seven-segment-flip")
    links = row.get_by_role("link")
    expect(links).to_have_count(6)
    card = row.get_by_role("button", name="Card and files")
    for control in (*links.all(), card):
        expect(control).to_have_css("min-height", "40px")  # the style has come
        assert control.bounding_box()["height"] >= 40
    card.tap()
    heading = page.get_by_role("heading", name="seven-segment-flip")
    expect(heading).to_be_in_viewport()
    link = row.get_by_role("link", name="Try it")
    # In a new tab, an empty address would be the page on which the link stands.
    assert re.match(r"seven_segment\?model=", link.get_attribute("href"))
    link.tap()
    expect(page.get_by_role("heading", name="Seven segments, ten digits")).to_be_visible()
    expect(page).to_have_url(re.compile("model=seven-segment-flip"))
    page.go_back()
    row.get_by_role("link", name="Evaluate").press("Enter")
    expect(page.get_by_role("heading", name="See every mistake")).to_be_visible()
    expect(page).to_have_url(re.compile("model=seven-segment-flip"))
