"""Cause and effect are on one screen of the Noise page, and nothing moves as the level moves."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_noise import wait_for_curves

DESK = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# Adds up what moves and was not asked to, as the browser sees it.
WATCH = """() => {
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: false });
}"""

# Where things are, while it is measured and afterwards.
REMEMBER_PLACES = """
  window.places = {};
  const parts = [".st-key-noise_samples", ".digit-lab-readings tbody", ".st-key-noise_note"];
  const look = () => {
    const found = parts.map((part) => document.querySelector(part)?.getBoundingClientRect());
    const progress = document.querySelector("[data-testid=stProgress]");
    const now = progress ? "measuring" : document.querySelector(`${parts[2]} p`) && "done";
    // What is still on its way to the browser moves things as well, but once.
    const loading = document.querySelector("[data-testid=stSkeleton]");
    if (now && !loading && found.every(Boolean)) {
      window.places[now] = found.map(({ x, y, width, height }) => [x, y, width, height]);
    }
    requestAnimationFrame(look);
  };
  look();
"""


def place(page, selector):
    box = page.locator(selector).first.bounding_box()
    assert box
    return box


def curve(page):
    """The curves' box, once they are drawn."""
    graph = page.get_by_role("img", name="Accuracy by level of")
    expect(graph.locator(".scatterlayer .trace").first).to_be_visible()
    return graph.bounding_box()


def test_on_a_desk_all_that_belongs_together_is_seen_at_once(open_page, visit):
    page = visit("noise?noise=flip&level=0.15", open_page(**DESK))
    wait_for_curves(page)
    boxes = [
        place(page, ".st-key-noise_level_area"),
        place(page, ".st-key-noise_samples img >> nth=9"),
        place(page, ".digit-lab-readings"),
        curve(page),
    ]
    for box in boxes:
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 800
    left, right = boxes[0], boxes[3]
    assert left["x"] + left["width"] <= right["x"]


def test_on_a_phone_slider_and_curves_are_on_one_screen(open_page, visit):
    page = visit("noise?noise=flip&level=0.15", open_page(**PHONE))
    wait_for_curves(page)
    graph, slider = curve(page), place(page, ".st-key-noise_level_area")
    reading = place(page, ".digit-lab-readings")
    assert slider["y"] + slider["height"] <= graph["y"] < reading["y"]
    assert reading["y"] + reading["height"] - slider["y"] <= 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(
    ("screen", "link", "levels"),
    [
        (DESK, "noise=flip&models=seven-segment,seven-segment-extra", 20),
        (PHONE, "task=handwritten&noise=shot", 5),
    ],
    ids=["desk, exact", "phone, measured"],
)
def test_nothing_moves_as_the_level_moves(open_page, visit, screen, link, levels):
    page = visit(f"noise?level=0&{link}", open_page(**screen))
    wait_for_curves(page)
    curve(page)
    slider = page.get_by_role("slider")
    slider.focus()
    page.evaluate(WATCH)
    for number in range(levels):
        slider.press("ArrowRight")
        expect(slider).to_have_attribute("value", str(number + 1))
    expect(page.locator(".digit-lab-readings thead")).to_contain_text("At level 0.5")
    assert page.evaluate("window.shift") < 0.05


def test_nothing_jumps_when_the_measurement_is_done(open_page, visit):
    page = open_page(**DESK)
    page.add_init_script(REMEMBER_PLACES)
    # No other test measures these, so they are measured now; one alone is done too soon to be seen.
    models = "seven-segment,seven-segment-flip,seven-segment-missing"
    visit(f"noise?noise=together:cdg&level=0.3&models={models}", page)
    expect(page.get_by_text("Dots: measured on")).to_be_visible()
    page.wait_for_function("window.places.done")
    places = page.evaluate("window.places")
    assert places["measuring"] == places["done"]


def test_what_is_tapped_on_a_phone_is_large_enough(open_page, visit):
    page = open_page(**PHONE)
    for link in ("noise?noise=stuck:g-off&part=together", "atlas?color=difference&order=answer"):
        visit(link, page)
        expect(page.get_by_test_id("stButtonGroup").first).to_be_visible()
        for name in ("stButtonGroup", "stTab", "stRadioOption"):
            for box in page.get_by_test_id(name).all():
                targets = box.get_by_role("radio").or_(box.get_by_role("button"))
                for target in targets.all() if name == "stButtonGroup" else [box]:
                    size = target.bounding_box()
                    assert size
                    assert size["height"] >= 40
