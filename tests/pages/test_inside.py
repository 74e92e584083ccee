import re

import numpy as np
import pytest

from core.explain.forward import LayerOutput
from core.jobs.inspection import MAPS, ActivationsJob, Map, MapsJob
from core.models.store import ModelStore
from core.segments.patterns import DIGIT_PATTERNS
from core.tasks import handwritten
from core.tasks.base import get_task
from tests.pages.conftest import answer, draw, kinds_of, notes, shared
from tests.pages.test_draw import SEVEN
from tests.support.jobs import RecordingContext
from ui.services import datasets, inspection
from ui.wording.articles import article


def text(app):
    return "\n".join(
        [element.value for element in [*app.markdown, *app.caption]]
        + [element.proto.body for element in app.get("html")]
    )


def errors(app):
    return "\n".join(element.value for element in app.error)


def number(app):
    """Returns what the box for the number of the test example shows."""
    return next(box.value for box in app.number_input if box.label.startswith("Test example"))


def step(app, *counts):
    """Lets the browser tell how far Previous and Next have been clicked in all."""
    for count in counts:
        owner = app.session_state["inside_place"].steps.owner
        app.session_state["inside_steps"] = {"count": {"owner": owner, "steps": count}}
        app.run()


def maps_of(shape):
    for name in MAPS:
        values = np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)
        answers = np.zeros(shape, np.int64) if name == "occlusion" else None
        yield Map(name, values, answers, 1.5, 0.5)


def test_a_pattern_is_looked_into_at_once(open_page, submitted):
    app = open_page("inside", model="seven-segment", pattern=DIGIT_PATTERNS[7])
    assert not app.exception
    assert '"digit-lab-answer">7<' in answer(app)
    shown = text(app)
    assert "the 3 strongest signals into the score of **7**" in shown
    assert "Score of 7: +3.62. Strongest signals: unit 43 (+0.55)" in shown
    assert "3. Dense</b> · 10 units" in shown
    assert "448 weights" in shown
    assert kinds_of(submitted) == [MapsJob]  # all else needs no worker
    assert shared(app)["pattern"] == DIGIT_PATTERNS[7]


def test_a_link_to_a_task_opens_it_with_a_network_of_its_own(open_page):
    app = open_page("inside", task="seven-segment")
    assert not app.warning
    assert shared(app)["model"] == "seven-segment"


def shares_of(app):
    """Returns the percentages of the final step, a class after the other."""
    table = next(e.proto.body for e in app.get("html") if "From scores to" in e.proto.body)
    return re.findall(r'"share"><span>([^<]+)</span>', table)


@pytest.mark.keras
@pytest.mark.parametrize(
    "name", ["seven-segment", "handwritten", "handwritten-ensemble", "next-number"]
)
def test_the_final_step_ends_at_the_percentage_above(open_page, submitted, name):
    app = open_page("inside", model=name, **({"data": "built-in"} if "hand" in name else {}))
    waits = [each for each in submitted if isinstance(each.job.spec, ActivationsJob)]
    for producer in waits:
        assert "This follows as soon as the layers are computed." in text(app)
        producer.finish(producer.job.spec.run(RecordingContext(listener=producer.emit)))
        app.run()
    assert not app.exception
    confidence = re.search(r"(?:confidence|Closest: .,) ((?:over )?[\d.]+ %)", answer(app))
    shares = shares_of(app)
    model = ModelStore().get(name)
    assert len(shares) == len(model.task.classes)
    assert confidence[1] in shares
    assert f"÷ {model.calibration.temperature:g}" in text(app)
    assert "do not lead exactly" not in text(app)
    assert ("counts as a digit" in text(app) or "(*rejection*)" in text(app)) == (
        model.calibration.threshold > 0
    )


@pytest.fixture
def looked_into(open_page, submitted):
    """Opens the page on a convolutional network whose layers are computed."""

    def open_one(**link):
        app = open_page("inside", model="handwritten-cnn", data="built-in", test="3", **link)
        layers = submitted[0]
        layers.finish(layers.job.spec.run(RecordingContext(listener=layers.emit)))
        app.run()
        assert not app.exception
        return app

    return open_one


@pytest.mark.keras
def test_a_map_is_enlarged_shows_its_sum_and_is_closed_again(looked_into):
    app = looked_into()
    assert "Choose a map to see its filter at work" in text(app)
    app.session_state["inside_gallery_11_1"] = {"opened": "7"}
    app.run()
    assert not app.exception
    assert "Map 7: its filter at work" in text(app)
    assert "Sum of the 9 products" in text(app)
    link = shared(app)
    assert link["map"] == "2.7"
    # The window is where the map is strongest: its number is the one below the map.
    found = re.search(r"Then ReLU: \+(\d\.\d+)", text(app))
    assert float(found[1]) == pytest.approx(0.8, abs=0.05)
    app.session_state["inside_gallery_11_1"] = {}  # the click is over
    app.slider(key="inside_row").set_value(1).run()
    assert not app.exception
    assert shared(app)["row"] == "1"
    app.button(key="inside_close_map").click().run()
    assert not app.exception
    assert "map" not in shared(app)


@pytest.mark.keras
def test_a_link_enlarges_a_map_of_a_deeper_layer(looked_into):
    app = looked_into(map="4.64", row="11", column="2")
    assert "Map 64: its filter at work" in text(app)
    assert "for each of 32 input maps" in text(app)
    assert "at row 11, column 2 of the map" in text(app)


@pytest.mark.keras
@pytest.mark.parametrize("link", [{"map": "2.99"}, {"map": "99.1"}, {"map": "7.1"}, {"map": "x"}])
def test_a_link_to_no_map_enlarges_none(looked_into, link):
    app = looked_into(**link, row="1000")
    assert "its filter at work" not in text(app).replace("to see its filter at work", "")


@pytest.mark.keras
def test_a_place_outside_the_map_becomes_the_last_one(looked_into):
    app = looked_into(map="2.1", row="1000", column="0")
    assert "at row 26, column 1 of the map" in text(app)
    assert "“column” was not used" in notes(app)


def test_a_pattern_alone_chooses_the_task(open_page):
    app = open_page("inside", pattern=DIGIT_PATTERNS[2])
    assert not app.exception
    assert '"digit-lab-answer">2<' in answer(app)


def test_a_dark_display_is_no_error(open_page):
    app = open_page("inside", model="seven-segment-flip", pattern="0000000")
    assert not app.exception


def test_a_test_example_waits_for_a_worker_and_shows_the_rest(open_page, submitted):
    app = open_page("inside", model="handwritten-cnn", data="built-in", test="3")
    assert not app.exception
    assert answer(app)
    assert kinds_of(submitted) == [ActivationsJob, MapsJob]
    shown = text(app)
    assert "test example 3" in shown
    assert "Waiting for a worker process" in shown
    assert "all 32 filters of 3×3 weights" in shown
    assert shared(app) == {
        "task": "handwritten",
        "model": "handwritten-cnn",
        "data": "built-in",
        "test": "3",
    }


def test_what_the_worker_tells_is_shown_as_soon_as_it_is_known(open_page, submitted):
    app = open_page("inside", model="handwritten-cnn", data="built-in")
    layers, maps = submitted
    layers.finish(
        [
            LayerOutput("c", "Conv2D", np.ones((26, 26, 32), np.float32)),
            LayerOutput("f", "Flatten", np.ones(100, np.float32)),
            LayerOutput("d", "Dense", np.linspace(-1, 1, 10, dtype=np.float32)),
        ]
    )
    found = list(maps_of((28, 28)))
    maps.emit(found[0])
    app.run()
    assert not app.exception
    shown = text(app)
    assert "1. Convolution</b> · 26×26, 32 maps" in shown
    assert "trust regions, not pixels" in shown
    assert "Being computed" in shown
    maps.finish(found)
    app.run()
    assert not app.exception
    shown = text(app)
    assert "Being computed" not in shown
    assert "the score went from +0.50 to +1.50" in shown
    assert "With the strongest square covered, the network reads 0." in shown


def test_a_network_without_convolutions_says_so(open_page, submitted):
    app = open_page("inside", model="seven-segment", pattern=DIGIT_PATTERNS[4])
    found = [Map("grad_cam", None) if m.name == "grad_cam" else m for m in maps_of((7,))]
    submitted[0].finish(found)
    app.run()
    assert not app.exception
    assert "has no convolution" in text(app)
    assert "With segment g off, the network reads 0." in text(app)


def test_work_that_failed_can_be_tried_again(open_page, submitted):
    app = open_page("inside", model="handwritten-cnn", data="built-in")
    for producer in submitted:
        producer.fail("The worker process failed.")
    app.run()
    assert errors(app).count("This could not be computed: The worker process failed.") == 2
    next(b for b in app.button if b.label == "Try again").click().run()
    assert not app.exception
    assert kinds_of(submitted) == [ActivationsJob, MapsJob, ActivationsJob]


def test_another_class_is_explained(open_page, submitted):
    app = open_page("inside", model="seven-segment", pattern=DIGIT_PATTERNS[7])
    assert submitted[-1].job.spec.target == 7
    next(c for c in app.button_group if c.label == "Explain the score of").set_value("2").run()
    assert not app.exception
    assert submitted[-1].job.spec.target == 2


def test_an_ensemble_offers_its_members(open_page, submitted):
    app = open_page("inside", model="handwritten-ensemble", data="built-in")
    assert not app.exception
    assert answer(app)
    assert "several networks that vote" in app.info[0].value
    next(b for b in app.button if b.label == "handwritten-kernel-5").click().run()
    assert not app.exception
    assert app.selectbox(key="inside_model").value == "handwritten-kernel-5"
    assert kinds_of(submitted) == [ActivationsJob, MapsJob]


def test_only_one_digit_is_gone_through(open_page):
    app = open_page("inside", model="handwritten-dense", data="built-in")
    y = datasets.clean_test("handwritten", "built-in", handwritten.BUILT_IN_TEST).y
    fives = np.flatnonzero(y == 5)
    app.selectbox(key="inside_only").select("5").run()
    assert number(app) == fives[0]
    step(app, 1)
    assert number(app) == fives[1]
    step(app, 0, -1)
    assert number(app) == fives[-1]
    step(app, 3)  # four quick clicks that were told at once
    assert number(app) == fives[3]
    next(box for box in app.number_input if box.label.startswith("Test")).set_value(fives[1]).run()
    assert shared(app)["test"] == str(fives[1])
    step(app, 4)
    assert number(app) == fives[2]
    assert not app.exception


def test_a_number_beyond_the_last_example_gets_a_note(open_page):
    app = open_page("inside", model="handwritten-dense", data="built-in", test="99999")
    assert not app.exception
    assert "the last one is shown" in notes(app)
    assert number(app) == 449


@pytest.mark.parametrize(
    "parameters",
    [
        {"model": "**none**"},
        {"pattern": "12"},
        {"test": "-1"},
        {"test": "many"},
        {"data": "nowhere", "test": "1"},
        {"task": "nothing"},
        {"from": "drawn"},
        {"from": "mars"},
        {"model": "seven-segment", "data": "generated", "test": "7"},
        {"model": "seven-segment", "data": "mnist", "test": "7"},
    ],
)
def test_no_link_breaks_the_page(open_page, parameters):
    app = open_page("inside", **parameters)
    assert not app.exception
    assert answer(app)


def test_the_digit_just_drawn_is_looked_into(open_page):
    app = draw(open_page("draw", model="handwritten-cnn"), SEVEN)
    assert any(link.proto.label.startswith("See what happens") for link in app.get("page_link"))
    app.query_params.clear()
    app.switch_page("pages/inside.py").run()
    assert not app.exception
    assert "what you drew" in text(app)
    assert '"digit-lab-answer">7<' in answer(app)
    assert shared(app)["from"] == "drawn"


def test_the_task_can_be_changed(open_page, submitted):
    app = open_page("inside", pattern=DIGIT_PATTERNS[2])
    tasks = next(c for c in app.selectbox if c.label == "What is read?")
    tasks.set_value("handwritten").run()
    assert not app.exception
    assert app.selectbox(key="inside_model").value == "handwritten"
    assert not notes(app)


@pytest.mark.parametrize("name", [m.name for m in ModelStore().models() if not m.is_ensemble])
def test_every_layer_with_weights_can_be_chosen(open_page, name):
    extra = {} if name.startswith("seven") else {"data": "built-in"}
    app = open_page("inside", model=name, **extra)
    label = "Layer with weights"
    for option in next(box for box in app.selectbox if box.label == label).options:
        next(box for box in app.selectbox if box.label == label).select(option).run()
        assert not app.exception
        assert "What it shows" in text(app)


def test_a_model_that_is_deleted_meanwhile_gets_a_sentence(open_page, monkeypatch):
    from core.errors import ModelUnusable

    def gone(*arguments):
        raise ModelUnusable("There is no model called 'gone'.")

    monkeypatch.setattr(inspection, "maps_job", gone)
    app = open_page("inside", model="seven-segment", pattern="1110011")
    assert not app.exception
    assert "There is no model called 'gone'." in app.error[0].value


def test_an_example_of_the_second_test_part_is_opened_by_a_link(open_page, monkeypatch):
    whole = get_task("handwritten").source("built-in").tests()[handwritten.BUILT_IN_TEST]()
    parts = {"all": lambda: whole, "by six people": lambda: whole.thinned(5)}
    monkeypatch.setattr(datasets, "clean_tests", lambda task_name, source: parts)
    link = {"model": "handwritten-dense", "data": "built-in", "part": "2", "test": "3"}
    app = open_page("inside", **link)
    assert not app.exception
    assert app.selectbox(key="inside_part").value == 2
    assert f"test example 3, {article(parts['by six people']().y[3])}" in text(app)
    assert shared(app) == {"task": "handwritten", **link}
    app.selectbox(key="inside_part").select(1).run()
    assert number(app) == 0
    assert "part" not in shared(app)


def test_a_test_part_that_is_not_there_is_told(open_page):
    app = open_page("inside", model="handwritten-dense", data="built-in", part="4", test="3")
    assert "part of the test examples in the link does not exist" in notes(app)
    assert number(app) == 3


def test_another_task_forgets_the_data_of_the_one_before(open_page):
    app = open_page("inside", model="handwritten-dense", data="built-in", test="3")
    app.selectbox(key="inside_task").set_value("course-lab").run()
    assert not app.exception
    assert not notes(app)


def test_maps_that_were_found_before_a_failure_are_kept_and_it_is_told(open_page, submitted):
    app = open_page("inside", model="handwritten-cnn", data="built-in")
    maps = submitted[1]
    maps.emit(next(maps_of((28, 28))))
    maps.fail("The worker process ended.")
    app.run()
    assert not app.exception
    assert "The worker process ended." in errors(app)
    assert "trust regions, not pixels" in text(app)
    assert "Being computed" not in text(app)
    assert "Not computed." in text(app)
    app.button(key="inside_maps_again").click().run()
    assert not app.exception
    assert kinds_of(submitted) == [ActivationsJob, MapsJob, MapsJob]


def test_a_link_holds_the_digit_that_was_drawn(open_page):
    app = draw(open_page("draw", model="handwritten-cnn"), SEVEN)
    app.query_params.clear()
    app.switch_page("pages/inside.py").run()
    link = shared(app)
    # A reload, or another person who opens the link, is a new session.
    again = open_page("inside", **link)
    assert not again.exception
    assert not notes(again)
    assert "what you drew" in text(again)
    assert '"digit-lab-answer">7<' in answer(again)
    assert shared(again) == link


def test_a_damaged_digit_in_a_link_gets_a_note(open_page):
    app = open_page("inside", digit="eJxjYBgFo2AUDHcAAAMQAAE")
    assert not app.exception
    assert "The link's “digit” was not used" in notes(app)
