import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.pointing import place_of


def wait_for_answers(page: Page) -> None:
    """Waits until the last chart is drawn and nothing runs: it would close a list of choices."""
    chart = page.get_by_role("img", name="How often the network is right, by its confidence")
    expect(chart.locator(".trace").first).to_be_visible()
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def click_cell(page: Page, row: int, column: int) -> None:
    matrix = page.get_by_role("img", name="Confusion matrix").locator(".nsewdrag")
    expect(matrix).to_be_visible()
    box = place_of(matrix)
    at = {"x": box["width"] * (column + 0.5) / 10, "y": box["height"] * (row + 0.5) / 10}
    matrix.click(position=at)  # type: ignore[arg-type]


def gallery(page: Page, label: str) -> Locator:
    return page.get_by_role("group", name=label)


def test_a_click_on_a_cell_shows_those_very_images(visit):
    page = visit("evaluate?data=built-in&model=handwritten-dense")
    wait_for_answers(page)
    click_cell(page, 3, 3)
    expect(page).to_have_url(re.compile("label=3&answer=3"))
    pictures = gallery(page, "Every 3 read as 3").get_by_role("button")
    expect(pictures.first).to_have_accessible_name(re.compile(r"^A 3; handwritten-dense says 3, "))
    expect(pictures).to_have_count(24)
    pagination = page.locator(".st-key-evaluate_handwritten-dense_built-in_0_cell_3_3_page")
    pagination.get_by_role("button", name=re.compile("2$")).click()
    expect(page.get_by_text(re.compile(r"^25 to \d+ of \d+ pictures"))).to_be_visible()
    click_cell(page, 8, 1)
    expect(page).to_have_url(re.compile("label=8&answer=1"))
    expect(gallery(page, "Every 3 read as 3")).to_have_count(0)


def test_the_first_screen_shows_accuracy_mistakes_and_matrix(visit, open_page):
    page = visit(
        "evaluate?data=built-in&model=handwritten-dense",
        open_page(viewport={"width": 1280, "height": 800}),
    )
    wait_for_answers(page)
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    expect(page.get_by_text(re.compile("Accuracy: [0-9.]+ %"))).to_be_in_viewport(ratio=1)
    mistakes = gallery(page, "The most confident mistakes").get_by_role("button")
    expect(mistakes.nth(9)).to_be_in_viewport(ratio=1)
    expect(mistakes.first).to_have_text(re.compile(r"\d → \d"))
    matrix = page.get_by_role("img", name="Confusion matrix")
    expect(matrix).to_be_in_viewport(ratio=0.9)


def test_two_models_are_set_side_by_side(visit, choose_option):
    page = visit("evaluate?data=built-in&model=handwritten-dense")
    wait_for_answers(page)
    choose_option(page.get_by_role("combobox", name="Second model"), "handwritten-cnn")
    told = page.get_by_text("exactly one of the two is right: “handwritten-dense” on")
    expect(told).to_be_visible()
    expect(page).to_have_url(re.compile("with=handwritten-cnn"))
    page.get_by_role("radio", name=re.compile("^Both are wrong")).click()
    expect(page).to_have_url(re.compile("group=none"))
    # The same link shows the same again, and asks nobody again.
    page.reload()
    expect(told).to_be_visible()
    expect(page.get_by_role("radio", name=re.compile("^Both are wrong"))).to_be_checked()


def test_a_picture_is_one_click_from_the_inside_view(visit):
    page = visit("evaluate?data=built-in&model=handwritten-dense")
    wait_for_answers(page)
    pictures = gallery(page, "The least confident answers").get_by_role("button")
    pictures.first.focus()
    pictures.first.press("ArrowRight")
    expect(pictures.nth(1)).to_be_focused()
    pictures.nth(1).press("Enter")
    expect(page).to_have_url(re.compile(r"/inside\?.*model=handwritten-dense.*test=\d+"))


def test_a_pattern_is_one_click_from_the_inside_view(visit):
    page = visit("evaluate?task=seven-segment")
    wait_for_answers(page)
    click_cell(page, 2, 2)
    expect(page).to_have_url(re.compile("label=2&answer=2"))
    two = gallery(page, "Every 2 read as 2").locator('[data-pattern="1101101"]')
    expect(two).to_contain_text("times")
    two.click()
    expect(page).to_have_url(re.compile(r"/inside\?.*model=seven-segment.*pattern=1101101"))
