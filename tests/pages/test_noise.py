import numpy as np

from core.metrics import Accuracy
from core.noise import LEVELS
from tests.pages.conftest import notes, shared, wait_until


def captions(app):
    return "\n".join(element.value for element in app.caption)


def text(app):
    return "\n".join(element.value for element in app.markdown)


def measured(correct):
    """Results as a worker returns them, falling with the level."""
    return [
        {
            "level": level,
            "accuracy": vars(Accuracy("examples", round(correct * (1 - level)), 1000)),
            "confusion": [[0] * 10] * 10,
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
    assert app.metric[0].value == "62.0 %"  # exact, whatever was measured
    assert "measured 85.0 %" in captions(app)
    assert app.metric[1].value == "62.1 %"  # the exact ceiling of bit flip at 0.15


def test_moving_the_slider_measures_nothing_again(open_page, submitted):
    app = open_page("noise")
    submitted[0][0]._finish(measured(1000))
    app.run()
    app.select_slider(key="noise_level").set_value(0.3).run()
    assert not app.exception
    assert len(submitted) == 1
    assert app.metric[0].value == "32.7 %"
    assert "measured 70.0 %" in captions(app)
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
    app = open_page("noise", task="chess", noise="fog", level="x", models="nobody", prior="1,2")
    assert not app.exception
    for value in ("task", "fog", "level", "nobody", "prior"):
        assert f"“{value}”" in notes(app)
    assert shared(app) == {
        "task": "seven-segment",
        "noise": "flip",
        "level": "0.15",
        "models": "seven-segment",
        "prior": "1,1,1,1,1,1,1,1,1,1",
    }


def test_changing_the_task_changes_noise_and_models(open_page):
    app = open_page("noise")
    app.selectbox(key="noise_task").set_value("handwritten").run()
    assert not app.exception
    assert shared(app)["noise"] == "gaussian"
    assert shared(app)["models"] == "handwritten"


def test_a_group_is_chosen_on_the_page(open_page, submitted):
    app = open_page("noise", noise="together:ab", level="0.3")
    assert app.metric[1].value == "91.0 %"
    app.pills[0].set_value(["a", "b", "g"]).run()
    assert not app.exception
    assert shared(app)["noise"] == "together:abg"
    assert submitted[-1][2][-1] == "together:abg"
    app.pills[0].set_value([]).run()  # a group needs someone
    assert shared(app)["noise"] == "together:abg"


def test_a_stuck_segment_is_chosen_on_the_page(open_page):
    app = open_page("noise", noise="stuck:g-off", level="1")
    app.segmented_control[0].set_value("d").run()
    assert shared(app)["noise"] == "stuck:d-off"
    app.segmented_control[1].set_value("on").run()
    assert not app.exception
    assert shared(app)["noise"] == "stuck:d-on"
    assert shared(app)["level"] == "1"


def test_a_table_of_one_s_own_comes_with_a_link(open_page, submitted):
    name = "own:0,0,0,0,0,0,0/100,0,0,0,0,0,0"
    app = open_page("noise", noise=name, level="1")
    assert not app.exception
    assert submitted[-1][2][-1] == name
    # Segment a is always lit then: 1 and 7 look alike, and so do 4 and 9 without d, which no 9 is.
    assert app.metric[1].value == "90.0 %"


def test_one_s_own_table_starts_at_its_full_strength(open_page):
    app = open_page("noise", level="0.2")
    own = next(name for name in app.selectbox(key="noise_kind").options if name == "Your own")
    app.selectbox(key="noise_kind").select(own).run()
    assert shared(app)["noise"].startswith("own:")
    assert shared(app)["level"] == "1"
    app.selectbox(key="noise_kind").select("Bit flip").run()
    assert not app.exception
    assert shared(app)["level"] == "0.15"


def test_a_level_is_brought_to_one_that_the_noise_has(open_page):
    app = open_page("noise", noise="flip", level="0.9")
    assert not app.exception
    assert shared(app)["level"] == "0.5"


def test_a_prior_from_a_link_moves_the_ceiling(open_page, submitted):
    app = open_page("noise", level="0.3", prior="0,0,0,0,0,0,0,0,1,0")
    assert not app.exception
    assert app.metric[1].value == "100.0 %"  # all are eights
    submitted[0][0]._finish(measured(1000))
    app.run()
    assert "measured" not in app.metric[0].value
    assert "all digits equally often" in captions(app)


def test_theory_s_lessons_are_told_with_computed_numbers(open_page):
    app = open_page("noise")
    told = text(app)
    assert "the best possible is 74.0 % and 32.9 %" in told
    assert "98.5 % at level 0.10 and 88.7 % at level 0.30" in told
    assert "**one fault** comes closest: 96.1 % and 88.4 %" in told
    assert "The most even is **seven-segment**" in told
    assert "promise more than 93.0 %" in told


def test_training_on_this_noise_starts_a_run_and_turns_to_it(open_page, submitted):
    app = open_page("noise", noise="stuck:g-off", level="0.4")
    next(b for b in app.button if b.label == "Train a network on this noise").click().run()
    assert not app.exception
    wait_until(lambda: any(function.__name__ == "train" for _, function, _ in submitted))
    config = next(a[0] for _, f, a in submitted if f.__name__ == "train")
    assert (config.noise, config.noise_level) == ("stuck:g-off", 0.4)
    assert app.title[0].value.startswith("Train a network")
    assert shared(app)["noise"] == "stuck:g-off"
    assert shared(app)["level"] == "0.4"


def test_pictures_have_no_theory_but_measured_confusions(open_page, submitted):
    app = open_page("noise", task="handwritten", noise="gaussian", level="0.1")
    results = measured(1000)
    for entry in results:
        entry["confusion"] = (np.eye(10, dtype=int) * 90 + 1).tolist()
    submitted[0][0]._finish(results)
    app.run()
    assert not app.exception
    assert len(app.metric) == 1
    assert "Most often a **0** is taken for a **1**: in 1.0 % of cases." in text(app)
    assert "No network is the best everywhere" not in [s.value for s in app.subheader]
