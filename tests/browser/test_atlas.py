import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.pointing import place_of


def tiles(page: Page) -> Locator:
    return page.locator(".gallery button.tile")


def tile(page: Page, pattern: str) -> Locator:
    return page.locator(f'.gallery button.tile[data-pattern="{pattern}"]')


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()


def test_by_keyboard_from_the_atlas_to_a_pattern(visit, go_to):
    page = visit("atlas")
    expect(tiles(page)).to_have_count(128)
    expect(tile(page, "1111111")).to_have_text("8")

    choose(page, "Confidence")
    expect(tile(page, "1111111")).to_have_text(re.compile(r"8 · .*%"))
    expect(page).to_have_url(re.compile("color=confidence"))

    # One stop for Tab, and the arrow keys within: rows have 16 tiles here.
    expect(page.locator('.gallery button.tile[tabindex="0"]')).to_have_count(1)
    tile(page, "0000000").focus()
    for key, pattern in [
        ("ArrowRight", "0000001"),
        ("ArrowDown", "0010001"),
        ("ArrowDown", "0100001"),
        ("ArrowUp", "0010001"),
        ("ArrowLeft", "0010000"),
        ("ArrowLeft", "0001111"),
        ("End", "1111111"),
        ("ArrowRight", "1111111"),
        ("ArrowDown", "1111111"),
        ("Home", "0000000"),
        ("ArrowUp", "0000000"),
        ("ArrowDown", "0010000"),
    ]:
        page.keyboard.press(key)
        expect(tile(page, pattern)).to_be_focused()
    expect(page.locator('.gallery button.tile[tabindex="0"]')).to_have_count(1)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Seven segments, ten digits")).to_be_visible()
    expect(page).to_have_url(re.compile("pattern=0010000"))
    for letter in "abcdefg":
        switch = page.get_by_role("switch", name=f"Segment {letter}", exact=True)
        expect(switch).to_have_attribute("aria-checked", str(letter == "c").lower())

    go_to(page, "Atlas")
    expect(tile(page, "1111111")).to_have_text(re.compile(r"8 · .*%"))  # as it was left


def test_in_another_order_the_keyboard_stays_where_it_was(visit):
    page = visit("atlas")
    tile(page, "0000000").focus()
    page.keyboard.press("End")
    choose(page, "Probability")
    expect(page.get_by_role("slider")).to_be_visible()
    expect(tiles(page).first).to_have_attribute("data-pattern", re.compile("[01]{7}"))
    expect(page.locator('.gallery button.tile[tabindex="0"]')).to_have_attribute(
        "data-pattern", "1111111"
    )


def test_where_the_network_differs_in_the_dark(open_page, visit):
    page = visit("atlas?color=difference&noise=missing&level=0.2", open_page(color_scheme="dark"))
    expect(page.get_by_text("cannot arise.")).to_be_visible()
    differing = tiles(page).filter(has_text="not")
    sentence = page.get_by_text(re.compile("of the 128 patterns and differs")).inner_text()
    count = re.search(r"differs on (\d+);", sentence)
    assert count
    expect(differing).to_have_count(int(count[1]))
    ground = "element => getComputedStyle(element).backgroundColor"
    assert differing.first.evaluate(ground) != tile(page, "0110000").evaluate(ground)


def test_touch_on_a_phone_is_enough(open_page, visit):
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    visit("atlas?order=answer&color=difference", page)
    expect(tiles(page)).to_have_count(128)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = place_of(tile(page, "0110000"))
    assert min(box["width"], box["height"]) >= 44
    tile(page, "0110000").tap()
    expect(page).to_have_url(re.compile("pattern=0110000"))
    expect(page.locator(".st-key-prediction .digit-lab-answer")).to_have_text("1")
