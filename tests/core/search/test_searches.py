"""Searches as the server drives them. The workers are played by hand: a test says what they emit.

The searches' own thread is stopped, and each test has it look when it wants it to.
"""

from dataclasses import replace

import psutil
import pytest

from core.database import Database
from core.errors import DatabaseUnavailable, InvalidInput, LimitReached, NoSuchRun, NoSuchSearch
from core.jobs.judging import JudgingJob
from core.metrics.accuracy import FIGURES, Accuracy
from core.runs.manager import Runs
from core.runs.orders import STOPPED_EARLY
from core.schema import dump
from core.search.manager import (
    DELETED,
    EXHAUSTED,
    MAX_FAILURES,
    PRUNED,
    TIME_OVER,
    Searches,
)
from core.search.orders import OPENED, STOPPED
from core.search.results import best_trial
from core.search.study import PRUNED_AFTER, propose
from core.settings import Settings
from core.training.card import TrainedModel
from core.training.events import DIVERGED, Finished, Started
from core.workers.commands import Signal
from core.workers.pool import Workers
from tests.support.jobs import HandPlayedWorkers
from tests.support.models import card_of_network
from tests.support.patience import wait_until
from tests.support.searches import RUN, epochs, search

MODEL = TrainedModel(
    {"model.keras": b"keras", "model.tflite": b"litert"}, card_of_network(figures=[])
)
FIGURE = Accuracy("test patterns", 60, 100)
VERDICT = TrainedModel(MODEL.files, card_of_network(figures=dump(FIGURES, [FIGURE])))
LIMITS = Settings(max_epochs=10, max_parameters=5_000, max_runs=3)


class Server:
    """A server's searches and runs, and the workers behind them.

    Attributes:
        runs, searches: of the server.
        workers: played by hand.
        clock: what the searches take for the time.
    """

    def __init__(self, url, limits=LIMITS, slots=16):
        self.database = Database(url)
        self.workers = HandPlayedWorkers(slots)
        self.runs = Runs(self.database, self.workers, limits)
        self.searches = Searches(self.database, self.runs, self.workers)
        self.searches._over = True  # its thread; from here on the test looks
        self.searches._wake.set()
        self.searches._thread.join()
        self.played = {}

    def look(self, search_id):
        """Has the searches look at what has happened, and returns the search."""
        with self.searches._lock:
            for active in list(self.searches._active.values()):
                self.searches._attend(active)
        return self.searches.get(search_id)

    def job(self, trial):
        """Waits for the job of a trial's run."""

        def find():
            for job in self.workers.jobs:
                if job not in self.played.values() and not isinstance(job.spec, JudgingJob):
                    run = next(
                        (
                            run.id
                            for run in self.runs.of("me")
                            if run.config == job.spec.config and run.id not in self.played
                        ),
                        None,
                    )
                    if run is not None:
                        self.played[run] = job
            return trial.run_id in self.played

        wait_until(find)
        return self.played[trial.run_id]

    def tell(self, trial, *losses, ending=None):
        """Has a trial's run tell of epochs with these losses, and end."""
        job = self.job(trial)
        job.emit(Started(100, 1000, 10), *epochs(*losses))
        wait_until(lambda: len(self.runs.history(trial.run_id).epochs) == len(losses))
        if ending is not None:
            job.emit(Finished(ending, len(losses), len(losses)))
            job.finish(MODEL)
            wait_until(lambda: not self.runs.get(trial.run_id).under_way)

    def complete(self, search_id, *losses):
        """Has the newest open trial of a search end with the last of these losses."""
        self.tell(self.look(search_id).open[0], *losses, ending="complete")
        return self.look(search_id)

    def close(self):
        self.searches.close()
        self.runs.close()
        self.database.close()


@pytest.fixture
def server(database_url):
    made = Server(database_url)
    yield made
    made.close()


def states(info):
    return [trial.state for trial in info.trials]


def test_a_search_from_its_start_to_its_winner_on_test_data(server):
    search_id = server.searches.start(search(trials=3, parallel=1), owner="me")
    info = server.look(search_id)
    assert (info.state, states(info), info.name) == (
        "running",
        ["running"],
        "Search: learning_rate",
    )
    run = server.runs.get(info.trials[0].run_id)
    assert (run.owner, run.search, run.name) == ("me", search_id, "Search: learning_rate, trial 1")
    assert run.config == info.config.space.apply(RUN, info.trials[0].parameters)
    assert not server.job(info.trials[0]).spec.test  # the test data stays closed
    with pytest.raises(InvalidInput, match="stays closed until the search has ended"):
        server.searches.open_test(search_id, owner="me")

    server.complete(search_id, 3.0, 2.0, 1.0)
    server.complete(search_id, 3.0, 2.0, 0.5)
    info = server.complete(search_id, 3.0, 2.0, 0.7)
    assert (info.state, info.reason, states(info)) == ("finished", "", ["complete"] * 3)
    assert [trial.loss for trial in info.trials] == [1.0, 0.5, 0.7]
    assert info.trials[1].weights == RUN.parameters
    winner = best_trial(info.config, info.trials)
    assert winner.number == 1

    server.searches.open_test(search_id, owner="me")
    assert server.searches.get(search_id).testing
    job = server.workers.jobs[-1]
    assert job.spec == JudgingJob(MODEL)
    job.finish(VERDICT)
    info = server.look(search_id)
    assert (info.test.trial, info.test.figures, info.testing) == (1, (FIGURE,), False)
    assert server.runs.get(winner.run_id).card.figures == (FIGURE,)
    assert server.runs.get(info.trials[0].run_id).card.figures == ()
    count = len(server.workers.jobs)
    server.searches.open_test(search_id, owner="me")  # it is opened once
    assert len(server.workers.jobs) == count
    with pytest.raises(InvalidInput) as caught:
        server.searches.extend(search_id, owner="me", trials=1)
    assert str(caught.value) == OPENED


def test_no_more_trials_than_asked_for_are_under_way(server):
    search_id = server.searches.start(search(trials=5, parallel=2), owner="me")
    assert states(server.look(search_id)) == ["running"] * 2
    assert states(server.look(search_id)) == ["running"] * 2
    info = server.complete(search_id, 1.0)
    assert states(info) == ["complete", "running", "running"]
    points = {trial.parameters["learning_rate"] for trial in info.trials}
    assert len(points) == 3


def test_everybody_may_look_and_only_the_owner_controls(server):
    search_id = server.searches.start(search(), owner="me", name="  Mine \n ")
    assert server.searches.get(search_id).name == "Mine"
    assert [info.id for info in server.searches.of("me")] == [search_id]
    assert server.searches.of("you") == []
    for stranger in ("you", ""):
        for action in (
            server.searches.pause,
            server.searches.resume,
            server.searches.stop,
            server.searches.extend,
            server.searches.open_test,
            server.searches.delete,
        ):
            with pytest.raises(NoSuchSearch, match="somebody else's"):
                action(search_id, owner=stranger)
        with pytest.raises(NoSuchSearch, match="somebody else's"):
            server.searches.rename(search_id, "Ours", owner=stranger)
    with pytest.raises(NoSuchSearch, match="There is no search"):
        server.searches.get("unknown")
    server.searches.rename(search_id, "Another", owner="me")
    assert server.searches.get(search_id).name == "Another"


def test_a_hopeless_run_ends_with_what_it_has_and_says_why(server):
    base = replace(RUN, epochs=8)
    search_id = server.searches.start(search(base=base, trials=9, parallel=1), owner="me")
    for _ in range(PRUNED_AFTER):
        server.complete(search_id, *[0.5] * 8)
    trial = server.look(search_id).open[0]
    server.tell(trial, 9.0, 9.0)
    assert states(server.look(search_id))[-1] == "running"  # too early to say
    job = server.job(trial)
    job.emit(epochs(9.0, 9.0, 9.0)[-1])
    wait_until(lambda: len(server.runs.history(trial.run_id).epochs) == 3)
    info = server.look(search_id)
    assert states(info)[-2:] == ["pruned", "running"]
    assert job.commands == [Signal("stop")]
    assert server.runs.history(trial.run_id).notes == (PRUNED,)
    job.emit(Finished("stopped", 3, 3))
    job.finish(MODEL)
    wait_until(lambda: not server.runs.get(trial.run_id).under_way)
    assert server.runs.get(trial.run_id).state == "finished"
    assert states(server.look(search_id))[-2:] == ["pruned", "running"]


def test_a_search_goes_on_where_an_ended_server_has_left_it(database_url):
    """What the next server asks and is told is what the first would have asked and been told."""
    first = Server(database_url)
    config = search(trials=3, parallel=2)
    search_id = first.searches.start(config, owner="me")
    first.look(search_id)
    before = first.complete(search_id, 3.0, 2.0, 1.0)
    running, new = before.open
    first.tell(running, 3.0)
    before = first.look(search_id)
    first.close()

    second = Server(database_url)
    assert second.searches.get(search_id).trials == before.trials
    assert second.runs.get(running.run_id).state == "interrupted"
    info = second.look(search_id)
    assert states(info) == ["complete", "running", "running"]
    wait_until(lambda: len(second.workers.jobs) == 2)  # both go on
    for trial in (running, new):
        second.tell(trial, 3.0, 2.0, 0.5, ending="complete")
    info = second.look(search_id)
    assert (info.state, states(info)) == ("finished", ["complete"] * 3)
    assert len(second.runs.of("me")) == 3
    assert propose(config, info.trials[:1]) == propose(config, before.trials[:1])
    second.close()
    third = Server(database_url)
    assert third.searches.get(search_id) == replace(info, trouble="")
    assert third.searches._active == {}  # nothing is left to be done
    third.close()


def test_a_trial_whose_run_was_not_queued_is_queued_by_the_next_server(database_url, monkeypatch):
    first = Server(database_url)
    search_id = first.searches.start(search(trials=1), owner="me")
    monkeypatch.setattr(first.runs, "start_trial", lambda *arguments, **names: exit())
    with pytest.raises(SystemExit):
        first.look(search_id)
    first.close()
    second = Server(database_url)
    trial = second.searches.get(search_id).trials[0]
    assert trial.state == "waiting"
    info = second.look(search_id)
    assert info.trials == (replace(trial, state="running", weights=RUN.parameters),)
    assert [run.id for run in second.runs.of("me")] == [trial.run_id]
    second.close()


def test_a_run_queued_before_the_trial_said_so_is_not_queued_twice(database_url, monkeypatch):
    first = Server(database_url)
    search_id = first.searches.start(search(trials=1), owner="me")
    begin = first.runs.start_trial

    def killed(*arguments, **names):
        begin(*arguments, **names)
        raise SystemExit

    monkeypatch.setattr(first.runs, "start_trial", killed)
    with pytest.raises(SystemExit):
        first.look(search_id)
    first.close()
    second = Server(database_url)
    info = second.look(search_id)
    assert (states(info), len(second.runs.of("me"))) == (["running"], 1)
    wait_until(lambda: second.workers.jobs)
    second.close()


def test_a_paused_search_keeps_its_runs_paused_over_a_restart(database_url):
    first = Server(database_url)
    search_id = first.searches.start(search(trials=4, parallel=1), owner="me")
    trial = first.look(search_id).trials[0]
    first.tell(trial, 1.0)
    first.searches.pause(search_id, owner="me")
    assert first.job(trial).commands == [Signal("pause")]
    assert states(first.look(search_id)) == ["running"]
    first.close()
    second = Server(database_url)
    info = second.look(search_id)
    assert (info.state, states(info)) == ("paused", ["running"])
    assert second.runs.get(trial.run_id).state == "interrupted"
    second.searches.resume(search_id, owner="me")
    assert second.look(search_id).state == "running"
    second.tell(trial, 1.0, 0.5, 0.4, ending="complete")
    assert states(second.look(search_id)) == ["complete", "running"]
    second.close()


def test_a_stopped_search_ends_its_runs_and_can_be_extended(server):
    search_id = server.searches.start(search(trials=9, parallel=2), owner="me")
    info = server.complete(search_id, 1.0)
    one, other = server.look(search_id).open
    server.tell(one, 1.0)
    server.searches.stop(search_id, owner="me")
    assert server.job(one).commands == [Signal("stop")]
    assert server.runs.history(one.run_id).notes == (STOPPED,)
    for trial in (one, other):
        job = server.job(trial)
        job.emit(Finished("stopped", 1, 1))
        job.finish(MODEL)
        wait_until(lambda run_id=trial.run_id: not server.runs.get(run_id).under_way)
    info = server.look(search_id)
    assert (info.state, states(info)) == ("stopped", ["complete", "stopped", "stopped"])
    server.searches.extend(search_id, owner="me", trials=5)
    info = server.look(search_id)
    assert (info.state, info.config.trials, len(info.open)) == ("running", 14, 2)


def test_a_run_that_had_not_begun_is_stopped_with_its_search(database_url):
    server = Server(database_url, slots=0)  # so it stays queued
    search_id = server.searches.start(search(trials=9, parallel=1), owner="me")
    trial = server.look(search_id).trials[0]
    server.searches.stop(search_id, owner="me")
    wait_until(lambda: server.runs.get(trial.run_id).error == STOPPED_EARLY)
    assert states(server.look(search_id)) == ["stopped"]
    server.close()


def test_a_finished_search_is_extended(server):
    search_id = server.searches.start(search(trials=1), owner="me")
    server.look(search_id)
    assert server.complete(search_id, 1.0).state == "finished"
    server.searches.extend(search_id, owner="me", trials=1)
    info = server.look(search_id)
    assert (info.state, states(info)) == ("running", ["complete", "running"])
    with pytest.raises(InvalidInput, match=r"trials in 1..500"):
        server.searches.extend(search_id, owner="me", trials=1000)


def test_what_becomes_of_a_run_becomes_of_its_trial(server):
    search_id = server.searches.start(search(trials=9, parallel=3), owner="me")
    diverged, failed, deleted = server.look(search_id).open
    for trial, error in ((diverged, f"{DIVERGED}, and there is no network."), (failed, "No.")):
        server.job(trial).emit(Started(100, 1000, 10))
        server.job(trial).fail(error)
        wait_until(lambda run_id=trial.run_id: server.runs.get(run_id).state == "failed")
    server.runs.delete(deleted.run_id, owner="me")
    info = server.look(search_id)
    assert states(info)[:3] == ["diverged", "failed", "deleted"]
    assert [trial.reason for trial in info.trials[1:3]] == ["No.", DELETED]
    person = info.open[0]
    server.tell(person, 1.0, ending="stopped")  # from its own page
    assert states(server.look(search_id))[3] == "stopped"


def test_a_search_stays_readable_when_its_runs_are_deleted(server):
    search_id = server.searches.start(search(trials=2, parallel=1), owner="me")
    server.complete(search_id, 2.0)
    info = server.complete(search_id, 1.0)
    for trial in info.trials:
        server.runs.delete(trial.run_id, owner="me")
    found = server.look(search_id)
    assert found.trials == info.trials
    assert best_trial(found.config, found.trials).number == 1
    with pytest.raises(InvalidInput, match="no complete run whose network is still there"):
        server.searches.open_test(search_id, owner="me")


def test_a_deleted_search_leaves_its_runs_stopped_or_takes_them_along(server):
    for with_runs in (False, True):
        search_id = server.searches.start(search(trials=9, parallel=1), owner="me")
        trial = server.look(search_id).trials[0]
        server.tell(trial, 1.0)
        server.searches.delete(search_id, owner="me", with_runs=with_runs)
        with pytest.raises(NoSuchSearch):
            server.searches.get(search_id)
        if with_runs:
            with pytest.raises(NoSuchRun):
                server.runs.get(trial.run_id)
        else:
            assert server.job(trial).commands == [Signal("stop")]


def test_a_search_waits_while_its_owner_has_too_many_runs(server):
    mine = [server.runs.start(RUN, owner="me") for _ in range(3)]
    search_id = server.searches.start(search(trials=2), owner="me")
    info = server.look(search_id)
    assert (states(info), "You have 3 runs" in info.trouble) == (["waiting"], True)
    server.runs.delete(mine[0], owner="me")
    info = server.look(search_id)
    assert (info.trials[0].state, len(server.runs.of("me"))) == ("running", 3)


def test_what_is_too_large_for_this_server_is_left_out_with_its_reason(server):
    config = search("hidden=8|1024", sampler="grid", trials=9)
    search_id = server.searches.start(config, owner="me")
    info = server.look(search_id)
    large = next(trial for trial in info.trials if trial.parameters["hidden"] == "1024")
    assert large.state == "failed"
    assert "5,000 parameters at most" in large.reason
    info = server.complete(search_id, 1.0)
    assert (info.state, info.reason) == ("finished", EXHAUSTED)
    with pytest.raises(LimitReached, match="10 epochs at most"):
        server.searches.start(search(base=replace(RUN, epochs=11)), owner="me")


def test_a_search_gives_up_when_run_after_run_fails(server):
    search_id = server.searches.start(search(trials=50, parallel=1), owner="me")
    for _ in range(MAX_FAILURES):
        trial = server.look(search_id).open[0]
        server.job(trial).fail("The data is gone.")
        wait_until(lambda run_id=trial.run_id: server.runs.get(run_id).state == "failed")
    info = server.look(search_id)
    assert info.state == "stopped"
    assert info.reason == "5 runs in a row have failed. The data is gone."
    server.searches.resume(search_id, owner="me")
    info = server.look(search_id)
    assert (info.state, info.reason, len(info.open)) == ("running", "", 1)


def test_the_time_allowed_counts_while_it_goes_on_and_over_a_restart(database_url, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("core.search.manager.time.monotonic", lambda: now[0])

    def later(server, seconds):
        server.look(search_id)
        now[0] += seconds
        return server.look(search_id)

    first = Server(database_url)
    search_id = first.searches.start(search(trials=50, parallel=1, seconds=60), owner="me")
    assert later(first, 40).seconds == pytest.approx(40)
    first.searches.pause(search_id, owner="me")
    assert later(first, 1000).seconds == pytest.approx(40)
    first.searches.resume(search_id, owner="me")
    first.close()
    now[0] += 1000
    second = Server(database_url)
    trial = later(second, 30).open[0]
    second.tell(trial, 1.0, ending="complete")
    info = second.look(search_id)  # no other has begun
    assert (info.state, info.reason, states(info)) == ("finished", TIME_OVER, ["complete"])
    second.searches.extend(search_id, owner="me", seconds=60)
    assert states(second.look(search_id)) == ["complete", "running"]
    second.close()


def test_trouble_with_the_database_passes_and_costs_nothing(server, monkeypatch):
    search_id = server.searches.start(search(trials=2, parallel=1), owner="me")
    server.tell(server.look(search_id).open[0], 1.0, ending="complete")
    store = server.searches._repository.store

    def fail(*arguments):
        raise DatabaseUnavailable("The disk is full.")

    monkeypatch.setattr(server.searches._repository, "store", fail)
    info = server.look(search_id)
    assert (info.trouble, states(info)) == ("The disk is full.", ["running"])
    monkeypatch.setattr(server.searches._repository, "store", store)
    info = server.look(search_id)
    assert (info.trouble, states(info)) == ("", ["complete", "running"])


def test_a_winner_that_could_not_be_measured_can_be_measured_again(server):
    search_id = server.searches.start(search(trials=1), owner="me")
    server.look(search_id)
    server.complete(search_id, 1.0)
    server.searches.open_test(search_id, owner="me")
    server.workers.jobs[-1].fail("The worker was lost.")
    info = server.look(search_id)
    assert (info.testing, info.test, info.trouble) == (False, None, "The worker was lost.")
    server.searches.open_test(search_id, owner="me")
    server.workers.jobs[-1].finish(VERDICT)
    info = server.look(search_id)
    assert (info.trouble, info.test.figures) == ("", (FIGURE,))


def test_a_search_of_another_version_is_not_guessed_at(server):
    from sqlalchemy import text

    search_id = server.searches.start(search(), owner="me")
    server.searches.stop(search_id, owner="me")
    server.look(search_id)
    with server.database.session() as session:
        session.execute(text("update searches set config = '{\"base\": 1}'"))
    with pytest.raises(NoSuchSearch, match="cannot be read any more"):
        server.searches.get(search_id)
    assert server.searches.of("me") == []


def test_the_thread_itself_drives_a_search(database_url, monkeypatch):
    monkeypatch.setattr("core.search.manager.TICK_SECONDS", 0.01)
    database = Database(database_url)
    workers = HandPlayedWorkers()
    runs = Runs(database, workers, LIMITS)
    searches = Searches(database, runs, workers)
    search_id = searches.start(search(trials=2, parallel=1), owner="me")
    for number, loss in enumerate((1.0, 0.5)):
        wait_until(lambda count=number + 1: len(workers.jobs) == count)
        job = workers.jobs[number]
        job.emit(Started(100, 1000, 10), *epochs(2.0, loss), Finished("complete", 2, 2))
        job.finish(MODEL)
    wait_until(lambda: searches.get(search_id).state == "finished")
    assert [trial.loss for trial in searches.get(search_id).trials] == [1.0, 0.5]
    searches.close()
    runs.close()


@pytest.mark.keras
@pytest.mark.slow
def test_a_real_search_survives_a_killed_worker_and_an_ended_server(tmp_path):
    """Real workers; what a run repeats after its worker's end is what it did before."""
    base = replace(RUN, epochs=20, batch_size=64, noise="flip", noise_level=0.15)
    config = search("learning_rate=1e-3..1e-2:log", base=base, trials=3, parallel=1, pruner="none")
    workers = Workers()

    def begin():
        database = Database(f"sqlite:///{tmp_path}/runs.sqlite3")
        runs = Runs(database, workers, Settings())
        return runs, Searches(database, runs, workers)

    def past_first_epoch(number):
        trials = searches.get(search_id).trials
        return len(trials) > number and len(trials[number].losses) > 1

    runs, searches = begin()
    search_id = searches.start(config, owner="me")
    wait_until(lambda: past_first_epoch(0))
    first = searches.get(search_id).trials[0]
    psutil.Process(runs.history(first.run_id).started.pid).kill()
    wait_until(lambda: past_first_epoch(1))
    searches.close()
    runs.close()
    workers.close()
    workers = Workers()
    runs, searches = begin()
    wait_until(lambda: searches.get(search_id).state == "finished")
    info = searches.get(search_id)
    assert states(info) == ["complete"] * 3
    assert [len(trial.losses) for trial in info.trials] == [20] * 3
    assert len(runs.of("me")) == 3
    assert runs.history(first.run_id).notes
    searches.open_test(search_id, owner="me")
    wait_until(lambda: searches.get(search_id).test)
    winner = best_trial(config, info.trials)
    assert searches.get(search_id).test.figures == runs.get(winner.run_id).card.figures
    for trial in info.trials:
        card = runs.get(trial.run_id).card
        assert bool(card.figures) == (trial == winner)
    searches.close()
    runs.close()
    workers.close()
