import random
import re

import pytest
from playwright.sync_api import Page, expect

from core.segments.channels import channel
from core.segments.game import draw_round
from core.segments.patterns import DIGIT_PATTERNS, SEGMENTS
from tests.browser.conftest import wait_until_drawn
from tests.browser.pointing import place_of
from tests.browser.wire import Wire
from ui.wording.articles import article


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
    wait_until_drawn(page)  # Streamlit fails if its connection ends in the middle of an answer
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


def report(page: Page):
    return page.locator(".digit-lab-report")


def test_clear_invert_damage_and_restore(visit):
    page = visit("?pattern=1110000&noise=missing&level=0.025")
    expect(answer(page)).to_have_text("7")
    page.get_by_role("button", name="Invert").click()
    expect(page).to_have_url(re.compile("pattern=0001111"))
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page).to_have_url(re.compile("pattern=0000000"))
    page.get_by_role("button", name="Damage it").click()
    expect(report(page)).to_contain_text("all segments are dark already")
    page.get_by_role("button", name="Show digit 8").click()
    expect(answer(page)).to_have_text("8")
    page.get_by_role("button", name="Damage it").click()
    expect(report(page)).to_contain_text("It was an 8; segment")
    expect(page).to_have_url(re.compile("pattern=(?!1111111)"))
    assert shown(page) != "1111111"
    page.get_by_role("button", name="Restore").click()
    expect(page).to_have_url(re.compile("pattern=1111111"))
    expect(answer(page)).to_have_text("8")
    assert shown(page) == "1111111"
    expect(page.get_by_role("button", name="Restore")).to_be_disabled()


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
HEADER = 60

# Whether an element is on the screen whole, below the menu, with nothing in front of it.
_IN_SIGHT = """
(element, top) => {
  const { left, right, top: above, bottom } = element.getBoundingClientRect();
  const inside = above >= top && bottom <= innerHeight && left >= 0 && right <= innerWidth;
  const front = document.elementFromPoint((left + right) / 2, (above + bottom) / 2);
  return inside && (element.contains(front) || front.contains(element));
}
"""


def in_sight(locator) -> bool:
    return locator.evaluate(_IN_SIGHT, HEADER)


def test_on_a_phone_the_answer_stays_in_sight_while_one_scrolls_to_the_damage(open_page, visit):
    page = open_page(**PHONE)
    visit("?pattern=1111111&noise=missing&level=0.5", page)
    expect(answer(page)).to_have_text("8")
    segment(page, "g").tap()
    expect(answer(page)).to_have_text("0")
    assert in_sight(answer(page))
    damage = page.get_by_role("button", name="Damage it")
    place_of(damage)
    assert in_sight(answer(page))
    assert page.locator(".st-key-prediction").bounding_box()["height"] < 110
    for letter in SEGMENTS:
        place = place_of(segment(page, letter).locator(".target"))
        assert max(place["width"], place["height"]) >= 40
        assert min(place["width"], place["height"]) >= 40
    for button in page.locator(".st-key-lesson .stButton button, .st-key-display button").all():
        assert place_of(button)["height"] >= 40
    place_of(page.get_by_role("img", name="Probability of each digit"))
    assert in_sight(answer(page))
    place_of(damage)
    damage.tap()
    expect(report(page)).to_contain_text("It was a 0")
    assert in_sight(report(page))
    assert in_sight(answer(page))


def test_on_a_laptop_display_answer_and_damage_share_the_first_screen(open_page, visit):
    page = open_page(viewport={"width": 1280, "height": 800})
    visit("", page)
    expect(
        page.get_by_role("img", name="Probability of each digit").locator(".bars")
    ).to_be_visible()
    for each in (
        answer(page),
        page.locator(".st-key-display"),
        page.get_by_role("button", name="Damage it"),
        page.locator(".st-key-damage_level"),
        page.locator(".st-key-segment_probabilities"),
    ):
        assert in_sight(each)
    display, damage = page.locator(".st-key-display"), page.locator(".st-key-damage_box")
    assert damage.bounding_box()["x"] == display.bounding_box()["x"]


_WATCH_SHIFTS = """
() => {
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifted += entry.value;
  }).observe({ type: "layout-shift" });
}
"""


@pytest.mark.parametrize("options", [{"viewport": {"width": 1280, "height": 800}}, PHONE])
def test_nothing_jumps_while_the_level_moves_and_damage_is_done(open_page, visit, options):
    page = open_page(**options)
    visit("?pattern=1111111&noise=own:1,1,1,1,1,1,1/0,0,0,0,0,0,0&level=1", page)
    expect(
        page.get_by_role("img", name="Probability of each digit").locator(".bars")
    ).to_be_visible()
    slider = page.get_by_role("slider")
    button = page.get_by_role("button", name="Damage it")
    expect(page.get_by_label("goes dark, a")).to_be_visible()
    place_of(slider)
    before = [each.bounding_box() for each in (slider, button, page.locator(".st-key-display"))]
    page.evaluate(_WATCH_SHIFTS)
    slider.focus()
    for _ in range(19):  # quicker than the server answers; none is lost
        page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("level=0.05&"))
    while "1" in (before_press := shown(page)):
        button.dispatch_event("click")
        expect(page.locator(".st-key-display .display")).not_to_have_attribute(
            "data-pattern", before_press
        )
    button.dispatch_event("click")
    expect(report(page)).to_contain_text("all segments are dark already")
    assert page.evaluate("window.shifted") < 0.05
    after = [each.bounding_box() for each in (slider, button, page.locator(".st-key-display"))]
    assert [each["y"] for each in after] == [each["y"] for each in before]


def scores(page: Page) -> list[str]:
    return page.locator(".st-key-game td:last-child").all_inner_texts()


def test_a_round_of_the_game_counts_once_even_after_a_reload(visit):
    drawn = draw_round(channel("missing"), 0.3, 5, 0)
    page = visit("?noise=missing&level=0.3&game=5--0")
    page.get_by_role("radio", name="Play against the network").click()
    result = page.locator(".digit-lab-result")
    expect(result).to_contain_text("Round 1. Which digit was it")
    assert scores(page) == ["0 of 0"] * 3
    page.get_by_role("button", name=str(drawn.digit), exact=True).dblclick()
    expect(result).to_contain_text(f"It was {article(drawn.digit)}")
    expect(result).to_contain_text(f"You said {drawn.digit},")
    expect(page.locator(".st-key-game td:last-child").first).to_have_text("1 of 1")
    expect(page).to_have_url(re.compile(f"game=5-{drawn.digit}-0"))
    before = scores(page)
    page.reload()
    expect(result).to_contain_text(f"It was {article(drawn.digit)}")
    expect(result).to_contain_text(f"You said {drawn.digit},")
    wait_until_drawn(page)
    assert scores(page) == before
    expect(page.get_by_role("button", name="Next digit")).to_be_enabled()
    page.keyboard.press("n")
    expect(result).to_contain_text("Round 2. Which digit was it")
    page.keyboard.press("8")
    expect(result).to_contain_text("You said 8")
    expect(page.locator(".st-key-game td:last-child").last).to_contain_text("of 2")


def test_on_a_phone_the_damaged_digit_and_the_ten_answers_share_a_screen(open_page, visit):
    page = open_page(**PHONE)
    visit("?mode=play", page)
    expect(page.locator(".digit-lab-result")).to_contain_text("Round 1.")
    parts = [
        page.locator(".digit-lab-result"),
        page.locator(".st-key-damaged_display"),
        page.locator(".st-key-game_answers"),
        page.get_by_role("button", name="Next digit"),
    ]
    page.get_by_role("img", name="lit").wait_for()
    assert all(in_sight(each) for each in parts)
    before = [each.bounding_box()["y"] for each in parts]
    page.get_by_role("button", name="8", exact=True).tap()
    expect(parts[0]).to_contain_text("You said 8")
    assert [each.bounding_box()["y"] for each in parts] == before
    for button in page.locator(".st-key-game .stButton button").all():
        assert place_of(button)["height"] >= 40


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
    expect(page.get_by_text("were not used").first).to_be_visible()
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
