import re

from playwright.sync_api import expect

from tests.browser.pictures import SEVEN
from tests.browser.test_draw import answer, draw


def maps(page):
    return page.get_by_role("img", name=re.compile(" map$"))


def test_a_drawn_digit_is_looked_into(visit):
    page = visit("draw?model=handwritten-cnn")
    draw(page, SEVEN)
    expect(answer(page)).to_have_text("7")
    page.get_by_role("link", name="See what happens inside the network").click()
    expect(page.get_by_role("heading", name="Inside a network")).to_be_visible()
    expect(answer(page)).to_have_text("7")
    expect(page).to_have_url(re.compile("inside.*from=drawn"))
    expect(page.get_by_alt_text("what you drew, as the network sees it")).to_be_visible()
    # The weights need no worker; the rest follows.
    expect(page.get_by_text("all 32 filters of 3×3 weights")).to_be_visible()
    expect(maps(page)).to_have_count(4)
    expect(page.get_by_alt_text(re.compile(r"^map \d+: ")).first).to_be_visible()
    for name in ("Saliency", "Integrated gradients", "Grad-CAM", "Occlusion"):
        expect(page.get_by_role("img", name=f"{name} map").locator("svg").first).to_be_visible()
    page.get_by_role("radio", name="2", exact=True).click()
    expect(page.get_by_text("how much the score of 2 fell")).to_be_visible()
    page.get_by_role("radio", name="A test example").click()
    expect(page.get_by_alt_text(re.compile("test example 0"))).to_be_visible()
    # However quick: every click counts.
    page.get_by_role("button", name="Next").click(click_count=7)
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_alt_text(re.compile("test example 6,"))).to_be_visible()
    expect(page).to_have_url(re.compile("test=6"))


def test_a_pattern_lights_the_way_through_the_network(visit):
    page = visit("inside?model=seven-segment&pattern=1110000")
    expect(answer(page)).to_have_text("7")
    diagram = page.get_by_role("img", name="Forward pass through the network")
    expect(diagram.locator("svg").first).to_be_visible()
    expect(diagram).to_contain_text("a, lit")
    expect(diagram).to_contain_text("g, dark")
    page.get_by_role("button", name="Show digit 8").click()
    expect(answer(page)).to_have_text("8")
    expect(diagram).to_contain_text("g, lit")
    expect(page.get_by_text("has no convolution")).to_be_visible()
    expect(page.get_by_text(re.compile("With segment . off, the network reads"))).to_be_visible()


def test_the_final_step_ends_at_the_percentage_above(visit):
    page = visit("inside?model=handwritten-cnn&data=built-in&test=3")
    # Too unsure for a digit: the page says so, and how sure it is.
    confidence = re.compile(r"Closest: 3, ([\d.]+ %) confident")
    expect(answer(page)).to_have_text("?")
    told = page.get_by_text(confidence)
    expect(told).to_be_visible()
    row = page.get_by_role("row", name=re.compile("^3 ?highest"))
    expect(row).to_be_visible()
    expect(row.get_by_role("cell").last).to_have_text(confidence.search(told.inner_text())[1])
    expect(page.get_by_role("columnheader", name=re.compile("1.7706.*temperature"))).to_be_visible()


def test_a_map_is_enlarged_by_a_click_and_by_the_keyboard(visit):
    page = visit("inside?model=handwritten-cnn&data=built-in&test=3")
    gallery = page.get_by_role("group", name="Maps of the layer")
    gallery.get_by_role("button").nth(6).click()
    expect(page.get_by_text("Map 7: its filter at work")).to_be_visible()
    expect(page).to_have_url(re.compile(r"map=2\.7&row=24&column="))
    expect(gallery.get_by_role("button").nth(6)).to_be_in_viewport()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("Choose a map to see its filter at work")).to_be_visible()
    expect(page).not_to_have_url(re.compile("map="))
    gallery.get_by_role("button").nth(6).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Map 8: its filter at work")).to_be_visible()
    # The window moves, and the sum with it; the same link shows the same again.
    page.get_by_role("slider", name="Row of the map").press("Home")
    expect(page.get_by_text(re.compile("the number at row 1, column"))).to_be_visible()
    expect(page).to_have_url(re.compile(r"map=2\.8&row=1&"))
    page.reload()
    expect(page.get_by_text(re.compile("the number at row 1, column"))).to_be_visible()
