import json

import numpy as np
import pytest
import streamlit as st

from core.evaluation.evaluation import scores_of
from core.jobs.evaluation import EvaluationJob, HeldOut, MeasuredPart, ShownPart, TestDataJob
from core.models.store import ModelStore
from core.workers.progress import Progress
from tests.core.evaluation.test_evaluation import sure
from tests.pages.conftest import jobs_of, kinds_of, notes, shared

PICTURES = "examples made by hand"
Y = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9] * 4)


def answers(*wrong):
    """Returns answers of ten classes to 40 examples; `wrong` are (place, answer) pairs."""
    given = Y.copy()
    for place, answer in wrong:
        given[place] = answer
    return sure(given, np.linspace(0.5, 0.9, 40), classes=10)


FIRST = answers((4, 9), (14, 9), (7, 1))
SECOND = answers((7, 1))


def shown(task="handwritten", parts=1):
    shape = (40, 28, 28) if task == "handwritten" else (40, 7)
    return tuple(
        ShownPart(f"{PICTURES} {place}", np.ones(shape, np.uint8), Y, False, None)
        for place in range(parts)
    )


def measured(*probabilities):
    return tuple(MeasuredPart(each, scores_of(each, Y)) for each in probabilities)


@pytest.fixture
def jobs(submitted):
    """The jobs that were handed over: the loading of the test data, or a model's evaluation."""

    def find(name=None):
        if name is None:
            return jobs_of(submitted, TestDataJob)[0]
        evaluations = jobs_of(submitted, EvaluationJob)
        return next(each for each in evaluations if each.job.spec.name == name)

    return find


@pytest.fixture
def opened(open_page, jobs):
    """Opens the page on the handwriting network, whose answers are there."""

    def open_one(**parameters):
        app = open_page("evaluate", data="built-in", **parameters)
        jobs().finish(shown())
        jobs("handwritten").finish(measured(FIRST))
        return app.run()

    return open_one


def text(app):
    return "\n".join(element.value for element in (*app.markdown, *app.caption))


def galleries(app):
    """Returns the pictures' names, by the label of their gallery."""
    found = {}
    for element in app.get("bidi_component"):
        data = json.loads(element.proto.json or "{}")
        if "pictures" in data:
            found[data["label"]] = [each["name"] for each in data["pictures"]]
    return found


def test_first_visit_asks_the_default_model_once(open_page, submitted):
    app = open_page("evaluate", data="built-in")
    assert not app.exception
    data = HeldOut("handwritten", "built-in")
    folder = ModelStore().folder
    assert [producer.job.spec for producer in submitted] == [
        TestDataJob(data, upload=None),
        EvaluationJob(folder, "handwritten", data, upload=None),
    ]
    app.run()
    assert len(submitted) == 2
    assert shared(app)["model"] == "handwritten"


def test_progress_and_the_time_left_are_told(open_page, jobs):
    app = open_page("evaluate", data="built-in")
    jobs("handwritten").emit(Progress(100, 400, 2.0))
    app.run()
    (bar,) = app.get("progress")
    assert bar.proto.value == 25
    assert bar.proto.text == "“handwritten” is reading the test examples, about 6 s left"


def test_every_number_says_on_which_data(opened):
    app = opened()
    assert not app.exception
    assert (
        "**Accuracy: 92.50 %** (95 % interval 80.14 % to 97.42 %), 37 right on 40 test examples:"
        f" {PICTURES} 0."
    ) in text(app)
    assert [metric.label for metric in app.metric] == ["Loss", "Mean F1", "Calibration error"]
    measured = f"measured on 40 test examples: {PICTURES} 0."
    assert f"All numbers describe “handwritten”, {measured}" in text(app)
    assert "The hardest digit is **4**" in text(app)
    assert app.table[0].value.loc[4, "Recall"].split() == ["50.0", "%"]


def test_pictures_come_before_the_details(opened):
    app = opened()
    labels = [json.loads(e.proto.json or "{}").get("label") for e in app.get("bidi_component")]
    assert labels[:3] == [
        "The most confident mistakes",
        "Confusion matrix",
        "Every 4 read as 9",
    ]
    assert "Most confident mistakes first" in text(app)


def test_the_worst_cell_is_open_at_first(opened):
    app = opened()
    assert (shared(app)["label"], shared(app)["answer"]) == ("4", "9")
    assert "**2** of the 4 **4s** (50.0 %) were read as **9**." in text(app)
    assert galleries(app)["Every 4 read as 9"] == ["14", "4"]  # the surer one first


def test_another_cell_is_chosen(opened):
    app = opened(cells="rates", label="4", answer="9")
    app.selectbox(key="evaluate_label").select("7").run()
    app.selectbox(key="evaluate_answer").select("1").run()
    assert not app.exception
    assert galleries(app)["Every 7 read as 1"] == ["7"]
    assert (shared(app)["label"], shared(app)["answer"], shared(app)["cells"]) == (
        "7",
        "1",
        "rates",
    )


def test_a_click_on_a_cell_chooses_it(opened):
    app = opened()
    click = {"x": "1", "y": "7", "curve": "", "point": [7, 1], "customdata": None}
    app.session_state["evaluate_confusion"] = {"clicked": click}
    app.run()
    assert not app.exception
    assert (shared(app)["label"], shared(app)["answer"]) == ("7", "1")
    assert galleries(app)["Every 7 read as 1"] == ["7"]


@pytest.mark.parametrize("click", [{"x": "<b>", "y": "7"}, {}, "7", None])
def test_a_click_that_cannot_be_does_nothing(opened, click):
    app = opened()
    app.session_state["evaluate_confusion"] = {"clicked": click}
    app.run()
    assert not app.exception
    assert (shared(app)["label"], shared(app)["answer"]) == ("4", "9")


def test_answers_that_made_room_are_found_again(opened, submitted, jobs):
    app = opened()
    st.cache_resource.clear()
    app.selectbox(key="evaluate_label").select("7").run()
    assert not app.exception
    assert len(submitted) == 4
    assert shared(app)["label"] == "7"


def test_an_empty_cell_says_so(opened):
    assert "There are none." in text(opened(label="0", answer="8"))


def test_galleries_show_mistakes_close_calls_and_samples(opened):
    app = opened()
    found = galleries(app)
    assert found["The most confident mistakes"] == ["14", "7", "4"]
    assert found["The least confident answers"][:3] == ["0", "1", "2"]
    before = found["Sample predictions"]
    assert len(before) == 12
    next(button for button in app.button if button.label == "Others").click().run()
    assert galleries(app)["Sample predictions"] != before
    assert shared(app)["sample"] == "2"


def test_further_pages_of_a_gallery(opened):
    app = opened()
    assert len(galleries(app)["The least confident answers"]) == 24
    assert "1 to 24 of 40 pictures" in text(app)
    app.session_state["evaluate_handwritten_built-in_0_least_page"] = 2
    app.run()
    assert len(galleries(app)["The least confident answers"]) == 16
    assert "25 to 40 of 40 pictures" in text(app)


def test_a_picture_is_taken_to_the_inside_page(opened, monkeypatch):
    turned = []
    monkeypatch.setattr(st, "switch_page", lambda page, query_params: turned.append(query_params))
    app = opened()
    app.session_state["evaluate_handwritten_built-in_0_mistakes_gallery"] = {"opened": "7"}
    app.run()
    assert turned == [{"model": "handwritten", "data": "built-in", "part": "1", "test": "7"}]


def test_a_second_model_is_asked_when_it_is_chosen(opened, jobs, submitted):
    app = opened()
    assert len(submitted) == 2
    app.selectbox(key="evaluate_other").select("handwritten-dense").run()
    assert not app.exception
    asked = submitted[2].job.spec
    assert isinstance(asked, EvaluationJob)
    assert (asked.name, asked.data) == ("handwritten-dense", HeldOut("handwritten", "built-in"))
    jobs("handwritten-dense").finish(measured(SECOND))
    app.run()
    assert "On 2 examples, exactly one of the two is right: “handwritten” on 0" in text(app)
    assert "in 50.0 % of such comparisons" in text(app)
    assert shared(app)["with"] == "handwritten-dense"
    app.segmented_control(key="evaluate_group").set_value("second").run()
    assert galleries(app)["Only the second is right"] == ["14", "4"]
    app.segmented_control(key="evaluate_group").set_value("none").run()
    assert galleries(app)["Both are wrong"] == ["7"]


def test_a_model_is_not_set_beside_itself(opened):
    app = opened(**{"with": "handwritten"})
    assert not app.exception
    assert shared(app)["with"] == ""


def test_displays_show_each_pattern_once(open_page, jobs, submitted):
    app = open_page("evaluate", task="seven-segment")
    assert jobs().job.spec.data.noise == "any"
    jobs().finish(shown("seven-segment", parts=2))
    jobs("seven-segment").finish(measured(FIRST, SECOND))
    app.run()
    assert not app.exception
    tiles = next(
        data["tiles"]
        for data in (json.loads(e.proto.json or "{}") for e in app.get("bidi_component"))
        if data.get("label") == "Every 4 read as 9"
    )
    assert [tile["pattern"] for tile in tiles] == ["1111111"]
    assert tiles[0]["caption"].splitlines()[-1] == "2 times"
    app.selectbox(key="evaluate_part").select_index(1).run()
    assert shared(app)["part"] == "2"
    assert "**Accuracy: 97.50 %**" in text(app)


def test_what_went_wrong_is_said_and_tried_again(open_page, jobs, submitted):
    app = open_page("evaluate", data="built-in")
    jobs().finish(shown())
    jobs("handwritten").fail("The worker processes were lost.")
    app.run()
    assert app.error[0].value == "The worker processes were lost."
    next(button for button in app.button if button.label == "Try again").click().run()
    assert not app.error
    assert kinds_of(submitted) == [TestDataJob, EvaluationJob, EvaluationJob]


def test_wrong_values_in_a_link_become_the_defaults_with_a_note(open_page, jobs):
    app = open_page(
        "evaluate",
        task="chess",
        data="fog",
        part="9",
        label="x",
        cells="z",
        sample="0",
        group="all",
    )
    assert not app.exception
    for value in ("task", "fog", "cells", "sample", "group"):
        assert f"“{value}”" in notes(app)
    jobs().finish(shown())
    jobs("handwritten").finish(measured(FIRST))
    app.run()
    assert "part of the test data in the link does not exist" in notes(app)
    assert "“x” is not a choice for “" in notes(app)
    assert shared(app)["part"] == "1"
    assert shared(app)["label"] == "0"


def test_changing_the_task_begins_anew(opened, submitted):
    app = opened(**{"with": "handwritten-dense"})
    app.selectbox(key="evaluate_task").select("Seven-segment digits").run()
    assert not app.exception
    assert not app.warning
    assert shared(app)["model"] == "seven-segment"
    assert shared(app)["with"] == ""


def test_a_task_without_models_says_so(open_page, submitted):
    app = open_page("evaluate", task="course-lab")
    assert not app.exception
    assert "no usable model" in app.error[0].value
    assert not submitted


def test_a_page_that_is_no_longer_there_does_no_harm(opened):
    app = opened()
    app.session_state["evaluate_handwritten_built-in_0_least_page"] = 5
    app.run()
    assert not app.exception
