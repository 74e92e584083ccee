import re

import pytest
from playwright.sync_api import Page, expect

READ = ".digit-lab-readings .value"


def wait_for_curves(page: Page) -> None:
    values = page.locator(READ)
    expect(values.first).to_be_visible()
    expect(values.filter(has_text="…")).to_have_count(0)
    expect(page.get_by_test_id("stProgress")).to_have_count(0)


def accuracies(page: Page) -> list[str]:
    return page.locator(READ).all_inner_texts()


def test_the_slider_moves_the_reading_and_measures_nothing_again(visit):
    page = visit("noise?task=seven-segment&noise=flip&level=0.125")
    wait_for_curves(page)
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.locator(READ).last).to_have_text("62.1 %")
    expect(page).to_have_url(re.compile("level=0.15"))
    expect(page.get_by_test_id("stProgress")).to_have_count(0)
    network, ceiling = (float(text.split()[0]) for text in accuracies(page))
    assert network == pytest.approx(ceiling, abs=2)
    slider.press("ArrowLeft")
    expect(page).to_have_url(re.compile("level=0.125"))
    slider.press("ArrowRight")
    expect(page.locator(READ).first).to_have_text(f"{network} %")


def test_handwriting_models_are_compared(visit):
    page = visit(
        "noise?task=handwritten&noise=salt-and-pepper&level=0&models=handwritten-cnn,handwritten-dense"
    )
    wait_for_curves(page)
    plot = page.get_by_role("img", name="Accuracy by level of salt and pepper")
    expect(plot.locator(".scatterlayer .trace")).to_have_count(2)
    expect(page.locator(".st-key-noise_samples img")).to_have_count(10)
    for text in accuracies(page):
        assert float(text.split()[0]) > 60


def test_a_table_of_one_s_own_is_edited_and_measured(visit):
    page = visit("noise?noise=own:0,0,0,0,0,0,0/0,0,0,0,0,0,0&level=1")
    wait_for_curves(page)
    expect(page.locator(READ).last).to_have_text("100.0 %")
    page.get_by_role("spinbutton", name="lights up, a").fill("100")
    expect(page).to_have_url(re.compile("noise=own%3A0%2C0%2C0%2C0%2C0%2C0%2C0%2F100%2C"))
    # A 1 looks like a 7 then.
    expect(page.locator(READ).last).to_have_text("90.0 %")
    wait_for_curves(page)


def test_a_row_typed_as_quickly_as_one_can_is_kept_whole(visit):
    page = visit("noise?noise=own:0,0,0,0,0,0,0/0,0,0,0,0,0,0&level=1")
    wait_for_curves(page)
    page.get_by_role("spinbutton", name="goes dark, a").focus()
    for number in (11, 22, 33, 44, 55, 66, 77):
        page.keyboard.type(str(number))
        page.keyboard.press("Tab")
    expect(page).to_have_url(re.compile("noise=own%3A11%2C22%2C33%2C44%2C55%2C66%2C77%2F0%2C"))
    wait_for_curves(page)


def test_the_prior_is_typed_quickly_and_its_box_stays_open(visit):
    page = visit("noise?noise=flip&level=0.3")
    wait_for_curves(page)
    page.get_by_role("tab", name="Unequal digits").click()
    expect(page).to_have_url(re.compile("part=prior"))
    page.get_by_role("spinbutton", name="weight, 0").focus()
    for number in range(2, 9):
        page.keyboard.type(str(number))
        page.keyboard.press("Tab")
    expect(page).to_have_url(re.compile("prior=2%2C3%2C4%2C5%2C6%2C7%2C8%2C1%2C1%2C1"))
    expect(page.get_by_text("Now: not equally often.")).to_be_visible()
    expect(page.get_by_role("spinbutton", name="weight, 6")).to_have_value("8")
    page.get_by_role("button", name="All equally often").click()
    expect(page.get_by_role("spinbutton", name="weight, 6")).to_have_value("1")


def test_segments_on_one_wire_are_chosen_by_a_click(visit):
    page = visit("noise?noise=together:ab&level=0.3")
    wait_for_curves(page)
    expect(page.locator(READ).last).to_have_text("91.0 %")
    wires = page.get_by_role("toolbar", name="Segments on the same wire")
    expect(wires.get_by_role("button", pressed=True)).to_have_text(["a", "b"])
    wires.get_by_role("button", name="g").click()
    expect(page).to_have_url(re.compile("noise=together%3Aabg"))
    wait_for_curves(page)


def test_segments_on_one_wire_are_shown_however_late_their_buttons_load(page, visit):
    asked = []
    page.route("**/ButtonGroup.*.js", lambda request: asked.append(request))
    visit("noise?noise=together:ab&level=0.3")
    wait_for_curves(page)
    page.get_by_role("slider").press("ArrowRight")
    expect(page).to_have_url(re.compile("level=0.35"))  # by a run that had no buttons to report
    assert asked
    for request in asked:
        request.continue_()
    wires = page.get_by_role("toolbar", name="Segments on the same wire")
    expect(wires.get_by_role("button", pressed=True)).to_have_text(["a", "b"])


def test_a_run_on_this_noise_is_one_click_away(visit):
    page = visit("noise?noise=extra&level=0.3&models=seven-segment-extra,seven-segment-missing")
    wait_for_curves(page)
    expect(page.locator(READ)).to_have_count(3)
    extra, missing, best = (float(text.split()[0]) for text in accuracies(page))
    assert missing < extra == best
    page.get_by_role("tab", name="Best for every noise?").click()
    expect(page.get_by_role("img", name="Share of the best possible accuracy")).to_be_visible()
    page.get_by_role("tab", name="Train on this noise").click()
    page.get_by_role("button", name="Train a network at level 0.3").click()
    expect(page.get_by_role("heading", name="Train a network and watch it learn")).to_be_visible()
    expect(page).to_have_url(re.compile("run=[0-9a-f]{16}"))
    expect(page.get_by_text("All epochs are done")).to_be_visible()
    expect(page.get_by_text("extra segments at 0.3 (1 in 11 clean)").first).to_be_visible()


def test_networks_trained_at_five_levels_are_tested_at_all(visit):
    page = visit("noise?task=seven-segment&noise=flip")
    wait_for_curves(page)
    page.get_by_role("tab", name="Train on this noise").click()
    page.get_by_role("button", name="Train five networks").click()
    expect(page).to_have_url(re.compile("sweep=[0-9a-f]{16}"))
    page.reload()
    expect(page.get_by_role("button", name="Compare these runs")).to_be_visible()
    heat_map = page.get_by_role("img", name="Accuracy by training level and test level of bit flip")
    # Five networks and the best possible, at 21 levels.
    expect(heat_map.locator(".heatmap-label text")).to_have_count(6 * 21)
    expect(page.get_by_text("All the networks are exactly equally good").last).to_be_visible()
    address = page.url
    page.get_by_text("Points below the best", exact=True).click()
    expect(page).to_have_url(re.compile("cells=lost"))
    expect(heat_map.locator(".heatmap-label text")).to_have_count(5 * 21)
    assert set(heat_map.locator(".heatmap-label text").all_text_contents()) == {"0"}
    page.goto(address)
    expect(heat_map.locator(".heatmap-label text")).to_have_count(6 * 21)
    page.get_by_role("button", name="Compare these runs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare runs")
    expect(page.get_by_text("Bit flip at five levels, 0.25, ")).to_be_visible()
