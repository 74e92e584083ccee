import random
import re

from playwright.sync_api import Page, expect

from core.segments.patterns import DIGIT_PATTERNS, SEGMENTS
from tests.browser.pointing import place_of
from tests.browser.wire import Wire


def answer(page: Page):
    return page.locator(".st-key-prediction .digit-lab-answer")


def segment(page: Page, letter: str):
    return page.get_by_role("switch", name=f"Segment {letter}", exact=True)


def shown(page: Page) -> str:
    """Returns the pattern that the display shows now."""
    states = [segment(page, letter).get_attribute("aria-checked") for letter in SEGMENTS]
    return "".join("1" if state == "true" else "0" for state in states)


def flip(pattern: str, letter: str) -> str:
    bits = list(pattern)
    place = SEGMENTS.index(letter)
    bits[place] = "0" if bits[place] == "1" else "1"
    return "".join(bits)


def test_every_digit_clicked_segment_by_segment_is_read(visit):
    page = visit()
    for digit, pattern in enumerate(DIGIT_PATTERNS):
        page.get_by_role("button", name="Clear", exact=True).click()
        for letter, bit in zip(SEGMENTS, pattern, strict=True):
            if bit == "1":
                segment(page, letter).click()
        assert shown(page) == pattern
        expect(answer(page)).to_have_text(str(digit))
        expect(page.get_by_text("This is exactly the pattern of")).to_contain_text(str(digit))
        expect(page).to_have_url(re.compile(f"pattern={pattern}"))


def test_a_segment_clicked_while_the_connection_is_down_is_read_after_it(
    page, visit, page_problems
):
    wire = Wire(page)
    visit("?pattern=1111111")
    expect(answer(page)).to_have_text("8")
    wire.cut()
    segment(page, "g").click()
    assert shown(page) == DIGIT_PATTERNS[0]
    page.wait_for_timeout(2_000)  # it is lost by now
    expect(answer(page)).to_have_text("8")
    wire.mend()
    expect(answer(page)).to_have_text("0")
    assert shown(page) == DIGIT_PATTERNS[0]
    page_problems.clear()  # Streamlit says in the console that it has no connection


def test_a_burst_of_clicks_loses_none(visit):
    page = visit("?pattern=0000000")
    expected = "0000000"
    chance = random.Random(5)
    place_of(segment(page, "a"))
    for number in range(60):
        letter = chance.choice(SEGMENTS)
        expected = flip(expected, letter)
        if number % 3:
            segment(page, letter).dispatch_event("click")
        else:
            segment(page, letter).click()
        if number == 40:
            page.get_by_role("button", name="Show digit 6").dispatch_event("click")
            expected = DIGIT_PATTERNS[6]
    assert shown(page) == expected
    expect(page).to_have_url(re.compile(f"pattern={expected}"))


def test_the_keyboard_alone_is_enough(visit):
    page = visit("?pattern=0000000")
    segment(page, "b").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(segment(page, "c")).to_be_focused()
    page.keyboard.press("Enter")
    expect(segment(page, "c")).to_have_attribute("aria-checked", "true")
    expect(answer(page)).to_have_text("1")


def test_touch_is_enough(open_page, visit):
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    visit("?pattern=0000000", page)
    for letter in "bc":
        place_of(segment(page, letter))
        segment(page, letter).tap()
    expect(answer(page)).to_have_text("1")


def test_clear_invert_and_damage(visit):
    page = visit("?pattern=1110000&noise=missing&level=0.5")
    expect(answer(page)).to_have_text("7")
    page.get_by_role("button", name="Invert").click()
    expect(page).to_have_url(re.compile("pattern=0001111"))
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page).to_have_url(re.compile("pattern=0000000"))
    page.get_by_role("button", name="Show digit 8").click()
    expect(answer(page)).to_have_text("8")
    for _ in range(12):  # each leaves an 8 whole with a probability of 1 in 128
        page.get_by_role("button", name="Damage it").click()
    expect(page).to_have_url(re.compile("pattern=(?!1111111)"))
    assert shown(page) != "1111111"


def test_the_pattern_is_there_after_another_page_and_after_a_reload(visit, go_to):
    page = visit()
    page.get_by_role("button", name="Show digit 4").click()
    segment(page, "d").click()
    expect(page).to_have_url(re.compile("pattern=0111011"))
    go_to(page, "Train")
    expect(page.get_by_role("heading", name="Train a network")).to_be_visible()
    go_to(page, "Seven segments")
    expect(page).to_have_url(re.compile("pattern=0111011"))
    assert shown(page) == "0111011"
    page.reload()
    expect(segment(page, "a")).to_have_attribute("aria-checked", "false")
    assert shown(page) == "0111011"


def test_ten_probabilities_are_plotted(visit):
    page = visit()
    plot = page.get_by_role("img", name="Probability of each digit")
    expect(plot.locator(".bars .point")).to_have_count(10)
    expect(plot.get_by_text("How probable is each digit?")).to_be_visible()


def test_a_wrong_link_gets_a_note_and_the_defaults(visit):
    page = visit("?pattern=abc&level=9&noise=fog&model=nobody")
    expect(page.get_by_text("was not used").first).to_be_visible()
    expect(answer(page)).to_have_text("3")
    expect(page).to_have_url(re.compile("pattern=1111001"))


def test_why_this_answer_is_asked_in_three_ways(visit):
    page = visit("?pattern=1111011&noise=flip&level=0.15")
    choice = page.get_by_role("radiogroup", name="Ask the network")
    display = page.get_by_role("group", name="Explained display")
    figure = page.get_by_role("img", name="How much each segment counts")
    expect(display).to_have_count(0)

    choice.get_by_text("Shapley values").click()
    expect(display.get_by_role("img")).to_have_attribute("aria-label", re.compile("speaks for a 9"))
    expect(figure.locator(".waterfalllayer .point")).to_have_count(9)
    expect(page).to_have_url(re.compile("why=shapley"))

    segment(page, "f").click()
    expect(display.get_by_role("img")).to_have_attribute("aria-label", re.compile("speaks for a 3"))
    expect(page.get_by_text("(base value)")).to_contain_text("the probability of a 3")

    choice.get_by_text("One flip").click()
    expect(figure.get_by_text("f → 9")).to_be_visible()
    choice.get_by_text("Weights").click()
    expect(page.get_by_text("crudest of the three")).to_be_visible()
    choice.get_by_text("Weights").click()
    expect(display).to_have_count(0)
