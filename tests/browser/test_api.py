import json
import re

import pytest
from playwright.sync_api import expect

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "color_scheme": "dark"}


def press_try_it(page):
    """Sends the request and returns the answer that is shown."""
    with page.expect_response(re.compile("/v[12]/models/")) as answered:
        page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text(re.compile(r"^Status 200 OK, [\d.]+ ms$"))).to_be_visible()
    assert answered.value.request.method == "POST"
    return json.loads(page.get_by_role("region", name="The answer").inner_text())


@pytest.mark.parametrize("size", ["laptop", "phone"])
def test_the_pattern_on_the_display_is_asked_about_and_the_answer_is_the_page_s(
    visit, open_page, size
):
    asked = []
    other = (
        open_page(**PHONE)
        if size == "phone"
        else open_page(viewport={"width": 1280, "height": 800})
    )
    other.on(
        "request", lambda request: asked.append(request.url) if request.method == "POST" else 0
    )
    page = visit("api", other)
    page.get_by_role("button", name="Show digit 7").click()
    expect(page.locator(".st-key-prediction .digit-lab-answer")).to_have_text("7")
    expect(page.get_by_test_id("stCode")).to_contain_text('{"instances": [[1, 1, 1, 0, 0, 0, 0]]}')
    assert not [
        url for url in asked if "/v1/" in url
    ]  # nothing is sent before the button is pressed
    answer = press_try_it(page)
    (probabilities,) = answer["predictions"]
    assert len(probabilities) == 10
    assert probabilities.index(max(probabilities)) == 7
    own = page.locator(".st-key-prediction .digit-lab-confidence").inner_text()
    assert own == f"{100 * max(probabilities):.1f} % confident"
    expect(page.get_by_text(f"digit 7, {100 * max(probabilities):.1f} %.")).to_be_visible()
    if size == "laptop":  # cause and effect on one screen
        for seen in (
            page.get_by_role("button", name="Show digit 7"),
            page.get_by_role("region", name="The answer"),
        ):
            box = seen.bounding_box()
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= 800
    stale = page.get_by_text("The request has changed since.")
    expect(stale).to_be_hidden()
    page.get_by_role("button", name="Show digit 1").click()
    expect(stale).to_be_visible()
    page.get_by_role("radio", name="Open Inference").click()
    expect(page.get_by_test_id("stCode")).to_contain_text("/v2/models/seven-segment/infer")
    output = press_try_it(page)["outputs"][0]
    assert (output["name"], output["data"].index(max(output["data"]))) == ("probabilities", 1)
    expect(stale).to_be_hidden()


def test_a_server_that_is_gone_is_a_sentence(visit, page, page_problems):
    visit("api")
    page.route("**/v1/models/**", lambda route: route.abort())
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("No answer: the server could not be reached.")).to_be_visible()
    page.unroute("**/v1/models/**")
    page.route(
        "**/v1/models/**", lambda route: route.fulfill(status=502, body="<html>Bad Gateway</html>")
    )
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text(re.compile("^Status 502 Bad Gateway"))).to_be_visible()
    expect(page.get_by_text("The answer is no JSON.")).to_be_visible()
    page_problems.clear()  # the browser says in the console what the page says in a sentence
