import re

from playwright.sync_api import expect

from tests.browser.pointing import place_of


def test_a_data_set_is_looked_through_from_sizes_to_a_map(visit):
    page = visit("data?task=handwritten&data=built-in&part=test")
    expect(page.get_by_role("heading", name="A map of the examples")).to_be_visible()
    expect(page.get_by_test_id("stMetricValue")).to_have_text(["1,077", "270", "450"])
    pictures = page.locator(".st-key-dataset_samples img")
    expect(pictures).to_have_count(60)
    # A wall of digits is what a person sees first, whole rows of it.
    expect(pictures.nth(39)).to_be_in_viewport(ratio=1)
    page.get_by_role("radio", name="0", exact=True).click()
    expect(pictures).to_have_count(24)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    expect(page.locator(".st-key-dataset_samples img")).to_have_count(21)
    bars = page.get_by_role("img", name="Share of each class in each part")
    expect(bars.locator(".barlayer .trace")).to_have_count(3)

    page.get_by_role("radio", name="t-SNE").click()
    expect(page.get_by_text("Only these neighbourhoods mean something")).to_be_visible()
    expect(page).to_have_url(re.compile("data=built-in"))


def test_a_point_shows_its_picture_under_the_mouse_and_by_the_keyboard(visit):
    page = visit("data?task=handwritten&data=built-in")
    chart = page.get_by_role("img", name="Map of test examples")
    expect(chart).to_be_visible()
    point = chart.locator(".scatterlayer .trace").nth(3).locator("path.point").first
    place_of(point)
    picture = page.locator(".st-key-dataset_map .digit-lab-plot-picture")
    expect(picture).to_be_hidden()
    point.hover(force=True)
    expect(picture).to_be_visible()
    expect(picture).to_have_attribute("src", re.compile("^data:image/png;base64,"))
    page.mouse.move(5, 5)
    expect(picture).to_be_hidden()

    number = page.get_by_role("spinbutton", name=re.compile("Look at point"))
    expect(number).to_have_value("1")
    point.click(force=True)
    expect(number).not_to_have_value("1")
    expect(page.locator(".st-key-dataset_chosen")).to_contain_text("“3”")
    before = page.locator(".st-key-dataset_chosen").inner_text()
    number.focus()
    number.press("ArrowUp")
    number.press("Enter")
    expect(page.locator(".st-key-dataset_chosen")).not_to_have_text(before)
    expect(page.locator(".st-key-dataset_chosen img")).to_have_count(1)


def test_a_finger_shows_a_point_s_picture(open_page, visit):
    page = visit("data?task=seven-segment", open_page(has_touch=True))
    chart = page.get_by_role("img", name="Map of the patterns")
    expect(chart.locator("path.point")).to_have_count(129)
    # A 1 of the second trace: whichever lies there, its picture is shown.
    point = chart.locator(".scatterlayer .trace").nth(1).locator("path.point").first
    box = place_of(point)
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    picture = page.locator(".st-key-dataset_pattern_map .digit-lab-plot-picture")
    expect(picture).to_be_visible()
    page.touchscreen.tap(box["x"], box["y"] - 200)
    expect(picture).to_be_hidden()


def test_the_noise_chosen_changes_how_often_segments_are_lit(visit):
    page = visit("data?task=seven-segment&noise=flip&level=0.1")
    shares = page.get_by_role("img", name="How often each segment is lit for each digit")
    expect(shares.locator("text", has_text=re.compile("^90$")).first).to_be_visible()
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    expect(page).to_have_url(re.compile("level=0.125"))
    expect(shares.locator("text", has_text=re.compile("^88$")).first).to_be_visible()
