from core.metrics import Accuracy
from core.noise import LEVELS
from tests.pages.conftest import notes, shared


def measured(correct):
    """Results as a worker returns them, falling with the level."""
    return [
        {
            "level": level,
            "accuracy": vars(Accuracy("examples", round(correct * (1 - level)), 1000)),
        }
        for level in LEVELS
    ]


def test_first_visit_measures_the_default_model_once(open_page, submitted):
    app = open_page("noise")
    assert not app.exception
    assert [arguments[1:] for _, _, arguments in submitted] == [
        ("seven-segment", "generated", "flip")
    ]
    submitted[0][0]._finish(measured(1000))
    app.run()
    assert app.metric[0].value == "85.0 %"
    assert app.metric[1].value == "62.1 %"  # the exact ceiling of bit flip at 0.15


def test_moving_the_slider_measures_nothing_again(open_page, submitted):
    app = open_page("noise")
    submitted[0][0]._finish(measured(1000))
    app.run()
    app.select_slider(key="noise_level").set_value(0.3).run()
    assert not app.exception
    assert len(submitted) == 1
    assert app.metric[0].value == "70.0 %"
    assert app.metric[1].value == "32.9 %"
    assert shared(app)["level"] == "0.3"


def test_several_models_from_a_link(open_page, submitted):
    app = open_page(
        "noise", task="handwritten", noise="gaussian", models="handwritten-dense,handwritten-cnn"
    )
    assert not app.exception
    assert {arguments[1] for _, _, arguments in submitted} == {
        "handwritten-dense",
        "handwritten-cnn",
    }


def test_wrong_values_in_a_link_become_the_defaults_with_a_note(open_page, submitted):
    app = open_page("noise", task="chess", noise="fog", level="x", models="nobody")
    assert not app.exception
    for value in ("task", "fog", "level", "nobody"):
        assert f"“{value}”" in notes(app)
    assert shared(app) == {
        "task": "seven-segment",
        "noise": "flip",
        "level": "0.15",
        "models": "seven-segment",
    }


def test_changing_the_task_changes_noise_and_models(open_page):
    app = open_page("noise")
    app.selectbox(key="noise_task").set_value("handwritten").run()
    assert not app.exception
    assert shared(app)["noise"] == "gaussian"
    assert shared(app)["models"] == "handwritten"
