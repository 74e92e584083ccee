"""What the pages make of a network that reads two signs beside the digits."""

import shutil

import numpy as np
import pytest

from core.evaluation.evaluation import scores_of
from core.inference.predictor import Classifier
from core.jobs.evaluation import EvaluationJob, MeasuredPart, TestDataJob
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.tasks.base import get_task
from tests.core.evaluation.test_evaluation import sure
from tests.pages.conftest import answer, draw, jobs_of, notes, shared
from tests.pages.test_draw import SEVEN
from tests.pages.test_evaluate import Y, shown
from tests.support.models import save_copy
from ui.components.sheet import WIDE
from ui.services import saved_models, server


class WithSigns(Classifier):
    """Reads like another network, with outputs for two signs; a 7 is sign A to it."""

    def __init__(self, network):
        super().__init__()
        self._network = network

    def predict_uncalibrated(self, x):
        answers = np.pad(self._network.predict_uncalibrated(x), ((0, 0), (0, 2)))
        answers[:, [7, 10]] = answers[:, [10, 7]]
        return answers


@pytest.fixture
def signed(tmp_path, monkeypatch):
    """A folder with a bundled network and "mine", which reads signs as well."""
    digits = ModelStore().get("handwritten-dense")
    shutil.copytree(digits.folder, tmp_path / "handwritten-dense")
    store = ModelStore(tmp_path)
    save_copy(ModelStore(tmp_path), "handwritten-dense", "mine", task="handwritten-signs")
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path))

    def load(model):
        network = load_classifier(digits, calibrated=False)
        return WithSigns(network) if model.task.needs_own_samples else network

    monkeypatch.setattr(saved_models, "load_classifier", load)
    return store


def options(app, label):
    return next(each for each in app.selectbox if each.label == label).options


def test_the_draw_page_reads_digits_and_signs(open_page, signed):
    app = draw(open_page("draw", model="mine"), SEVEN)
    assert not app.exception
    assert options(app, "Model") == ["handwritten-dense", "mine"]
    assert '"digit-lab-answer"><small>sign A<' in answer(app)
    asked = app.button_group(key="drawing_other")
    assert asked.options == [*"0123456789", "sign A", "sign B"]
    app.button(key="drawing_right").click().run()
    assert "Saved as your sign A." in app.success[0].value
    assert "1 for sign A." in app.success[0].value
    me = app.session_state["visitor"]
    assert [sample.label for sample in server.samples().of(me)] == [10]


def test_a_network_without_signs_is_asked_about_digits_only(open_page, signed):
    app = draw(open_page("draw", model="handwritten-dense"), SEVEN)
    assert '"digit-lab-answer">7<' in answer(app)
    assert app.button_group(key="drawing_other").options == list("0123456789")


def test_signs_among_digits_are_letters(open_page, signed):
    app = open_page("draw", model="mine", **{"as": "number"})
    draw(app, (90, 40, 180, 40, 130, 200), (300, 40, 300, 200), sheet=WIDE)
    assert not app.exception
    assert '"digit-lab-answer">A1<' in answer(app)
    app.text_input(key="number_typed").set_value("4 x")
    keep = next(button for button in app.button if button.label == "Keep these digits")
    keep.click().run()
    assert "Type 2 digits, with A and B for your signs" in app.warning[0].value
    app.text_input(key="number_typed").set_value("b 1")
    next(button for button in app.button if button.label == "Keep these digits").click().run()
    me = app.session_state["visitor"]
    assert sorted(sample.label for sample in server.samples().of(me)) == [1, 11]


@pytest.mark.parametrize("name", ["evaluate", "noise", "compare", "models"])
def test_pages_that_look_at_networks_offer_it(open_page, signed, name):
    app = open_page(name, task="handwritten-signs", model="mine", models="mine")
    assert not app.exception
    assert not notes(app)
    assert shared(app)["task"] == "handwritten-signs"
    assert get_task("handwritten-signs").title in options(app, "Task")


def test_what_cannot_be_measured_or_made_of_it_is_said(open_page, signed):
    app = open_page("noise", task="handwritten-signs", models="mine")
    assert "they cannot vote together" in " ".join(each.value for each in app.caption)
    assert "Train a network on this noise" not in [each.label for each in app.button]
    app = open_page("evaluate", task="handwritten-signs", model="mine")
    assert "All these examples are digits" in " ".join(each.value for each in app.caption)


def test_nobody_trains_it_from_scratch(open_page, signed):
    app = open_page("train", task="handwritten-signs")
    assert not app.exception
    assert "are taught on “Your handwriting”" in notes(app)
    assert get_task("handwritten-signs").title not in options(app, "Task")
    app = open_page("dataset", task="handwritten-signs")
    assert not app.exception
    assert get_task("handwritten-signs").title not in options(app, "Task")


@pytest.mark.parametrize("name", ["evaluate", "noise", "compare", "models"])
def test_without_such_a_network_nothing_offers_the_task(open_page, name):
    app = open_page(name, task="handwritten-signs")
    assert not app.exception
    assert get_task("handwritten-signs").title not in options(app, "Task")
    assert "not a choice for “Task”" in notes(app)


def test_a_sign_without_test_examples_has_no_score_of_its_own(open_page, signed, submitted):
    app = open_page("evaluate", task="handwritten-signs", model="mine", data="built-in")
    read = Y.copy()
    read[3] = 10  # a 3 taken for sign A
    answers = sure(read, classes=12)
    jobs_of(submitted, TestDataJob)[0].finish(shown())
    evaluation = jobs_of(submitted, EvaluationJob)[0]
    evaluation.finish((MeasuredPart(answers, scores_of(answers, Y)),))
    app.run()
    assert not app.exception
    shares = {metric.label: metric.value for metric in app.metric}
    assert shares["Mean F1"] == "98.57 %"  # one F1 is 6/7
    assert any("Accuracy: 97.50 %" in each.value for each in app.markdown)
    assert app.table[0].value["Digit"].tolist() == list("0123456789")
