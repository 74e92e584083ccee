import json

import numpy as np
import pytest

from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.segments.patterns import DIGIT_PATTERNS
from core.tasks.base import get_task
from tests.pages.conftest import answer, draw, notes, shared
from ui.api.snippets import FORMS, LANGUAGES

SEVEN = (90, 60, 230, 60, 150, 270)
PATTERN_7 = [int(bit) for bit in DIGIT_PATTERNS[7]]


def request(app):
    """Returns what “Try it” would send: its address, and its body as JSON."""
    for element in app.get("bidi_component"):
        data = json.loads(element.proto.json or "{}")
        if "body" in data:
            return data["url"], json.loads(data["body"])
    raise AssertionError("there is nothing to send")


def test_the_request_asks_about_the_lamps_that_are_lit(open_page):
    app = open_page("api", pattern=DIGIT_PATTERNS[7])
    assert not app.exception
    url, body = request(app)
    assert url == "http://localhost:8501/v1/models/seven-segment:predict"
    assert body == {"instances": [PATTERN_7]}
    assert url in app.code[0].value
    assert json.dumps(body) in app.code[0].value
    assert '"digit-lab-answer">7<' in answer(app)
    assert any("**7 numbers**" in element.value for element in app.markdown)


def test_each_form_and_language_is_shown_and_shared(open_page):
    app = open_page("api", pattern=DIGIT_PATTERNS[7])
    for form in FORMS:
        app.button_group(key="api_form").set_value(form).run()
        for language in LANGUAGES:
            app.button_group(key="api_language").set_value(language).run()
            assert not app.exception
            assert "1, 1, 1, 0, 0, 0, 0" in app.code[0].value
            assert shared(app)["form"] == form
            assert shared(app)["language"] == language
        url, body = request(app)
        assert url in app.code[0].value
    assert body["inputs"][0] == {
        "name": "input",
        "shape": [1, 7],
        "datatype": "FP32",
        "data": PATTERN_7,
    }


def test_a_drawing_fills_the_request_and_the_page_asks_the_same(open_page):
    app = open_page("api", task="handwritten")
    assert "Draw a digit" in app.info[0].value
    assert not app.code
    draw(app, SEVEN)
    assert not app.exception
    _, body = request(app)
    row = body["instances"]
    model = load_classifier(ModelStore().get("handwritten"))
    predicted = model.predict_one(_array(row)[0])
    assert predicted.digit == 7
    assert '"digit-lab-answer">7<' in answer(app)


def test_a_link_with_a_model_alone_is_about_its_task(open_page):
    app = open_page("api", model="next-number")
    assert not app.exception
    assert not notes(app)
    assert app.selectbox(key="api_task").value == "next-number"
    assert "/v1/models/next-number:predict" in request(app)[0]


def test_a_new_task_has_its_own_model_and_first_example(open_page):
    app = open_page("api", model="seven-segment-flip", pattern=DIGIT_PATTERNS[7])
    app.selectbox(key="api_task").set_value("shapes").run()
    assert not app.exception
    assert not notes(app)
    assert "/v1/models/shapes:predict" in request(app)[0]
    assert shared(app)["model"] == "shapes"


@pytest.mark.parametrize("name", ["next-number", "gestures"])
def test_a_test_example_keeps_its_shape(open_page, name):
    app = open_page("api", task=name, test="3", **{"from": "test"})
    assert not app.exception
    assert _array(request(app)[1]["instances"]).shape == (1, *get_task(name).input_shape)


def _array(rows):
    return np.array(rows, np.float32)
