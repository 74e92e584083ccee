"""The HTML file of a model, opened from a disk without a network: it answers as the app does."""

import base64
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from core.datasets.landmarks import normalised
from core.datasets.tables.applying import prepare_row
from core.export import html_page as exported
from core.export.page_data import NetworkEntry, entries_of, weight_bytes
from core.export.page_forms import columns_form
from core.imaging.strokes import draw, strokes_from
from core.inference.reading import extract_drawn_ink, read
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.networks import plan
from core.networks.plan_forward import run_plan
from core.segments.patterns import ALL_PATTERNS, DIGIT_PATTERNS
from tests.browser.conftest import CHROMIUM_OPTIONS
from tests.browser.pictures import ONE, SEVEN
from tests.browser.pointing import place_of
from tests.support.drawn_digits import drawn_digits
from tests.support.models import card_of_ensemble, save_copy
from tests.support.patience import PATIENCE
from tests.support.tables import fruit, record_of

CLOSE = 1e-3
SCRIPTS = Path(exported.__file__).parent / "templates" / "html_page"


@pytest.fixture(scope="module")
def browser(profile, chromium_path):
    """A Chromium that compiles what runs often, as a person's does: these pages compute a lot."""
    options = [option for option in CHROMIUM_OPTIONS if "turbofan" not in option]
    with profile.browser.browser_type.launch(
        executable_path=chromium_path, args=options, timeout=1000 * PATIENCE
    ) as started:
        yield started


@pytest.fixture
def open_model(open_page, tmp_path):
    """Open a model's page from a file, without a network."""

    def open_one(model, page=None, **options):
        file = tmp_path / f"{model.name}.html"
        file.write_bytes(exported.html_page(model))
        page = page or open_page(offline=True, **options)
        page.goto(file.as_uri())
        return page

    return open_one


@pytest.fixture
def scripts(open_page):
    """An empty page with some of the scripts."""

    def load(*names):
        page = open_page()
        page.add_script_tag(content="\n".join((SCRIPTS / name).read_text() for name in names))
        return page

    return load


def assert_same(answers, probabilities):
    """Compare what the page answers with the app's probabilities, (n, classes)."""
    own = np.array([answer["probabilities"] for answer in answers])
    np.testing.assert_allclose(own, probabilities, atol=CLOSE)
    assert [answer["winner"] for answer in answers] == probabilities.argmax(axis=1).tolist()


def answers_of(page, x):
    return page.evaluate(
        "(x) => x.map((each) => digitLab.answer(each))", [v.ravel().tolist() for v in x]
    )


def large(page):
    return page.locator("#large")


def test_all_patterns_are_answered_as_in_the_app(open_model):
    model = ModelStore().get("seven-segment")
    page = open_model(model)
    assert_same(answers_of(page, ALL_PATTERNS), load_classifier(model).predict(ALL_PATTERNS))


def test_drawings_are_cleaned_up_and_read_as_in_the_app(open_model):
    model = ModelStore().get("handwritten-dense")
    page, classifier = open_model(model), load_classifier(model)
    drawings = drawn_digits(72)
    inputs = np.array(
        page.evaluate("(all) => all.map((each) => Array.from(digitLab.read(each)))", drawings)
    )
    pictures = [draw(strokes_from(strokes), width=320, height=320) for strokes in drawings]
    readings = [read(extract_drawn_ink(each, paper=1.0), classifier) for each in pictures]
    wanted = np.stack([reading.stages.network_input for reading in readings])
    np.testing.assert_allclose(inputs, wanted.reshape(len(wanted), -1), atol=1e-5)
    answers = answers_of(page, inputs)
    assert_same(answers, np.stack([reading.prediction.probabilities for reading in readings]))
    refused = [not reading.prediction.recognised for reading in readings]
    assert [not answer["isRecognised"] for answer in answers] == refused
    assert page.evaluate("digitLab.read([])") is None


def test_every_bundled_network_answers_as_in_the_app(open_model):
    page = None
    for model in ModelStore().models():
        if exported.unavailable(model):
            assert model.is_ensemble
            continue
        page = open_model(model, page)
        x = np.random.default_rng(0).random((2, *model.task.input_shape), np.float32)
        assert_same(answers_of(page, x), load_classifier(model).predict(x))


@pytest.mark.parametrize(
    ("vote", "shifts", "weights"),
    [("mean", True, []), ("majority", False, []), ("weighted", False, [0.3, 0.7])],
)
def test_an_ensemble_votes_as_in_the_app(open_model, tmp_path, vote, shifts, weights):
    store = ModelStore(tmp_path)
    calibration = {"temperature": 1.7, "threshold": 0.6}
    members = [
        save_copy(store, "handwritten-dense", "one", calibration=calibration),
        save_copy(store, "handwritten-dense", "two"),
    ]
    more = {"vote": vote, "shifts": shifts, "weights": weights, "calibration": calibration}
    card = card_of_ensemble(*members, **{key: value for key, value in more.items() if value != []})
    ensemble = store.save("both", {}, card)
    x = np.random.default_rng(0).random((5, 28, 28, 1), np.float32) ** 3
    answers = answers_of(open_model(ensemble), x)
    classifier = load_classifier(ensemble)
    assert_same(answers, classifier.predict(x))
    own = [answer.recognised for answer in classifier.answers(x)]
    assert [answer["isRecognised"] for answer in answers] == own


def array(*shape):
    return np.random.default_rng(len(shape) + sum(shape)).normal(0, 0.7, shape).astype(np.float32)


def recurrent(cell, gates, shape, units, every_step):
    bias = (2, gates * units) if cell == "gru" else (gates * units,)
    output = (shape[0], units) if every_step else (units,)
    weights = array(shape[1], gates * units), array(units, gates * units), array(*bias)
    return plan.Recurrent("r", shape, output, cell, *weights, every_step)


KINDS = {
    "convolutions": (
        plan.Convolution(
            "c", (7, 6, 2), (4, 3, 3), array(3, 3, 2, 3), array(3), 2, (1, 1, 0, 1), "tanh"
        ),
        plan.Scale("s", (4, 3, 3), (4, 3, 3), array(3), array(3)),
        plan.MaxPooling("p", (4, 3, 3), (2, 1, 3), 2),
        plan.Activate("a", (2, 1, 3), (2, 1, 3), "gelu"),
        plan.Flatten("f", (2, 1, 3), (6,)),
        plan.Dense("d", (6,), (4,), array(6, 4), array(4), "sigmoid"),
        plan.Activate("softmax", (4,), (4,), "softmax"),
    ),
    "simple": (recurrent("simple", 1, (5, 3), 4, False),),
    "gru": (recurrent("gru", 3, (5, 3), 4, True), recurrent("gru", 3, (5, 4), 2, False)),
    "lstm": (recurrent("lstm", 4, (5, 3), 4, True), recurrent("lstm", 4, (5, 4), 2, False)),
}


def test_every_kind_of_step_is_computed(scripts):
    page = scripts("network.js")
    for steps, bytes_each in product(KINDS.values(), (4, 3)):
        x = array(*steps[0].input_shape)
        entry = NetworkEntry(steps=entries_of(steps, 0)[0], temperature=1)
        own = page.evaluate(
            """([entry, text, bytesEach, x]) => {
                const weights = decodeWeights(text, bytesEach);
                return Array.from(runNetwork(entry.steps, weights, Float32Array.from(x)));
            }""",
            [
                entry.model_dump(mode="json", by_alias=True, exclude_none=True),
                base64.b64encode(weight_bytes([steps], bytes_each)).decode(),
                bytes_each,
                x.ravel().tolist(),
            ],
        )
        wanted = run_plan(steps, x[np.newaxis])[0].ravel()
        np.testing.assert_allclose(own, wanted, atol=1e-6 if bytes_each == 4 else 1e-4)


def test_a_row_of_a_table_is_prepared_as_in_the_app(scripts):
    page = scripts("numbers.js", "hands.js", "elements.js", "form_columns.js")
    rows = [[5.25, 80.0, "grün"], [None, -3e14, None], [1.0, None, "blau"]]
    for choices in ({}, {"scaling": "min-max", "gaps": "drop"}, {"scaling": "none"}):
        record = record_of(fruit(), **choices)
        form = columns_form(record)
        own = page.evaluate(
            "([form, rows]) => rows.map((row) => Array.from(prepared(form, row)))",
            [form.model_dump(mode="json", by_alias=True, exclude_none=True), rows],
        )
        wanted = np.concatenate([prepare_row(record, row) for row in rows])
        np.testing.assert_allclose(own, wanted, rtol=1e-6)


def test_a_hand_is_moved_and_scaled_as_in_the_app(scripts):
    hand = array(63)
    own = scripts("numbers.js", "hands.js").evaluate(
        "(x) => Array.from(normalisedHand(x))", hand.tolist()
    )
    np.testing.assert_allclose(own, normalised(hand[np.newaxis])[0], atol=1e-6)


def test_segments_are_switched_by_keyboard_mouse_and_keypad(open_model):
    page = open_model(ModelStore().get("seven-segment"))
    page.get_by_role("button", name="Show digit 7").click()
    expect(large(page)).to_have_text("7")
    page.get_by_role("switch", name="Segment a").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("switch", name="Segment a")).not_to_be_checked()
    expect(large(page)).to_have_text("1")
    page.keyboard.press("Enter")
    expect(large(page)).to_have_text("7")
    page.keyboard.press("Tab")
    expect(page.get_by_role("switch", name="Segment b")).to_be_focused()
    for name in "defg":
        page.get_by_role("switch", name=f"Segment {name}").click()
    assert page.evaluate("sessionStorage.getItem(STORED)") == str(
        [int(c) for c in DIGIT_PATTERNS[8]]
    ).replace(" ", "")
    expect(large(page)).to_have_text("8")
    expect(page.get_by_role("status")).to_contain_text("The answer is 8")
    page.reload()
    expect(large(page)).to_have_text("8")


def test_a_digit_is_drawn_by_mouse_and_by_keyboard(open_model):
    page = open_model(ModelStore().get("handwritten"), viewport={"width": 1280, "height": 800})
    expect(page.get_by_role("status")).to_have_text("Nothing is drawn yet.")
    sheet = page.get_by_role("application")
    box = place_of(sheet)
    scale = box["width"] / 320
    for number, (x, y) in enumerate(SEVEN):
        page.mouse.move(box["x"] + x * scale, box["y"] + y * scale, steps=1 if not number else 4)
        if not number:
            page.mouse.down()
    page.mouse.up()
    expect(large(page)).to_have_text("7")
    in_sight(page, "#large", ".paper", "#bars", "#seen")
    page.get_by_role("button", name="Clear").click()
    expect(large(page)).to_have_text("")
    page.get_by_role("button", name="Undo").click()
    expect(large(page)).to_have_text("7")
    page.get_by_role("button", name="Clear").click()
    sheet.focus()
    for key in ["ArrowUp"] * 10 + ["Space"] + ["ArrowDown"] * 20 + ["Space"]:
        page.keyboard.press(key)
    expect(large(page)).to_have_text("1")


def test_a_digit_is_drawn_by_a_finger_on_a_phone(open_model):
    page = open_model(
        ModelStore().get("handwritten"),
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        color_scheme="dark",
    )
    box = place_of(page.get_by_role("application"))
    scale = box["width"] / 320
    fingers = page.context.new_cdp_session(page)
    kinds = ["touchStart", *["touchMove"] * (len(ONE) - 1)]
    for kind, (x, y) in zip(kinds, ONE, strict=True):
        places = [{"x": box["x"] + x * scale, "y": box["y"] + y * scale}]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(large(page)).to_have_text("1")
    page.evaluate("scrollTo(0, 0)")
    in_sight(page, "#large", ".paper", "#bars")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def in_sight(page, *selectors):
    """Assert that a person sees all of these on one screen."""
    size = page.viewport_size
    for selector in selectors:
        box = page.locator(selector).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= size["height"], selector
        assert box["x"] + box["width"] <= size["width"], selector


def test_other_inputs_change_the_answer(open_model):
    page = open_model(ModelStore().get("next-number"))
    for place, digit in enumerate("159371", start=1):
        page.get_by_label(f"Place {place}").select_option(digit)
    expect(large(page)).to_have_text("5")
    page.get_by_role("button", name="Example 1:").click()
    expect(page.get_by_role("status")).to_contain_text("The answer is")

    page = open_model(ModelStore().get("parity"))
    expect(large(page)).to_have_text("even")
    page.get_by_role("switch", name="bit 4").click()
    expect(large(page)).to_have_text("odd")

    page = open_model(ModelStore().get("shapes"))
    expect(large(page)).to_have_text("")
    page.get_by_role("button", name="Example 1: circle").click()
    expect(large(page)).to_have_text("circle")
    page.get_by_role("application").focus()
    before = page.evaluate("sessionStorage.getItem(STORED)")
    page.keyboard.press("Space")
    assert page.evaluate("sessionStorage.getItem(STORED)") != before

    page = open_model(ModelStore().get("gestures"))
    expect(large(page)).to_have_text("fist")
    page.get_by_role("slider", name="wrist").focus()
    before = page.evaluate("sessionStorage.getItem(STORED)")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("sessionStorage.getItem(STORED)") != before


def test_no_script_but_its_own_runs_in_the_page(open_model, page_problems):
    page = open_model(ModelStore().get("seven-segment"))
    ran = page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.hasRun = true";
        document.body.append(script);
        return window.hasRun ?? false;
    }""")
    assert ran is False
    assert "Content Security Policy" in " ".join(page_problems)
    page_problems.clear()
