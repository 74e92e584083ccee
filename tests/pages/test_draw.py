import cv2
import numpy as np
import pytest

from tests.pages.conftest import answer, notes


def seven():
    image = np.full((320, 320, 4), 255, np.uint8)
    cv2.polylines(
        image, [np.array([(90, 60), (230, 60), (150, 270)], np.int32)], False, (0, 0, 0, 255), 20
    )
    return image


def test_an_empty_canvas_is_nothing_drawn(open_page):
    app = open_page("draw")
    assert not app.exception
    assert "Nothing is drawn yet" in app.info[0].value
    assert answer(app) == ""


def test_white_only_is_nothing_drawn_either(open_page, canvas):
    canvas.draw(np.full((320, 320, 4), 255, np.uint8))
    app = open_page("draw")
    assert not app.exception
    assert "Nothing is drawn yet" in app.info[0].value


@pytest.mark.parametrize("model", ["handwritten-cnn", "handwritten-dense"])
def test_a_drawn_seven_is_read(open_page, canvas, model):
    canvas.draw(seven())
    app = open_page("draw", model=model)
    assert not app.exception
    assert '"digit-lab-answer">7<' in answer(app)


def test_undo_goes_back_a_stroke_and_clear_to_nothing(open_page, canvas):
    canvas.draw(seven(), strokes=1)
    app = open_page("draw")
    canvas.draw(seven()[::-1], strokes=2)
    app.run()
    canvas.json_data = canvas.image_data = None  # a canvas that is mounted anew says nothing
    undo, clear = (next(b for b in app.button if b.label == name) for name in ("Undo", "Clear"))
    undo.click().run()
    assert '"digit-lab-answer">7<' in answer(app)
    assert canvas.calls[-1]["initial_drawing"] == {"objects": [0]}
    clear.click().run()
    assert "Nothing is drawn yet" in app.info[0].value
    assert canvas.calls[-1]["initial_drawing"] is None


def test_the_drawing_is_there_again_after_visiting_another_page(open_page, canvas):
    canvas.draw(seven())
    app = open_page("draw")
    canvas.json_data = canvas.image_data = None
    app.switch_page("pages/train.py").run()
    app.switch_page("pages/draw.py").run()
    assert '"digit-lab-answer">7<' in answer(app)
    assert canvas.calls[-1]["initial_drawing"] == {"objects": [0]}


def test_an_unknown_model_in_a_link_gets_a_note(open_page):
    app = open_page("draw", model="**bold**")
    assert not app.exception
    assert "bold" in notes(app)
