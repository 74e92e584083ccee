"""Runs of another version: they are listed with the reason, can be deleted, and harm no other."""

import dataclasses
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from core.database import Database, EventRow, FileRow, RunRow
from core.errors import LimitReached, NoSuchRun, UnreadableRun
from core.networks.architecture import Architecture
from core.runs.manager import Runs
from core.runs.records import CHECKPOINT
from core.schema import dump
from core.settings import Settings
from core.training.checkpoint import Checkpoint, Position
from core.training.config import CONFIG, TrainingConfig
from core.training.events import EVENT, EpochDone
from tests.support.jobs import HandPlayedWorkers

ASKED = TrainingConfig(task="seven-segment", source="generated", architecture=Architecture((8,)))
ENTRY = dump(CONFIG, ASKED)
EPOCH = dump(EVENT, EpochDone(1, 0.5, 0.8, 0.6, 0.7, 1.0))
TAKEN = Checkpoint(Position(epoch=1), (), ()).to_bytes()
WITHOUT_LOSS = {name: value for name, value in EPOCH.items() if name != "loss"}


def keep(database, run_id, *, config=ENTRY, event=EPOCH, state="running", owner="me"):
    """Puts a run into the database as a server of another version has left it there."""
    with database.session() as session:
        session.add(
            RunRow(
                id=run_id,
                owner=owner,
                name=f"The run {run_id}",
                state=state,
                created=datetime.now(UTC),
                config=config,
            )
        )
        session.flush()
        session.add(EventRow(run_id=run_id, number=0, content=event))
        session.add(FileRow(run_id=run_id, name=CHECKPOINT, content=TAKEN))


@pytest.fixture
def database(tmp_path):
    return Database(f"sqlite:///{tmp_path}/runs.sqlite3")


@pytest.fixture
def begin(database):
    """Starts a server with the database, which ends with the test."""
    begun = []

    def start(**limits):
        begun.append(Runs(database, HandPlayedWorkers(), Settings(**limits)))
        return begun[-1]

    yield start
    for runs in begun:
        runs.close()


@pytest.mark.parametrize("state", ["running", "finished", "failed"])
@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"config": ENTRY | {"task": "chess"}}, "no task called 'chess'"),
        ({"config": ENTRY | {"source": "the moon"}}, "no data set called 'the moon'"),
        ({"config": ENTRY | {"optimizer": "lion"}}, "Received: 'lion'"),
        ({"config": ENTRY | {"mixup": 0.2}}, "does not know its setting 'mixup'"),
        (
            {"config": ENTRY | {"architecture": ENTRY["architecture"] | {"heads": 8}}},
            "does not know its setting 'heads'",
        ),
        ({"config": None}, "should be an object"),
        ({"event": {"kind": "teleported"}}, "events of the kind 'teleported'"),
        ({"event": {}}, "events of the kind None"),
    ],
)
def test_a_run_that_is_not_understood_is_listed_as_such_and_can_be_deleted(
    database, begin, wrong, reason, state
):
    keep(database, "good")
    keep(database, "wrong", state=state, **wrong)
    runs = begin()
    assert [info.id for info in runs.of("me")] == ["good"]
    (found,) = runs.unreadable("me")
    assert (found.id, found.name) == ("wrong", "The run wrong")
    assert reason in found.reason
    for look in (runs.get, runs.history):
        with pytest.raises(UnreadableRun, match="cannot be read any more") as told:
            look("wrong")
        assert reason in str(told.value)
    assert runs.unreadable("you") == []
    with pytest.raises(NoSuchRun, match="somebody else's"):
        runs.delete("wrong", owner="you")
    runs.delete("wrong", owner="me")
    assert runs.unreadable("me") == []
    with database.session() as session:
        for table in (EventRow, FileRow):
            left = select(func.count()).where(table.run_id == "wrong")
            assert session.scalar(left) == 0
    runs.resume("good", owner="me")


def test_an_event_whose_entries_have_changed_is_found_when_it_is_read(database, begin):
    keep(database, "good")
    keep(database, "wrong", event=WITHOUT_LOSS)
    runs = begin()
    with pytest.raises(UnreadableRun, match=r"no entry 'epoch\.loss'"):
        runs.history("wrong")
    assert [info.id for info in runs.of("me")] == ["good"]
    assert "no entry 'epoch.loss'" in runs.unreadable("me")[0].reason


def test_a_card_that_is_not_understood_leaves_the_run_its_curves(database, begin):
    keep(database, "old", state="finished")
    with database.session() as session:
        session.get(RunRow, "old").card = {"format": 99}
    runs = begin()
    assert [info.id for info in runs.of("me")] == ["old"]
    assert runs.result("old") is None
    assert len(runs.history("old").epochs) == 1


def test_runs_that_are_not_understood_count_among_those_that_are_kept(database, begin):
    keep(database, "wrong", config=ENTRY | {"task": "chess"}, state="finished")
    runs = begin(max_kept_runs=2)
    runs.start(ASKED, owner="me")
    with pytest.raises(LimitReached, match="You have 2 runs"):
        runs.start(dataclasses.replace(ASKED, seed=1), owner="me")
