import pytest

from tests.pages.conftest import answer, draw, notes
from ui.components.sheet import WIDE
from ui.draw.camera import camera_is_allowed

SEVEN = (90, 60, 230, 60, 150, 270)
ONE = (160, 50, 160, 270)


def keep_corrected(app):
    next(button for button in app.button if button.label == "Keep these digits").click().run()


def test_an_empty_sheet_is_nothing_drawn(open_page):
    app = open_page("draw")
    assert not app.exception
    assert "Nothing is drawn yet" in app.info[0].value
    assert answer(app) == ""


def test_a_stroke_beside_the_sheet_is_nothing_drawn_either(open_page):
    app = draw(open_page("draw"), (-900, -900, -800, -800))
    assert not app.exception
    assert "Nothing is drawn yet" in app.info[0].value


@pytest.mark.parametrize("model", ["handwritten-cnn", "handwritten-dense"])
def test_a_drawn_seven_is_read(open_page, model):
    app = draw(open_page("draw", model=model), SEVEN)
    assert not app.exception
    assert '"digit-lab-answer">7<' in answer(app)


def test_with_fewer_strokes_the_answer_is_for_those_that_are_left(open_page):
    app = draw(open_page("draw"), SEVEN, (20, 300, 300, 300))
    assert '"digit-lab-answer">7<' not in answer(app)
    assert '"digit-lab-answer">7<' in answer(draw(app, SEVEN))
    assert "Nothing is drawn yet" in draw(app).info[0].value


def test_the_drawing_is_there_again_after_visiting_another_page(open_page):
    app = draw(open_page("draw"), SEVEN)
    app.switch_page("pages/train.py").run()
    app.switch_page("pages/draw.py").run()
    assert '"digit-lab-answer">7<' in answer(app)


def test_each_sheet_has_its_own_drawing(open_page):
    app = draw(open_page("draw"), SEVEN)
    app.segmented_control(key="read_as").set_value("number").run()
    assert "Nothing is drawn yet" in app.info[0].value
    draw(app, (90, 40, 180, 40, 130, 200), (300, 40, 300, 200), sheet=WIDE)
    assert '"digit-lab-answer">71<' in answer(app)


def test_a_number_becomes_samples_and_can_be_taken_back(open_page):
    app = open_page("draw", **{"as": "number"})
    draw(app, (90, 40, 180, 40, 130, 200), (300, 40, 300, 200), sheet=WIDE)
    app.button(key="number_right").click().run()
    assert "digits of 71. You now have 2 samples" in app.success[0].value
    app.button(key="number_take_back").click().run()
    assert not app.success
    app.text_input(key="number_typed").set_value("7")
    keep_corrected(app)
    assert "Type 2 digits" in app.warning[0].value
    app.text_input(key="number_typed").set_value("4 1")
    keep_corrected(app)
    assert "digits of 41. You now have 2 samples" in app.success[0].value


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("https://lab.example.org/draw", True),
        ("http://localhost:8501/draw", True),
        ("http://127.0.0.1:8501", True),
        ("http://[::1]:8501", True),
        ("http://192.168.1.20:8501/draw", False),
        ("http://classroom:8501", False),
        (None, True),
    ],
)
def test_a_camera_needs_a_secure_context(address, is_allowed):
    assert camera_is_allowed(address) == is_allowed


def test_an_unknown_model_in_a_link_gets_a_note(open_page):
    app = open_page("draw", model="**bold**")
    assert not app.exception
    assert "bold" in notes(app)
