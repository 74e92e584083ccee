import pytest

from core.architecture import Architecture
from core.controls import Command
from core.events import EpochDone, Finished, Started, event_to_json
from core.metrics import Accuracy
from core.training import TrainedModel, TrainingConfig
from tests.pages.conftest import notes, shared, wait_until
from ui import cache

CONFIG = TrainingConfig(
    task="seven-segment", source="generated", architecture=Architecture((8,)), epochs=2
)
MODEL = TrainedModel({"model.keras": b"k"}, {"figures": [Accuracy("patterns", 60, 100).to_json()]})


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def owner_of(app):
    return app.session_state["visitor"]


def add_run(app, submitted, name, *, end=True, **changes):
    """Has a run of this visitor done."""
    runs = cache.runs()
    before = len(submitted)
    config = TrainingConfig(**{**vars(CONFIG), **changes})
    run_id = runs.start(config, owner=owner_of(app), name=name)
    wait_until(lambda: len(submitted) > before)
    job = submitted[-1][0]
    job._add(event_to_json(Started(100, 1000, 10)))
    job._add(event_to_json(EpochDone(1, 0.5, 0.8, 0.6, 0.7, 2.0)))
    wait_until(lambda: runs.history(run_id).epochs)
    if end:
        job._add(event_to_json(Finished("complete", 2, 2)))
        job._finish(MODEL)
        wait_until(lambda: not runs.get(run_id).under_way)
    return run_id


def tables(app):
    return {frame.proto.id.split("-")[-1]: frame.value for frame in app.dataframe}


def table(app, column):
    return next(f.value for f in app.dataframe if column in f.value.columns)


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
    curves = [e.proto.json for e in app.get("bidi_component") if "validation" in e.proto.json]
    assert len(curves) == 2
    assert "Large *steps*" in curves[0]


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
    next(box for box in app.text_input if box.label == "Name of the run").set_value("Second").run()
    press(app, "Rename")
    assert cache.runs().get(run_id).name == "Second"
    press(app, "Repeat with the same seed")
    assert [info.name for info in cache.runs().of(owner_of(app))] == ["Second", "Second"]
    assert len(shared(app)["runs"].split(",")) == 2
    app.selectbox(key="managed_run").set_value(run_id).run()
    press(app, "Yes, delete it")
    assert "Deleted." in app.info[0].value
    assert run_id not in {info.id for info in cache.runs().of(owner_of(app))}


def test_a_run_under_way_is_followed(open_page, submitted):
    app = open_page("runs")
    run_id = add_run(app, submitted, "Now", end=False)
    app.run()
    assert not app.exception
    assert list(table(app, "Run")["How it ended"]) == ["running, 50%"]
    cache.runs().command(run_id, Command("stop"), owner=owner_of(app))


@pytest.mark.parametrize("url", ["nonsense", "oracle-of-delphi://x"])
def test_a_database_that_cannot_be_had_is_a_sentence(open_page, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    app = open_page("runs")
    assert not app.exception
    assert "DATABASE_URL" in app.error[0].value
