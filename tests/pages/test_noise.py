import json
import re
import shutil
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates

from core.jobs.noise_curve import NoiseCurveJob
from core.jobs.training import TrainingJob
from core.models.store import ModelStore
from core.training.card import TrainedModel
from core.training.events import BatchDone, EpochDone, Finished, Started
from core.workers.commands import Signal
from core.workers.pool import Workers
from tests.pages.conftest import jobs_of, measured_points, notes, shared
from tests.support.models import card_of_network, save_copy
from tests.support.patience import wait_until
from tests.support.searches import runs_of_search
from ui.services import server
from ui.wording.runs import NO_WORKER


def captions(app):
    return "\n".join(element.value for element in app.caption)


def text(app):
    return "\n".join(element.value for element in app.markdown)


def readings(app):
    """The rows of the read-out: a name, an accuracy and a detail each."""
    (table,) = [
        e.proto.body for e in app.get("html") if '<table class="digit-lab-readings' in e.proto.body
    ]
    rows = re.findall("<tr>(.*?)</tr>", table)[1:]
    return [[unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", r)] for r in rows]


def values(app):
    return [value for _, value, _ in readings(app)]


def open_part(app, name):
    """Opens a tab, as a click does."""
    app.session_state["noise_part"] = name
    return app.run()


def test_first_visit_measures_the_default_model_once(open_page, submitted):
    app = open_page("noise")
    assert not app.exception
    folder = ModelStore().folder
    assert [producer.job.spec for producer in submitted] == [
        NoiseCurveJob("seven-segment", "seven-segment", "generated", "flip", folder=folder)
    ]
    submitted[0].finish(measured_points(1000))
    app.run()
    # Exact, whatever was measured: the network, and the ceiling of bit flip at 0.15.
    assert readings(app) == [
        ["seven-segment", "62.0 %", "99.8 %"],
        ["Best possible", "62.1 %", "the limit"],
    ]
    assert "Lines: exact. Dots: measured on 20,000 test examples, with" in captions(app)


def test_moving_the_slider_measures_nothing_again(open_page, submitted):
    app = open_page("noise")
    submitted[0].finish(measured_points(1000))
    app.run()
    app.select_slider(key="noise_level").set_value(0.3).run()
    assert not app.exception
    assert len(submitted) == 1
    assert values(app) == ["32.7 %", "32.9 %"]
    assert shared(app)["level"] == "0.3"
    open_part(app, "confidence")
    table = app.table[0].value
    assert table["accuracy"].iloc[0] == "70.0 %"  # of the same measurement


def test_several_models_from_a_link(open_page, submitted):
    app = open_page(
        "noise", task="handwritten", noise="gaussian", models="handwritten-dense,handwritten-cnn"
    )
    assert not app.exception
    curves = jobs_of(submitted, NoiseCurveJob)
    assert len(curves) == len(submitted) == 2
    assert {curve.job.spec.name for curve in curves} == {"handwritten-dense", "handwritten-cnn"}


def test_wrong_values_in_a_link_become_the_defaults_with_a_note(open_page, submitted):
    app = open_page(
        "noise", task="chess", noise="fog", level="x", models="nobody", prior="1,2", part="x"
    )
    assert not app.exception
    for value in ("task", "fog", "level", "nobody", "prior", "part"):
        assert f"“{value}”" in notes(app)
    assert shared(app) == {
        "task": "seven-segment",
        "noise": "flip",
        "level": "0.15",
        "models": "seven-segment",
        "prior": "1,1,1,1,1,1,1,1,1,1",
        "part": "mixed",
    }


def test_changing_the_task_changes_noise_and_models(open_page):
    app = open_page("noise")
    app.selectbox(key="noise_task").set_value("handwritten").run()
    assert not app.exception
    assert not app.warning  # the other task's noise is no mistake of the person
    assert shared(app)["noise"] == "gaussian"
    assert shared(app)["models"] == "handwritten"


def sent(app, label):
    """What a row of buttons tells the browser to show, or None where the browser's own stands."""
    (row,) = [each for each in app.get("button_group") if each.label == label]
    return list(row.proto.raw_values) if row.proto.set_value else None


def rerun_undrawn(app):
    """Reruns the page as a browser does that has drawn no widget yet: its code still loads."""
    app._run(WidgetStates())
    assert not app.exception


def rerun_late(app, key, text):
    """Reruns the page as a browser does that has not drawn the last run's choice yet."""
    states = app._tree.get_widget_states()
    (late,) = [state for state in states.widgets if state.id.endswith(f"-{key}")]
    late.string_value = text
    app._run(states)
    assert not app.exception


def test_a_group_is_sent_until_the_browser_shows_it(open_page):
    label = "Segments on the same wire"
    app = open_page("noise", noise="together:ab")
    assert sent(app, label) == ["a", "b"]
    rerun_undrawn(app)
    assert sent(app, label) == ["a", "b"]
    app.run()  # the browser reports a and b, and sent again they would undo a press under way
    assert sent(app, label) is None
    app.pills[0].set_value(["a", "b", "g"]).run()
    assert sent(app, label) is None
    app.pills[0].set_value([]).run()
    assert sent(app, label) == ["a", "b", "g"]


def test_a_stuck_segment_is_sent_until_the_browser_shows_it(open_page):
    app = open_page("noise", noise="stuck:g-off")
    for rerun in (None, rerun_undrawn):
        if rerun:
            rerun(app)
        assert (sent(app, "Segment"), sent(app, "is stuck")) == (["g"], ["off"])
    app.run()
    assert (sent(app, "Segment"), sent(app, "is stuck")) == (None, None)
    app.segmented_control[0].set_value("d").run()
    assert (sent(app, "Segment"), sent(app, "is stuck")) == (None, None)
    app.segmented_control[1].set_value(None).run()  # it is stuck in some way
    assert (sent(app, "Segment"), sent(app, "is stuck")) == (None, ["off"])
    assert shared(app)["noise"] == "stuck:d-off"


def test_a_group_is_chosen_on_the_page(open_page, submitted):
    app = open_page("noise", noise="together:ab", level="0.3")
    assert values(app)[1] == "91.0 %"
    app.pills[0].set_value(["a", "b", "g"]).run()
    assert not app.exception
    assert shared(app)["noise"] == "together:abg"
    assert submitted[-1].job.spec.noise == "together:abg"
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


def test_presses_are_taken_from_a_browser_that_still_shows_the_noise_before(open_page):
    app = open_page("noise", noise="stuck:g-off", level="1")
    title = app.selectbox(key="noise_kind").format_func
    app.segmented_control[0].set_value("d").run()
    rerun_late(app, "noise_kind", title("stuck:g-off"))  # it is none of the choices any more
    assert shared(app)["noise"] == "stuck:d-off"
    app.segmented_control[1].set_value("on")
    rerun_late(app, "noise_kind", title("stuck:g-off"))
    assert shared(app)["noise"] == "stuck:d-on"
    assert shared(app)["level"] == "1"
    assert not app.warning


def test_a_press_is_not_undone_by_the_title_that_is_reported_with_it(open_page):
    app = open_page("noise", noise="stuck:d-off")
    app.segmented_control[1].set_value("on")
    reported = app._tree.get_widget_states()
    # When it is first reported because a job's progress is due, the press is taken, but only the
    # progress is drawn anew: the title of the noise before remains a choice.
    app.session_state["noise_kind_state"] = "on"
    app.session_state["noise_kind"] = app.session_state["noise_kind_known"] = "stuck:d-on"
    app._run(reported)
    assert not app.exception
    assert shared(app)["noise"] == "stuck:d-on"


def test_a_table_of_one_s_own_comes_with_a_link(open_page, submitted):
    name = "own:0,0,0,0,0,0,0/100,0,0,0,0,0,0"
    app = open_page("noise", noise=name, level="1")
    assert not app.exception
    assert submitted[-1].job.spec.noise == name
    # Segment a is always lit then: 1 and 7 look alike, and so do 4 and 9 without d, which no 9 is.
    assert values(app)[1] == "90.0 %"


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
    assert values(app)[1] == "100.0 %"  # all are eights
    submitted[0].finish(measured_points(1000))
    app.run()
    assert "every digit equally often" in captions(app)
    open_part(app, "confidence")
    assert "every digit equally often" in told(app)


def test_theory_s_lessons_are_told_with_computed_numbers(open_page):
    app = open_page("noise", part="best")
    told = text(app)
    assert "the best possible is 74.0 % and 32.9 %" in told
    assert "98.5 % at level 0.10 and 88.7 % at level 0.30" in told
    assert "**one fault** comes closest: its best possible is 96.1 % and 88.4 %" in told
    assert "The best all-rounder is **seven-segment**" in told
    assert "guarantee more than 93.0 %" in told


def test_training_on_this_noise_starts_a_run_and_turns_to_it(open_page, submitted):
    app = open_page("noise", noise="stuck:g-off", level="0.4", part="train")
    next(b for b in app.button if b.label == "Train a network at level 0.4").click().run()
    assert not app.exception
    wait_until(lambda: runs_of(submitted))
    config = runs_of(submitted)[0].job.spec.config
    assert (config.noise, config.noise_level) == ("stuck:g-off", 0.4)
    assert app.title[0].value.startswith("Train a network")
    assert shared(app)["noise"] == "stuck:g-off"
    assert shared(app)["level"] == "0.4"


def test_pictures_have_no_theory_but_measured_confusions(open_page, submitted):
    app = open_page("noise", task="handwritten", noise="gaussian", level="0.1")
    confusion = np.eye(10, dtype=np.int64) * 90 + 1
    submitted[0].finish(
        [replace(point, confusion=confusion, refused=450) for point in measured_points(1000)]
    )
    app.run()
    assert not app.exception
    assert readings(app) == [["handwritten", "90.0 %", "88.0 to 91.7 %"]]
    assert "The most common mistake: 1.0 % of all **0**s are read as **1**." in text(app)
    open_part(app, "confidence")
    assert "would refuse 45 % of these" in text(app)
    assert app.table[0].value["average confidence"].iloc[0] == "90.0 %"
    assert "Best for every noise?" not in [tab.label for tab in app.tabs]


# ---- The exercise: networks trained at five levels


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def labels(app):
    return [button.label for button in app.button]


def told(app):
    """All that the page says in boxes."""
    return "\n".join(e.value for kind in ("info", "error", "warning") for e in app.get(kind))


def heat_map(app):
    """The heat map, as the browser gets it."""
    for element in app.get("bidi_component"):
        data = json.loads(element.proto.json or "{}")
        if data.get("label", "").startswith("Accuracy by training level"):
            return data["figure"][0]
    raise AssertionError("there is no heat map")


def sweep_progress(app):
    texts = [element.proto.text for element in app.get("progress")]
    return next((text for text in texts if "networks" in text), "")


def network(name="seven-segment-flip"):
    content = ModelStore().get(name).read("model.tflite")
    card = card_of_network(training_seconds=2.0, ending="complete", figures=[])
    return TrainedModel({"model.tflite": content}, card)


def runs_of(submitted):
    """The jobs that train, in the order in which they were handed over."""
    return jobs_of(submitted, TrainingJob)


def measurings_of(submitted):
    """The jobs that measure networks of runs, in the order in which they were handed over."""
    return [curve for curve in jobs_of(submitted, NoiseCurveJob) if curve.job.spec.network]


def runs_in(app):
    """The ids of a sweep's runs, in order, once all have begun."""
    return runs_of_search(shared(app)["sweep"])


def train_all(app, submitted, model=None, first=0, last=5):
    """Has the networks of a sweep trained, one after the other."""
    runs, ids = server.runs(), runs_in(app)
    for number in range(first, last):
        wait_until(lambda count=number: len(runs_of(submitted)) > count)
        run = runs_of(submitted)[number]
        run.emit(Started(100, 1000, 10))
        run.emit(EpochDone(1, 1.0, 0.5, 1.0, 0.5, 2.0))
        run.emit(Finished("complete", 1, 1))
        run.finish(model or network())
        wait_until(lambda run=ids[number]: not runs.get(run).under_way)
    wait_until(lambda: last < 5 or server.searches().get(shared(app)["sweep"]).settled)
    app.run()
    assert not app.exception


def test_the_exercise_is_queued_whole_followed_and_found_again(open_page, submitted, monkeypatch):
    app = open_page("noise", part="train")
    assert "sweep" not in shared(app)
    press(app, "Train five networks")
    link, ids = shared(app)["sweep"], runs_in(app)
    assert [server.runs().get(run_id).config.noise_level for run_id in ids] == [
        0.05,
        0.1,
        0.15,
        0.2,
        0.25,
    ]
    assert server.runs().get(ids[0]).name == "Bit flip at five levels, 0.05"
    wait_until(lambda: runs_of(submitted))
    assert "0 of 5 networks are trained; waiting" in sweep_progress(app)
    for event in (
        Started(100, 1000, 10),
        BatchDone(1, 5, 1.0, 0.5, 1.0),
        *(EpochDone(number, 1.0, 0.5, 1.0, 0.5, 2.0 * number) for number in range(1, 11)),
    ):
        runs_of(submitted)[0].emit(event)
    wait_until(lambda: len(server.searches().get(link).trials[0].losses) == 10)
    app.run()
    assert re.fullmatch("0 of 5 networks are trained, about .* left", sweep_progress(app))
    assert heat_map(app)["data"][0]["z"][0] == [None] * 21
    with monkeypatch.context() as gone:
        gone.setattr(Workers, "training_slots", lambda self: 0)
        wait_until(lambda: server.runs().get(ids[0]).without_workers)
        app.run()
        assert sweep_progress(app) == f"0 of 5 networks are trained. {NO_WORKER}"
    train_all(app, submitted)
    assert sweep_progress(app) == ""
    figure = heat_map(app)
    assert figure["data"][0]["y"] == ["0.05", "0.1", "0.15", "0.2", "0.25", "best<br>possible"]
    assert figure["data"][0]["z"][0][4] == pytest.approx(74.0, abs=0.05)
    assert "All the networks are exactly equally good at every test level." in text(app)
    app.run()
    assert len(runs_of(submitted)) == 5
    # Another noise has no sweep; back at this one it is found without a link.
    app.selectbox(key="noise_kind").set_value("missing").run()
    assert "Train five networks" in labels(app)
    assert "sweep" not in shared(app)
    app.selectbox(key="noise_kind").set_value("flip").run()
    assert shared(app)["sweep"] == link
    # So it is by somebody who has the link, who cannot change it. Links to the runs alone, from
    # before a sweep was a search, do as well.
    for each in (link, ",".join(ids)):
        other = open_page("noise", sweep=each, cells="lost")
        assert "somebody else" in told(other)
        assert "Train five of your own" in labels(other)
        assert heat_map(other)["data"][0]["z"][0] == [0] * 21
        assert shared(other)["sweep"] == each


def test_a_sweep_that_does_not_fit_into_the_limits_waits(open_page, submitted, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_MAX_RUNS", "4")
    app = open_page("noise", part="train")
    press(app, "Train five networks")
    wait_until(lambda: server.searches().get(shared(app)["sweep"]).trouble)
    app.run()
    assert "You have 4 runs" in told(app)
    assert len(server.runs().of(app.session_state["visitor"])) == 4


def test_networks_that_are_missing_are_trained_again(open_page, submitted):
    app = open_page("noise", part="train")
    press(app, "Train five networks")
    link, ids = shared(app)["sweep"], runs_in(app)
    train_all(app, submitted, last=4)
    wait_until(lambda: len(runs_of(submitted)) == 5)
    runs_of(submitted)[4].fail("No memory.")
    wait_until(lambda: server.searches().get(link).settled)
    app.run()
    assert "Trained at 0.25: ended without a network: No memory." in told(app)
    server.runs().delete(ids[0], owner=app.session_state["visitor"])
    app.run()
    assert "no longer exist" in notes(app)
    press(app, "Train what is missing")
    again = runs_in(app)
    assert shared(app)["sweep"] == link
    assert again[1:4] == ids[1:4]
    assert not {ids[0], ids[4]} & set(again)
    wait_until(lambda: len(server.runs().of(app.session_state["visitor"])) == 6)
    levels = [server.runs().get(run_id).config.noise_level for run_id in again]
    assert levels == [0.05, 0.1, 0.15, 0.2, 0.25]


def test_stopping_ends_all_of_it(open_page, submitted):
    app = open_page("noise", part="train")
    press(app, "Train five networks")
    wait_until(lambda: runs_of(submitted))
    ids = runs_in(app)
    sent = []
    runs_of(submitted)[0].attach(sent.append)
    app.run()
    press(app, "Stop")
    assert sent[0] == sent[-1] == Signal("stop")
    assert [server.runs().get(run_id).state for run_id in ids[1:]] == ["failed"] * 4
    assert len(runs_of(submitted)) == 1


def test_links_to_nothing_get_a_note(open_page):
    app = open_page("noise", sweep="0123456789abcdef,no", cells="colour", part="train")
    assert not app.exception
    assert "no such runs" in notes(app)
    assert "“cells” was not used" in notes(app)
    assert "Train five networks" in labels(app)
    assert "sweep" not in shared(app)


def test_networks_that_read_pictures_are_measured(open_page, submitted):
    app = open_page("noise", part="train", task="handwritten", noise="gaussian")
    press(app, "Train five networks")
    train_all(app, submitted)
    measuring = measurings_of(submitted)
    assert len(measuring) == 5
    source = server.runs().get(runs_in(app)[0]).config.source
    for curve in measuring:
        spec = curve.job.spec
        assert (spec.task, spec.source, spec.noise) == ("handwritten", source, "gaussian")
        assert spec.network == network().files["model.tflite"]
    measuring[0].emit(measured_points(900)[3])
    app.run()
    assert any("1 of 105" in element.proto.text for element in app.get("progress"))
    for number, curve in enumerate(measuring[:4]):
        curve.finish(measured_points(800 + 50 * number))
    measuring[4].fail("Lost.")
    app.run()
    assert not app.exception
    assert "Gaussian noise at five levels, 0.25: Lost." in told(app)
    assert "The network trained at **0.2** is best at test level" in text(app)
    assert len(heat_map(app)["layout"]["shapes"]) > 0
    assert labels(app).count("Try again") == 1
    press(app, "Try again")
    assert len(measurings_of(submitted)) == 6
    assert measurings_of(submitted)[5].job.spec == measuring[4].job.spec
    assert "Lost." not in told(app)


def test_the_noise_page_works_without_a_database(open_page, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:////proc/nowhere/runs.sqlite3")
    app = open_page("noise", part="train")
    assert not app.exception
    assert "database" in told(app)
    assert values(app) == ["62.0 %", "62.1 %"]


def test_the_form_of_a_run_knows_the_noise_that_a_link_spells_out(open_page):
    app = open_page("train", task="seven-segment", noise="together:abg", level="0.4")
    assert not app.exception
    assert not app.warning
    assert shared(app)["noise"] == "together:abg"
    assert (
        app.selectbox(key="train_noise").format_func("together:abg") == "a, b and g fail together"
    )


def test_a_model_that_is_deleted_while_it_is_measured_is_left_out(
    open_page, submitted, tmp_path, monkeypatch
):
    store = ModelStore(tmp_path)
    save_copy(store, "seven-segment", "mine")
    save_copy(store, "seven-segment-flip", "gone")
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path))
    app = open_page("noise", models="mine,gone")
    assert len(submitted) == 2
    shutil.rmtree(tmp_path / "gone")
    for curve in submitted:
        curve.finish(measured_points(1000))
    app.run()
    assert not app.exception
    assert [name for name, _, _ in readings(app)] == ["mine", "Best possible"]


def test_models_can_be_cleared_and_another_task_has_its_own_again(open_page, submitted):
    app = open_page("noise")
    app.multiselect(key="noise_models").set_value([]).run()
    assert app.multiselect(key="noise_models").value == []
    assert "Choose a model" in told(app)
    assert [name for name, _, _ in readings(app)] == ["Best possible"]
    app.selectbox(key="noise_task").select("handwritten").run()
    assert app.multiselect(key="noise_models").value == ["handwritten"]
    assert not app.exception


def test_all_models_that_are_not_there_are_named_and_none_is_chosen_twice(open_page, submitted):
    app = open_page("noise", models="a,seven-segment,*b*,seven-segment")
    assert app.multiselect(key="noise_models").value == ["seven-segment"]
    assert "no models “a” and “\\*b\\*” here, so they are left out" in notes(app)


def test_the_slider_says_what_a_level_comes_to(open_page, submitted):
    app = open_page("noise", task="handwritten", noise="rotate", level="0.2")
    assert app.select_slider(key="noise_level").options[:3] == ["0", "0.1 (12°)", "0.2 (24°)"]


def test_only_the_open_tab_is_drawn_and_what_was_set_in_another_is_kept(open_page, submitted):
    app = open_page("noise", part="levels", task="handwritten", noise="rotate")
    assert [tab.label for tab in app.tabs][:3] == [
        "Mixed-up digits",
        "Can you trust it?",
        "One digit, every level",
    ]
    app.segmented_control(key="noise_class").set_value("3").run()
    open_part(app, "together")
    assert [box.key for box in app.radio] == ["ensemble_vote"]
    assert not app.segmented_control
    app.radio(key="ensemble_vote").set_value("majority").run()
    open_part(app, "levels")
    assert not app.radio
    assert app.segmented_control(key="noise_class").value == "3"
    open_part(app, "together")
    assert app.radio(key="ensemble_vote").value == "majority"
    assert shared(app)["part"] == "together"
    assert not app.exception


def test_a_tab_that_another_task_lacks_gives_way_to_the_first(open_page, submitted):
    app = open_page("noise", part="best")
    app.selectbox(key="noise_task").select("handwritten").run()
    assert not app.exception
    assert shared(app)["part"] == "mixed"


def test_the_layout_is_the_same_while_it_is_measured(open_page, submitted):
    app = open_page("noise", task="handwritten", noise="rotate", level="0.2")
    assert readings(app) == [["handwritten", "…", "…"]]
    assert "Measuring: 0 of 6 points" in app.get("progress")[0].proto.text
    submitted[0].finish(measured_points(1000))
    app.run()
    assert len(readings(app)) == 1
    assert not app.get("progress")
    data = "(built-in test digits|test digits of MNIST)"
    assert re.search(f"Dots: measured on [0-9,]+ {data}", captions(app))


def test_a_link_to_an_exercise_opens_its_tab(open_page, submitted):
    app = open_page("noise", sweep="0123456789abcdef")
    assert shared(app)["part"] == "train"
