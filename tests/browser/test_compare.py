import re

from playwright.sync_api import expect


def test_models_are_measured_and_plotted(visit):
    page = visit("compare?task=seven-segment&models=seven-segment,seven-segment-flip")
    expect(page.get_by_text("is the most accurate").first).to_be_visible()
    expect(page.get_by_test_id("stProgress")).to_have_count(0)
    plot = page.get_by_role("img", name="accuracy (%) against parameters")
    expect(plot.locator(".textpoint text")).to_have_count(5)
    # All are exact: none has only what its card says.
    expect(plot.locator(".scatterlayer .trace")).to_have_count(1)
    expect(page.get_by_text("is the most robust to “Bit flip”")).to_be_visible()
    page.get_by_role("combobox", name="Horizontal axis").click()
    page.get_by_role("option", name="answer time (ms)").click()
    expect(page).to_have_url(re.compile("x=answer"))
    other = page.get_by_role("img", name="accuracy (%) against answer time (ms)")
    expect(other.locator(".textpoint text")).to_have_count(2)
    page.get_by_role("button", name=re.compile("Measure all")).click()
    expect(other.locator(".textpoint text")).to_have_count(5)
    page.reload()
    expect(other.locator(".textpoint text")).to_have_count(5)
    expect(page.get_by_test_id("stProgress")).to_have_count(0)


def test_the_guide_s_five_begin_at_one_press_and_can_be_stopped(visit):
    page = visit("compare?task=seven-segment")
    page.get_by_role("button", name="Train the guide's five").click()
    expect(page).to_have_url(re.compile("sweep=[0-9a-f]{16}"))
    expect(page.get_by_text(re.compile(r"[0-4] of 5 networks are trained"))).to_be_visible()
    page.reload()
    page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped before the last epoch", exact=False).first).to_be_visible()
    expect(page.get_by_role("button", name="Train what is missing")).to_be_visible()
    plot = page.get_by_role("img", name=re.compile("Exact accuracy of the guide's networks"))
    expect(plot.locator(".textpoint text")).not_to_have_count(0)


def test_on_a_phone_each_control_is_large_enough_for_a_finger(open_page, visit):
    phone = {"width": 390, "height": 844}
    page = visit(
        "compare?task=seven-segment&models=seven-segment,seven-segment-flip",
        open_page(viewport=phone, has_touch=True, is_mobile=True),
    )
    boxes = [
        page.get_by_role("combobox", name=name).locator("..")
        for name in ("Task", "Noise for robustness", "Horizontal axis", "Vertical axis")
    ]
    remove = page.get_by_role("button", name="Remove seven-segment-flip")
    clear = page.get_by_role("button", name="Clear all")
    every = page.get_by_role("button", name=re.compile("Measure all"))
    expect(clear).to_have_css("min-height", "40px")  # the style has come
    for control in (*boxes, remove, clear, every):
        expect(control).to_be_visible()
        assert control.bounding_box()["height"] >= 40
    remove.tap()
    expect(remove).to_have_count(0)
    expect(page).to_have_url(re.compile("models=seven-segment&"))
