"""Runs as the server keeps them. The workers are played by hand: a test says what they emit."""

import contextlib
import dataclasses

import pytest
from sqlalchemy import event, select

from core.database import Database, EventRow, FileRow, RunRow
from core.errors import DatabaseUnavailable, LimitReached, NoSuchRun, WorkersUnavailable
from core.jobs.training import TrainingJob
from core.networks.architecture import Architecture
from core.runs.follower import MAX_LOSSES
from core.runs.manager import Runs
from core.runs.repository import LEFT_OVER
from core.settings import Settings
from core.training.card import TrainedModel
from core.training.checkpoint import Checkpoint, Position
from core.training.config import TrainingConfig
from core.training.events import (
    EpochDone,
    Finished,
    LearningRateChanged,
    Paused,
    Resumed,
    Started,
)
from core.workers.commands import SetLearningRate, Signal
from core.workers.job import WorkerStarted
from core.workers.pool import KILLED
from tests.support.jobs import HandPlayedWorkers
from tests.support.locking import locked
from tests.support.models import card_of_network
from tests.support.patience import wait_until

CONFIG = TrainingConfig(
    task="seven-segment", source="generated", architecture=Architecture((8,)), epochs=3
)
STARTED = Started(100, 22_000, 10)
MODEL = TrainedModel(
    {"model.keras": b"keras", "model.tflite": b"litert"}, card_of_network(figures=[])
)


def epoch(number):
    return EpochDone(number, 0.5, 0.8, 0.6, 0.7, float(number))


def checkpoint(epochs):
    return Checkpoint(Position(epoch=epochs), (), ()).to_bytes()


class WatchedDatabase(Database):
    """A database that can be full.

    Attributes:
        full: whether there is no room for files any more.
        at_files: the kinds of the events that were there whenever a file was put in.
    """

    def __init__(self, url):
        super().__init__(url)
        self.full = False
        self.at_files = []

    @contextlib.contextmanager
    def session(self):
        with super().session() as session:
            event.listen(session, "before_flush", self._look)
            yield session

    def _look(self, session, *_):
        if any(isinstance(row, FileRow) for row in (*session.new, *session.dirty)):
            if self.full:
                raise DatabaseUnavailable("The disk is full.")
            rows = session.scalars(select(EventRow.content).order_by(EventRow.number))
            self.at_files.append([row["kind"] for row in rows])


@pytest.fixture
def database(database_url, monkeypatch):
    monkeypatch.setattr("core.database.BUSY_SECONDS", 1)
    made = WatchedDatabase(database_url)
    yield made
    made.close()


@pytest.fixture
def workers():
    return HandPlayedWorkers()


@pytest.fixture
def runs(database, workers):
    made = Runs(database, workers, Settings(max_epochs=10, max_parameters=5_000, max_runs=3))
    yield made
    made.close()


@pytest.fixture
def job_of(runs, workers):
    """Waits until so many jobs were handed over and returns the newest."""

    def wait(count=1):
        wait_until(lambda: len(workers.jobs) >= count)
        return workers.jobs[count - 1]

    return wait


def state(runs, run_id):
    return runs.get(run_id).state


def stored_events(database, run_id):
    """The kinds of a run's events in the database, oldest first."""
    with database.session() as session:
        rows = session.scalars(
            select(EventRow.content).where(EventRow.run_id == run_id).order_by(EventRow.number)
        )
        return [row["kind"] for row in rows]


def runs_of(database):
    """The states in the database, by run."""
    with database.session() as session:
        return dict(session.execute(select(RunRow.id, RunRow.state)).all())


def finish(runs, job, run_id, ending="complete"):
    job.emit(Finished(ending, 3, 3))
    job.finish(MODEL)
    wait_until(lambda: not runs.get(run_id).under_way)


def test_a_run_from_its_start_to_its_network(runs, job_of, database):
    run_id = runs.start(CONFIG, owner="me", name="  My \n \0run ")
    job = job_of()
    assert job.spec == TrainingJob(CONFIG, 100_000)
    assert job.spec.long  # the others do not count among the training slots
    job.emit(STARTED, epoch(1))
    wait_until(lambda: runs.history(run_id).epochs)
    assert state(runs, run_id) == "running"
    finish(runs, job, run_id)
    info = runs.get(run_id)
    assert (info.state, info.name, info.card) == ("finished", "My run", MODEL.card)
    assert runs.result(run_id) == MODEL
    assert job.slot.discarded
    history = runs.history(run_id)  # from the database by now
    assert [e.epoch for e in history.epochs] == [1]
    assert history.finished == Finished("complete", 3, 3)
    assert [info.id for info in runs.of("me")] == [run_id]
    assert runs.of("you") == []


def test_only_the_owner_controls_a_run_and_everybody_may_look(runs, job_of):
    run_id = runs.start(CONFIG, owner="me")
    job = job_of()
    job.emit(STARTED)
    for stranger in ("you", ""):
        for action in (
            lambda who: runs.command(run_id, Signal("stop"), owner=who),
            lambda who: runs.rename(run_id, "Mine!", owner=who),
            lambda who: runs.delete(run_id, owner=who),
            lambda who: runs.resume(run_id, owner=who),
        ):
            with pytest.raises(NoSuchRun, match="somebody else's"):
                action(stranger)
    assert job.commands == []
    runs.command(run_id, Signal("pause"), owner="me")
    assert job.commands == [Signal("pause")]
    assert runs.history(run_id).epochs_wanted == 3
    for unknown in ("unknown", "\0"):
        with pytest.raises(NoSuchRun, match="There is no run"):
            runs.get(unknown)


def test_the_queue_is_fair_and_shows_each_ones_place(runs, job_of):
    mine = [runs.start(CONFIG, owner="me") for _ in range(3)]
    job = job_of()
    yours = runs.start(CONFIG, owner="you")
    places = {run_id: runs.get(run_id).queue_position for run_id in (*mine, yours)}
    # The one under way counts for its owner: first the other person's, then mine in turn.
    assert places == {mine[0]: 0, yours: 1, mine[1]: 2, mine[2]: 3}
    job.emit(STARTED)
    finish(runs, job, mine[0])
    second = job_of(2)
    wait_until(lambda: runs.get(yours).queue_position == 0)
    assert runs.get(mine[1]).queue_position == 1
    second.fail("No memory.")
    wait_until(lambda: state(runs, yours) == "failed")
    assert runs.history(yours).error == "No memory."


def test_the_list_of_runs_says_why_one_has_failed(runs, job_of):
    ids = [runs.start(CONFIG, owner="me") for _ in range(3)]
    for number, error in ((1, "No memory."), (2, "No disk.")):
        job_of(number).emit(STARTED, epoch(1))
        job_of(number).fail(error)
    finish(runs, job_of(3), ids[2])
    runs.close()  # from here on it is the database that knows
    assert {info.id: info.error for info in runs.of("me")} == {
        ids[0]: "No memory.",
        ids[1]: "No disk.",
        ids[2]: "",
    }
    assert runs.get(ids[0]).error == "No memory."


def test_what_is_asked_for_has_bounds_that_are_explained(runs):
    with pytest.raises(LimitReached, match="10 epochs at most"):
        runs.start(dataclasses.replace(CONFIG, epochs=11), owner="me")
    large = dataclasses.replace(CONFIG, architecture=Architecture((1024,)))
    with pytest.raises(LimitReached, match=r"5,000 parameters at most.* has 18,442"):
        runs.start(large, owner="me")
    for _ in range(3):
        runs.start(CONFIG, owner="me")
    with pytest.raises(LimitReached, match="You have 3 runs"):
        runs.start(CONFIG, owner="me")
    runs.start(CONFIG, owner="you")


def test_a_lost_worker_costs_no_more_than_what_came_after_the_checkpoint(runs, job_of):
    run_id = runs.start(CONFIG, owner="me")
    job = job_of()
    change = LearningRateChanged(12, 0.01)
    job.emit(STARTED, epoch(1))
    job.save(1, checkpoint(1))
    job.emit(change)
    wait_until(lambda: runs.get(run_id).has_checkpoint)
    job.fail(KILLED, lost=True)
    again = job_of(2)
    assert again.spec == TrainingJob(CONFIG, 100_000, checkpoint(1), (change,))
    assert "from the end of epoch 1 on another worker" in runs.history(run_id).notes[0]
    again.emit(Started(100, 22_000, 10, epoch=2), epoch(2))
    wait_until(lambda: len(runs.history(run_id).epochs) == 2)
    assert state(runs, run_id) == "running"
    finish(runs, again, run_id)


def test_a_checkpoint_whose_message_was_lost_with_the_worker_counts_too(runs, job_of):
    runs.start(CONFIG, owner="me")
    job = job_of()
    job.emit(STARTED, epoch(1), epoch(2))
    job.slot.content = (2, checkpoint(2))
    job.fail(KILLED, lost=True)
    assert job_of(2).spec.checkpoint == checkpoint(2)


def test_a_run_that_kills_every_worker_is_given_up(runs, job_of):
    run_id = runs.start(CONFIG, owner="me")
    for attempt in range(MAX_LOSSES + 1):
        job = job_of(attempt + 1)
        job.emit(STARTED)
        job.fail(KILLED, lost=True)
    wait_until(lambda: state(runs, run_id) == "failed")
    assert runs.history(run_id).error == KILLED
    assert len(runs.history(run_id).notes) == MAX_LOSSES


def test_a_server_that_was_ended_leaves_runs_that_go_on(database, workers, database_url):
    first = Runs(database, workers, Settings())
    run_id = first.start(CONFIG, owner="me")
    waiting = first.start(CONFIG, owner="me")
    wait_until(lambda: workers.jobs)
    job = workers.jobs[0]
    job.emit(STARTED, epoch(1))
    job.save(1, checkpoint(1))
    wait_until(lambda: first.get(run_id).has_checkpoint and len(first.history(run_id).epochs) == 1)
    first.close()

    other = HandPlayedWorkers()
    second = Runs(Database(database_url), other, Settings())
    assert {state(second, run_id), state(second, waiting)} == {"interrupted"}
    assert LEFT_OVER in second.history(run_id).notes
    second.resume(run_id, owner="me")
    wait_until(lambda: other.jobs)
    assert other.jobs[0].spec == TrainingJob(CONFIG, 100_000, checkpoint(1))
    other.jobs[0].emit(Started(100, 22_000, 10, epoch=2), epoch(2), epoch(3))
    finish(second, other.jobs[0], run_id)
    assert [e.epoch for e in second.history(run_id).epochs] == [1, 2, 3]
    second.resume(waiting, owner="me")
    wait_until(lambda: len(other.jobs) == 2)
    assert other.jobs[1].spec.checkpoint is None
    second.close()


def test_a_paused_run_leaves_its_worker_to_one_that_waits(runs, job_of):
    paused = runs.start(CONFIG, owner="me")
    job = job_of()
    job.emit(STARTED, Paused(1, 5))
    wait_until(lambda: state(runs, paused) == "paused")
    waiting = runs.start(CONFIG, owner="you")
    wait_until(lambda: job.commands == [Signal("preempt")])
    job.save(1, checkpoint(0))
    job.emit(Paused(1, 5, preempted=True))
    job.finish(None)
    second = job_of(2)
    assert state(runs, paused) == "paused"
    runs.command(paused, Signal("step_batch"), owner="me")
    wait_until(lambda: runs.get(paused).queue_position == 1)
    finish(runs, second, waiting)
    third = job_of(3)
    assert third.spec == TrainingJob(CONFIG, 100_000, checkpoint(0), paused=True)
    wait_until(lambda: third.commands == [Signal("step_batch")])


@pytest.fixture
def leaving(runs, job_of):
    """A paused run whose worker has been asked to leave it, and the run that waits for that."""
    paused = runs.start(CONFIG, owner="me")
    job_of().emit(STARTED, Paused(1, 5))
    wait_until(lambda: state(runs, paused) == "paused")
    waiting = runs.start(CONFIG, owner="you")
    wait_until(lambda: job_of().commands == [Signal("preempt")])
    return paused, waiting


def leave(job):
    job.save(1, checkpoint(0))
    job.emit(Paused(1, 5, preempted=True))
    job.finish(None)


def test_commands_that_come_too_late_for_a_leaving_worker_go_to_the_next(runs, job_of, leaving):
    paused, waiting = leaving
    runs.command(paused, SetLearningRate(0.5), owner="me")
    runs.command(paused, Signal("resume"), owner="me")  # the worker does not hear it any more
    leave(job_of())
    second = job_of(2)
    wait_until(lambda: runs.get(paused).queue_position == 1)
    finish(runs, second, waiting)
    third = job_of(3)
    wait_until(lambda: len(third.commands) == 2)
    assert third.commands == [SetLearningRate(0.5), Signal("resume")]
    assert third.spec.checkpoint == checkpoint(0)


def test_a_command_in_time_keeps_the_worker_which_may_be_asked_to_leave_again(
    runs, job_of, leaving
):
    paused, _ = leaving
    job = job_of()
    runs.command(paused, Signal("step_batch"), owner="me")
    job.emit(Resumed(), Paused(1, 6))
    wait_until(lambda: len(job.commands) == 3)
    assert job.commands == [Signal("preempt"), Signal("step_batch"), Signal("preempt")]
    leave(job)
    job_of(2)
    # Nothing is done twice.
    assert (state(runs, paused), runs.get(paused).queue_position) == ("paused", 0)


def test_a_learning_rate_alone_does_not_bring_a_paused_run_back(runs, job_of, leaving):
    paused, waiting = leaving
    runs.command(paused, SetLearningRate(0.5), owner="me")
    leave(job_of())
    finish(runs, job_of(2), waiting)
    assert (state(runs, paused), runs.get(paused).queue_position) == ("paused", 0)


def test_a_learning_rate_for_a_queued_run_does_not_hold_it_back(runs, job_of):
    first = runs.start(CONFIG, owner="me")
    job = job_of()
    second = runs.start(CONFIG, owner="me")
    runs.command(second, SetLearningRate(0.5), owner="me")
    finish(runs, job, first)
    wait_until(lambda: len(job_of(2).commands) == 2)
    assert job_of(2).commands == [SetLearningRate(0.5), Signal("resume")]


def test_slow_motion_is_told_to_the_worker_and_to_the_next_one(runs, job_of):
    run_id = runs.start(CONFIG, owner="me", slow=True)
    job = job_of()
    assert job.spec.slow
    assert not job.spec.paused
    assert runs.history(run_id).slow
    job.emit(STARTED, epoch(1))
    runs.command(run_id, Signal("fast"), owner="me")
    assert job.commands == [Signal("fast")]
    assert not runs.history(run_id).slow  # known at once, whenever the worker hears of it
    runs.command(run_id, Signal("slow"), owner="me")
    job.fail("The worker is gone.", lost=True)
    assert job_of(2).spec.slow
    with pytest.raises(NoSuchRun):
        runs.command(run_id, Signal("fast"), owner="you")


def test_slow_motion_for_a_queued_run_does_not_hold_it_back(runs, job_of):
    first = runs.start(CONFIG, owner="me")
    job = job_of()
    second = runs.start(CONFIG, owner="me")
    runs.command(second, Signal("slow"), owner="me")
    finish(runs, job, first)
    assert (job_of(2).spec.slow, job_of(2).spec.paused) == (True, False)
    assert job_of(2).commands == []


def test_a_paused_run_whose_worker_is_lost_stays_paused(runs, job_of):
    run_id = runs.start(CONFIG, owner="me")
    job = job_of()
    job.emit(STARTED, Paused(1, 5))
    job.save(1, checkpoint(0))
    job.fail(KILLED, lost=True)
    wait_until(lambda: runs.history(run_id).notes)
    assert "stays paused" in runs.history(run_id).notes[0]
    assert (state(runs, run_id), runs.get(run_id).queue_position) == ("paused", 0)
    runs.command(run_id, Signal("step_epoch"), owner="me")
    again = job_of(2)
    assert again.spec == TrainingJob(CONFIG, 100_000, checkpoint(0), paused=True)
    wait_until(lambda: again.commands == [Signal("step_epoch")])


def test_a_paused_run_goes_on_if_its_worker_is_lost_before_it_heard_of_that(runs, job_of):
    run_id = runs.start(CONFIG, owner="me")
    job = job_of()
    job.emit(STARTED, Paused(1, 5))
    wait_until(lambda: state(runs, run_id) == "paused")
    runs.command(run_id, Signal("resume"), owner="me")
    job.fail(KILLED, lost=True)
    wait_until(lambda: job_of(2).commands == [Signal("resume")])


def test_a_paused_run_stays_paused_in_the_second_life_that_a_scheduler_gives_it(runs, job_of):
    run_id = runs.start(CONFIG, owner="me")
    job = job_of()
    job.emit(WorkerStarted(1))
    job.emit(STARTED, Paused(1, 5))
    job.emit(WorkerStarted(2))
    wait_until(lambda: job.commands == [Signal("pause")])
    assert "stays paused" in runs.history(run_id).notes[0]


def test_the_note_names_the_epoch_of_the_checkpoint_not_of_the_newest_report(runs, job_of):
    run_id = runs.start(CONFIG, owner="me")
    job = job_of()
    job.emit(STARTED, epoch(1), epoch(2))
    job.save(1, checkpoint(1))  # of the second epoch there is none yet
    job.fail(KILLED, lost=True)
    job_of(2)
    assert "end of epoch 1 " in runs.history(run_id).notes[0]


@pytest.mark.parametrize("lost", [False, True])
def test_no_checkpoint_is_in_the_database_without_the_epochs_before_it(
    runs, job_of, database, lost
):
    runs.start(CONFIG, owner="me")
    job = job_of()
    job.emit(STARTED, epoch(1))
    if lost:  # its message, with the worker
        job.slot.content = (1, checkpoint(1))
        job.fail(KILLED, lost=True)
    else:
        job.save(1, checkpoint(1))
    wait_until(lambda: database.at_files)
    assert database.at_files == [["queued", "started", "epoch"]]


def test_a_server_that_is_closed_has_kept_all_that_it_was_told(database, workers, database_url):
    first = Runs(database, workers, Settings())
    run_id = first.start(CONFIG, owner="me")
    wait_until(lambda: workers.jobs)
    workers.jobs[0].emit(STARTED, epoch(1), epoch(2))
    first.close()
    second = Runs(Database(database_url), HandPlayedWorkers(), Settings())
    assert [e.epoch for e in second.history(run_id).epochs] == [1, 2]
    second.close()


def test_trouble_with_one_message_does_not_lose_those_behind_it(runs, job_of, database):
    run_id = runs.start(CONFIG, owner="me")
    job = job_of()
    database.full = True
    job.emit(STARTED, epoch(1))
    job.save(1, checkpoint(1))
    job.emit(epoch(2))
    job.fail(KILLED, lost=True)
    again = job_of(2)  # the checkpoint is known, though it could not be kept
    assert again.spec.checkpoint == checkpoint(1)
    assert database.at_files == []
    database.full = False
    finish(runs, again, run_id)


@pytest.fixture
def unsaved(runs, job_of, database, monkeypatch):
    """A run that has finished while the disk was full."""
    monkeypatch.setattr("core.runs.dispatcher.RETRY_SECONDS", 0.01)
    run_id = runs.start(CONFIG, owner="me")
    job = job_of()
    job.emit(STARTED, epoch(1))
    job.save(1, checkpoint(1))
    wait_until(lambda: runs.get(run_id).has_checkpoint and database.at_files)
    database.full = True
    job.emit(epoch(2), epoch(3), Finished("complete", 3, 3))
    job.finish(MODEL)
    wait_until(lambda: runs.get(run_id).unsaved)
    return run_id


def test_a_network_is_kept_in_memory_while_the_disk_is_full_and_then_stored(
    runs, unsaved, database
):
    info = runs.get(unsaved)
    assert (info.state, info.card, info.unsaved) == ("finished", MODEL.card, "The disk is full.")
    assert runs.result(unsaved) == MODEL
    assert runs.of("me") == [info]
    database.full = False
    wait_until(lambda: not runs.get(unsaved).unsaved)
    runs.close()  # from here on it is the database that knows
    assert runs.get(unsaved).state == "finished"
    assert runs.result(unsaved) == MODEL
    assert [e.epoch for e in runs.history(unsaved).epochs] == [1, 2, 3]


def test_a_server_that_ends_with_a_network_in_memory_leaves_a_run_that_goes_on(
    runs, unsaved, database
):
    runs.close()
    second = Runs(database, HandPlayedWorkers(), Settings())
    info = second.get(unsaved)
    assert (info.state, info.has_checkpoint, info.resumable) == ("interrupted", True, True)
    assert len(second.history(unsaved).epochs) == 3
    second.close()


def test_a_network_in_memory_can_be_deleted(runs, unsaved):
    runs.delete(unsaved, owner="me")
    assert runs.of("me") == []
    assert runs.result(unsaved) is None


def test_a_run_that_cannot_be_stored_holds_up_no_other(runs, workers, job_of, database, caplog):
    workers.slots = 2
    bad = runs.start(CONFIG, owner="me")
    good = runs.start(CONFIG, owner="me")
    job_of(2)
    by_run = dict(zip((bad, good), workers.jobs, strict=True))
    wait_until(lambda: stored_events(database, good) == stored_events(database, bad) == ["queued"])
    with database.session() as session:  # where its next event belongs
        session.add(EventRow(run_id=bad, number=1, content={"kind": "note", "text": "?"}))
    for number in (1, 2, 3):
        for job in by_run.values():
            job.emit(epoch(number))
        wait_until(lambda count=number: len(stored_events(database, good)) > count)
    finish(runs, by_run[good], good)
    wait_until(lambda: runs_of(database)[good] == "finished")
    assert stored_events(database, bad) == ["queued", "note"]
    assert len(runs.history(bad).epochs) == 3
    assert caplog.text.count("Storing the runs does not work") == 1


def test_a_run_that_cannot_be_started_holds_up_no_other(runs, workers, monkeypatch):
    monkeypatch.setattr("core.runs.dispatcher.RETRY_SECONDS", 0.01)
    submit = workers.submit

    def refuse_slow(spec, *, listener):
        if spec.slow:
            raise RuntimeError("It cannot be sent.")
        return submit(spec, listener=listener)

    monkeypatch.setattr(workers, "submit", refuse_slow)
    bad = runs.start(CONFIG, owner="me", slow=True)
    good = runs.start(CONFIG, owner="me")
    wait_until(lambda: workers.jobs)
    assert [runs.get(run_id).queue_position for run_id in (bad, good)] == [1, 0]


def test_what_went_wrong_while_handing_over_is_tried_again(runs, workers, job_of, monkeypatch):
    monkeypatch.setattr("core.runs.dispatcher.RETRY_SECONDS", 0.01)
    workers.error = ConnectionError("The cluster has just died.")
    run_id = runs.start(CONFIG, owner="me")
    assert runs.get(run_id).queue_position == 1
    workers.error = None
    job_of()


def test_a_waiting_run_starts_by_itself_when_the_first_worker_comes(
    runs, workers, job_of, monkeypatch
):
    monkeypatch.setattr("core.runs.dispatcher.RETRY_SECONDS", 0.01)
    workers.slots = 0
    run_id = runs.start(CONFIG, owner="me")
    wait_until(lambda: runs.get(run_id).without_workers)
    assert (runs.get(run_id).queue_position, workers.jobs) == (1, [])
    workers.slots = 1
    job_of()
    assert not runs.get(run_id).without_workers


def test_a_run_goes_on_by_itself_after_all_workers_were_killed(runs, workers, job_of, monkeypatch):
    monkeypatch.setattr("core.runs.dispatcher.RETRY_SECONDS", 0.01)
    run_id = runs.start(CONFIG, owner="me")
    job = job_of()
    job.emit(STARTED, epoch(1))
    wait_until(lambda: state(runs, run_id) == "running")
    workers.slots = 0  # as its scheduler knows before the job does
    wait_until(lambda: runs.get(run_id).without_workers)
    job.fail(KILLED, lost=True)
    wait_until(lambda: runs.get(run_id).queue_position == 1)
    assert runs.get(run_id).without_workers
    workers.slots = 2
    job_of(2).emit(STARTED)
    wait_until(lambda: state(runs, run_id) == "running")
    assert not runs.get(run_id).without_workers


def test_stopping_before_the_beginning_ends_the_run(runs, job_of):
    runs.start(CONFIG, owner="me")
    job_of()
    waiting = runs.start(CONFIG, owner="me")
    runs.command(waiting, Signal("stop"), owner="me")
    wait_until(lambda: state(runs, waiting) == "failed")
    assert "before it had begun" in runs.history(waiting).error
    assert not runs.get(waiting).resumable


def test_a_deleted_run_is_gone_and_its_worker_told(runs, job_of):
    run_id = runs.start(CONFIG, owner="me")
    job = job_of()
    job.emit(STARTED, epoch(1))
    wait_until(lambda: runs.history(run_id).epochs)
    runs.delete(run_id, owner="me")
    assert job.commands == [Signal("stop")]
    job.save(1, checkpoint(1))
    job.finish(MODEL)
    wait_until(lambda: job.slot.discarded)
    with pytest.raises(NoSuchRun):
        runs.get(run_id)
    assert runs.of("me") == []
    assert runs.result(run_id) is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_run_that_cannot_be_deleted_goes_on_as_if_nobody_had_tried(runs, job_of, tmp_path):
    run_id = runs.start(CONFIG, owner="me")
    job = job_of()
    job.emit(STARTED, epoch(1))
    job.save(1, checkpoint(1))
    wait_until(lambda: runs.get(run_id).has_checkpoint and job.slot.content)
    with locked(tmp_path / "runs.sqlite3"):
        with pytest.raises(DatabaseUnavailable, match=r"was not deleted, .*database is locked"):
            runs.delete(run_id, owner="me")
        assert (job.commands, state(runs, run_id)) == ([], "running")
    job.emit(epoch(2))
    finish(runs, job, run_id)
    assert [e.epoch for e in runs.history(run_id).epochs] == [1, 2]
    runs.delete(run_id, owner="me")
    assert runs.of("me") == []


def test_a_renamed_run_keeps_its_name(runs, job_of):
    run_id = runs.start(CONFIG, owner="me", name="First")
    job = job_of()
    runs.rename(run_id, "Second " + "x" * 100, owner="me")
    runs.rename(run_id, "   ", owner="me")
    assert runs.get(run_id).name == ("Second " + "x" * 100)[:80]
    finish(runs, job, run_id)
    assert runs.get(run_id).name == ("Second " + "x" * 100)[:80]


def test_workers_that_cannot_be_had_are_a_sentence(runs, workers):
    workers.error = WorkersUnavailable("No scheduler of worker processes answers.")
    run_id = runs.start(CONFIG, owner="me")
    wait_until(lambda: state(runs, run_id) == "failed")
    assert runs.history(run_id).error == "No scheduler of worker processes answers."
