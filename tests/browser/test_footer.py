"""What stands under every page: the link to share, and the fresh start."""

import re

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.pictures import SEVEN
from tests.browser.test_draw import answer, button, draw
from tests.running_app import STREAMLIT
from ui.services.address import own_address


def test_the_shared_link_opens_the_page_as_it_is(visit):
    page = visit("?pattern=1111111")
    page.get_by_role("switch", name="Segment g").click()
    expect(answer(page)).to_have_text("0")
    button(page, "Share this page").click()
    link = page.get_by_role("dialog").locator("code")
    expect(link).to_contain_text("pattern=1111110")  # as the page is, not as it was opened
    expect(page.get_by_text("It works on this computer only")).to_be_visible()


@pytest.mark.skipif(own_address() is None, reason="this machine is in no network")
def test_where_others_can_reach_the_server_the_link_has_a_code(own_server, open_page):
    app = own_server((*STREAMLIT[:-1], "--server.address", "0.0.0.0", STREAMLIT[-1]))
    page = open_page()
    page.goto(f"{app.url}/draw")
    button(page, "Share this page").click()
    link = page.get_by_role("dialog").locator("code")
    expect(link).to_contain_text(f"http://{own_address()}:{app.port}/draw?")
    code = page.get_by_role("dialog").locator("img")
    expect(code).to_be_visible()
    source = code.evaluate("image => image.src")
    picture = np.frombuffer(page.request.get(source).body(), np.uint8)
    read = cv2.QRCodeDetector().detectAndDecode(cv2.imdecode(picture, cv2.IMREAD_GRAYSCALE))[0]
    assert read == "".join(link.inner_text().split())


def test_a_fresh_start_leaves_nothing_to_the_next_person(visit):
    page = visit("draw")
    draw(page, SEVEN)
    expect(answer(page)).to_have_text("7")
    button(page, "Right, it is a 7").click()
    expect(page.get_by_text("You now have 1 sample")).to_be_visible()
    button(page, "Start afresh").click()
    button(page, "Forget me here").click()
    expect(page).to_have_url(re.compile("pattern="))  # the start page
    page.goto(re.sub(r"/\?.*", "/draw", page.url))
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()
    draw(page, SEVEN)
    button(page, "Right, it is a 7").click()
    expect(page.get_by_text("You now have 1 sample")).to_be_visible()
