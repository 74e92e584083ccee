import re

import pytest
from playwright.sync_api import Page, expect

PATIENCE = 90_000  # milliseconds: the workers may still be starting


def wait_for_curves(page: Page) -> None:
    expect(page.get_by_test_id("stProgress")).to_have_count(0, timeout=PATIENCE)


def metrics(page: Page) -> list[str]:
    return page.get_by_test_id("stMetricValue").all_inner_texts()


def test_the_slider_moves_the_reading_and_measures_nothing_again(visit):
    page = visit("noise?task=seven-segment&noise=flip&level=0.125")
    wait_for_curves(page)
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.get_by_test_id("stMetricValue").last).to_have_text("62.1 %")
    expect(page).to_have_url(re.compile("level=0.15"))
    expect(page.get_by_test_id("stProgress")).to_have_count(0)
    network, ceiling = (float(text.split()[0]) for text in metrics(page))
    assert network == pytest.approx(ceiling, abs=2)
    slider.press("ArrowLeft")
    expect(page).to_have_url(re.compile("level=0.125"))
    slider.press("ArrowRight")
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{network} %")


def test_handwriting_models_are_compared(visit):
    page = visit(
        "noise?task=handwritten&noise=salt-and-pepper&level=0&models=handwritten-cnn,handwritten-dense"
    )
    wait_for_curves(page)
    plot = page.get_by_role("img", name="Accuracy by level of salt and pepper")
    expect(plot.locator(".scatterlayer .trace")).to_have_count(2)
    expect(page.locator(".digit-lab-tiles img")).to_have_count(10)
    for text in metrics(page):
        assert float(text.split()[0]) > 60


def test_a_wrong_link_gets_a_note_and_the_defaults(visit):
    page = visit("noise?task=chess&level=-1&noise=fog&models=nobody")
    expect(page.get_by_text("was not used").first).to_be_visible()
    expect(page.get_by_text("There is no model “nobody” here")).to_be_visible()
    expect(page).to_have_url(re.compile("task=seven-segment"))
