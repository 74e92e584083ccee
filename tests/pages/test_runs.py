import json

import pytest

from core.database import Database, EventRow, RunRow
from core.metrics.accuracy import FIGURES, Accuracy
from core.networks.architecture import Architecture
from core.runs.manager import new_id
from core.schema import dump
from core.tasks.base import get_task
from core.training.card import TrainedModel
from core.training.config import TrainingConfig
from core.training.events import EpochDone, Finished, Started
from core.workers.commands import Signal
from tests.pages.conftest import notes, shared
from tests.support.locking import locked
from tests.support.models import card_of_network
from tests.support.patience import wait_until
from ui.services import server

CONFIG = TrainingConfig(
    task="seven-segment", source="generated", architecture=Architecture((8,)), epochs=2
)
MODEL = TrainedModel(
    {"model.keras": b"k"},
    card_of_network(figures=dump(FIGURES, [Accuracy("patterns", 60, 100)])),
)


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def owner_of(app):
    return app.session_state["visitor"]


def add_run(app, submitted, name, *, end=True, **changes):
    """Has a run of this visitor done."""
    runs = server.runs()
    before = len(submitted)
    config = TrainingConfig(**{**vars(CONFIG), **changes})
    run_id = runs.start(config, owner=owner_of(app), name=name)
    wait_until(lambda: len(submitted) > before)
    run = submitted[-1]
    assert run.job.spec.config == config
    run.emit(Started(100, 1000, 10))
    run.emit(EpochDone(1, 0.5, 0.8, 0.6, 0.7, 2.0))
    wait_until(lambda: runs.history(run_id).epochs)
    if end:
        run.emit(Finished("complete", 2, 2))
        run.finish(MODEL)
        wait_until(lambda: not runs.get(run_id).under_way)
    return run_id


def tables(app):
    return {frame.proto.id.split("-")[-1]: frame.value for frame in app.dataframe}


def table(app, column):
    return next(f.value for f in app.dataframe if column in f.value.columns)


def figures(app):
    """The charts' figures, as the browser gets them."""
    found = [json.loads(e.proto.json or "{}") for e in app.get("bidi_component")]
    return [data["figure"][0] for data in found if "figure" in data]


def test_without_runs_the_page_says_where_they_come_from(open_page):
    app = open_page("runs")
    assert not app.exception
    assert "You have no runs yet" in app.info[0].value


def test_runs_are_compared_by_what_differs_and_what_came_of_it(open_page, submitted):
    app = open_page("runs")
    first = add_run(app, submitted, "Small steps")
    second = add_run(app, submitted, "Large *steps*", learning_rate=0.1, seed=3)
    app.run()
    assert not app.exception
    assert set(shared(app)["runs"].split(",")) == {first, second}
    differing = table(app, "Setting")
    assert set(differing["Setting"]) == {"Learning rate", "Seed"}
    results = table(app, "Run")
    assert list(results["Test accuracy (95 % interval)"]) == ["60.00 % (50.20 % to 69.06 %)"] * 2
    assert list(results["How it ended"]) == ["all epochs done"] * 2
    curves = figures(app)
    assert len(curves) == 2
    assert "Large *steps*" in {trace["name"] for trace in curves[0]["data"]}


def test_a_runs_name_is_shown_as_it_was_typed(open_page, submitted):
    app = open_page("runs")
    add_run(app, submitted, "<b>a</b> & %{x} &lt;")
    app.run()
    line, dotted = figures(app)[0]["data"]
    # Plotly turns these entities, and no others, back; and looks for %{x} in its templates only.
    assert line["name"] == "&lt;b&gt;a&lt;/b&gt; &amp; %{x} &amp;lt;"
    assert line["hovertemplate"].startswith("%{fullData.name}: ")
    assert not dotted["showlegend"]


def test_many_runs_have_short_names_that_can_be_told_apart(open_page, submitted):
    app = open_page("runs")
    ids = [
        add_run(app, submitted, "The very same name for all of them, and a long one")
        for _ in range(8)
    ]
    app = open_page("runs", runs=",".join(ids))
    curves = figures(app)[0]
    names = [trace["name"] for trace in curves["data"] if trace.get("showlegend") is not False]
    assert len(set(names)) == 8
    assert all(name.startswith("The very same name for all of them,…") for name in names)
    assert curves["layout"]["legend"]["maxheight"] <= 0.3
    looks = {(t["line"]["color"], t["marker"]["symbol"]) for t in curves["data"][::2]}
    assert len(looks) == 8


def test_runs_of_one_name_are_told_apart_by_their_seeds_else_by_time(open_page, submitted):
    app = open_page("runs")
    for seed in (0, 1, 1):
        add_run(app, submitted, "Guide", seed=seed)
    app.run()
    names = list(table(app, "Run")["Run"])
    assert len(set(names)) == 3
    assert "Guide, seed 0" in names
    assert sum(name.startswith("Guide, seed 1, ") for name in names) == 2


def test_an_older_runs_name_says_what_was_changed_and_a_given_name_stays(open_page, submitted):
    app = open_page("runs")
    task = get_task("seven-segment")
    fast = TrainingConfig.from_recipe(task, task.recipe("fast"))
    changed = vars(fast) | {"learning_rate": 0.3}
    add_run(app, submitted, "Fast, changed", **changed)
    add_run(app, submitted, "My fast, changed", **changed)
    app.run()
    assert set(table(app, "Run")["Run"]) == {"Fast, learning rate 0.3", "My fast, changed"}


def test_only_runs_of_one_task_are_compared(open_page, submitted):
    app = open_page("runs")
    lamps = add_run(app, submitted, "Lamps")
    written = [
        add_run(app, submitted, name, task="handwritten", source="built-in") for name in ("A", "B")
    ]
    app.run()
    assert not app.exception
    assert set(table(app, "Run")["Run"]) == {"A", "B"}  # the newest run's task
    app.multiselect(key="compared_runs").set_value(written[:1]).run()
    app.selectbox(key="runs_task").set_value("seven-segment").run()
    assert not app.exception
    assert list(table(app, "Run")["Run"]) == ["Lamps"]
    assert list(table(app, "State")["Name"]) == ["Lamps"]
    assert shared(app) == {"task": "seven-segment", "runs": lamps}
    app.selectbox(key="runs_task").set_value("handwritten").run()
    assert list(table(app, "Run")["Run"]) == ["A"]  # what was chosen before
    assert not notes(app)
    link = open_page("runs", runs=",".join([lamps, *written]))
    assert list(table(link, "Run")["Run"]) == ["Lamps"]
    assert "Only runs of one task can be compared" in notes(link)


def test_all_runs_are_listed_with_their_states_and_reasons(open_page, submitted):
    app = open_page("runs")
    add_run(app, submitted, "Done")
    failed = add_run(app, submitted, "Failed", end=False)
    submitted[-1].fail("No memory.")
    wait_until(lambda: not server.runs().get(failed).under_way)
    add_run(app, submitted, "Now", end=False)
    app.run()
    assert not app.exception
    listed = table(app, "State")
    assert dict(zip(listed["Name"], listed["State"], strict=True)) == {
        "Now": "running, 50%",
        "Failed": "ended without a network: No memory.",
        "Done": "all epochs done",
    }
    assert set(listed["Test accuracy"]) == {"60.00 %", "–"}
    assert "ended without a network: No memory." in set(table(app, "Run")["How it ended"])
    app.selectbox(key="managed_run").set_value(failed).run()
    assert "State: ended without a network: No memory." in [text.value for text in app.text]


def test_a_link_opens_somebody_elses_runs_to_look_at(open_page, submitted):
    mine = open_page("runs")
    run_id = add_run(mine, submitted, "Mine")
    other = open_page("runs", runs=f"{run_id},nonsense")
    assert not other.exception
    assert "There is no run “nonsense”" in notes(other)
    assert shared(other)["runs"] == run_id
    labels = {button.label for button in other.button}
    assert "Repeat with the same seed" in labels
    assert not {"Rename", "Yes, delete it"} & labels


def test_rename_repeat_and_delete(open_page, submitted):
    app = open_page("runs")
    run_id = add_run(app, submitted, "First")
    app.run()
    next(box for box in app.text_input if box.label == "Name of the run").set_value("Second")
    press(app, "Rename")  # in the same run as what was typed
    assert server.runs().get(run_id).name == "Second"
    assert app.selectbox(key="managed_run").proto.set_value
    press(app, "Repeat with the same seed")
    assert [info.name for info in server.runs().of(owner_of(app))] == ["Second", "Second"]
    assert len(shared(app)["runs"].split(",")) == 2
    app.selectbox(key="managed_run").set_value(run_id).run()
    press(app, "Yes, delete it")
    assert "Deleted." in app.info[0].value
    assert run_id not in {info.id for info in server.runs().of(owner_of(app))}


def spoil(run_id, *, config=None, event=None):
    """Makes a finished run one of another version."""
    database = Database()
    with database.session() as session:
        if config:
            row = session.get(RunRow, run_id)
            row.config = {**row.config, **config}
        if event:
            session.get(EventRow, (run_id, 1)).content = event
    database.close()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"config": {"task": "chess"}}, "There is no task called 'chess'"),
        ({"event": {"kind": "epoch", "epoch": 1}}, "not understood: it has no entry 'epoch.loss'"),
    ],
)
def test_a_run_of_another_version_is_listed_with_its_reason_and_deleted(
    open_page, submitted, wrong, reason
):
    app = open_page("runs")
    good, wrong_one = add_run(app, submitted, "Good"), add_run(app, submitted, "Of tomorrow")
    spoil(wrong_one, **wrong)
    for page in ("train", "noise", "runs"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        assert not app.error
    assert list(table(app, "Run")["Run"]) == ["Good"]
    assert list(table(app, "State")["Name"]) == ["Good"]
    said = "\n".join(element.value for element in app.text)
    assert "Of tomorrow, " in said
    assert reason in said
    linked = open_page("train", run=wrong_one)
    assert not linked.exception
    assert "This run cannot be read any more." in notes(linked)
    app.button(key=f"sure_{wrong_one}").click().run()
    assert not app.exception
    assert "Deleted." in app.info[0].value
    assert "cannot be read any more" not in "\n".join(e.value for e in app.subheader)
    assert [info.id for info in server.runs().of(owner_of(app))] == [good]


def test_somebody_with_nothing_but_runs_of_another_version_can_delete_them(open_page, submitted):
    app = open_page("runs")
    run_id = add_run(app, submitted, "Of tomorrow")
    spoil(run_id, config={"mixup": 1})
    app.run()
    assert "setting 'mixup'" in "\n".join(element.value for element in app.text)
    app.button(key=f"sure_{run_id}").click().run()
    assert "You have no runs yet" in app.info[1].value


def test_a_run_that_cannot_be_deleted_now_is_kept_and_said_to_be(
    open_page, submitted, tmp_path, monkeypatch
):
    monkeypatch.setattr("core.database.BUSY_SECONDS", 1)
    app = open_page("runs")
    run_id = add_run(app, submitted, "Now", end=False)
    app.run()
    with locked(tmp_path / "runs.sqlite3"):
        press(app, "Yes, delete it")
        assert not app.error
        assert "The run was not deleted, and nothing about it has changed" in app.info[0].value
        assert list(table(app, "State")["State"]) == ["running, 50%"]
    press(app, "Yes, delete it")
    assert "Deleted." in app.info[0].value
    assert server.runs().of(owner_of(app)) == []
    assert run_id not in shared(app).get("runs", "")


def test_a_run_under_way_is_followed(open_page, submitted):
    app = open_page("runs")
    run_id = add_run(app, submitted, "Now", end=False)
    app.run()
    assert not app.exception
    assert list(table(app, "Run")["How it ended"]) == ["running, 50%"]
    server.runs().command(run_id, Signal("stop"), owner=owner_of(app))


@pytest.mark.parametrize("url", ["nonsense", "oracle-of-delphi://x"])
def test_a_database_that_cannot_be_had_is_a_sentence(open_page, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    app = open_page("runs")
    assert not app.exception
    assert "DATABASE_URL" in app.error[0].value


def test_a_run_of_a_search_says_why_it_has_no_test_accuracy(open_page, submitted):
    app = open_page("runs")
    runs = server.runs()
    run_id = new_id()
    runs.start_trial(CONFIG, owner=owner_of(app), name="Trial 1", search="s", run_id=run_id)
    wait_until(lambda: submitted)
    run = submitted[-1]
    assert not run.job.spec.test
    run.emit(Started(100, 1000, 10))
    run.emit(EpochDone(1, 0.5, 0.8, 0.6, 0.7, 2.0))
    run.emit(Finished("complete", 1, 1))
    run.finish(TrainedModel({"model.keras": b"k"}, card_of_network(figures=[])))
    wait_until(lambda: not runs.get(run_id).under_way)
    add_run(app, submitted, "Another")
    app.run()
    assert not app.exception
    shown = table(app, "Run").set_index("Run")["Test accuracy (95 % interval)"]
    assert shown["Another"].startswith("60.00 %")
    assert "%" not in str(shown["Trial 1"])
    page = open_page("train", run=run_id)
    assert not page.exception
    assert any("only the winner of a search is measured" in c.value for c in page.caption)
