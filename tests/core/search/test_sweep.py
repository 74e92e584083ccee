"""Sweeps: how far they are and how long they take, by hand-made histories; none half queued."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.database import Database
from core.errors import InvalidInput, LimitReached, NoSuchRun
from core.noise.base import GAUSSIAN
from core.runs.info import RunInfo
from core.runs.manager import Runs
from core.search.sweep import TRAINING_LEVELS, Sweep, find, noise_sweep_configs, training_levels
from core.settings import Settings
from core.tasks.base import get_task, tasks
from core.training.events import BatchDone, EpochDone, Started
from core.training.history import History
from core.workers.commands import Signal
from tests.support.jobs import HandPlayedWorkers
from tests.support.models import card_of_network

PROBLEM = get_task("seven-segment")
FLIP = PROBLEM.noise("flip")
WANTED = noise_sweep_configs(PROBLEM, FLIP)
CONFIG = WANTED[0][0]
STARTED = Started(100, 1000, 10)


def info(state, *, run_id="id", seconds=None, owner="me", config=CONFIG):
    card = None if seconds is None else card_of_network(training_seconds=seconds)
    return RunInfo(run_id, owner, "run", state, datetime.now(UTC), config, card)


def history(*events, epochs=4):
    return History.of(events, epochs_wanted=epochs)


def half_way(speed=1.0):
    """Two of four epochs are done, the rest takes 10 / `speed` seconds."""
    second = 1 / speed
    return history(
        STARTED,
        BatchDone(1, 5, 1.0, 0.5, second * 2.5),
        EpochDone(1, 1.0, 0.5, 1.0, 0.5, second * 5),
        EpochDone(2, 1.0, 0.5, 1.0, 0.5, second * 10),
    )


def sweep(*pairs):
    return Sweep(tuple(one for one, _ in pairs), tuple(told for _, told in pairs))


def test_progress_is_that_of_all_runs_and_what_is_over_is_done():
    nothing = history()
    assert sweep().progress == 0
    assert sweep((info("queued"), nothing), (info("running"), nothing)).progress == 0
    running = (info("running"), half_way())
    assert sweep(running, (info("queued"), nothing)).progress == pytest.approx(0.25)
    done = (info("finished", seconds=10), nothing)
    assert sweep(done, running, (info("failed"), nothing)).progress == pytest.approx(2.5 / 3)
    over = sweep(done, (info("interrupted"), nothing))
    assert over.progress == 1
    assert not over.under_way
    assert over.seconds_left == 0
    assert [run.state for run in over.finished] == ["finished"]
    assert [run.state for run in over.failed] == ["interrupted"]


def test_the_time_left_is_unknown_until_one_run_has_told_of_its_speed():
    waiting = (info("queued"), history())
    assert sweep(waiting, (info("running"), history(STARTED))).seconds_left is None
    assert sweep((info("running"), half_way()), waiting).seconds_left == pytest.approx(10 + 20)


def test_waiting_runs_take_as_long_as_the_others_and_begin_where_a_place_is_free():
    waiting = (info("queued"), history())
    fast, slow = (info("running"), half_way(2.0)), (info("running"), half_way(1.0))
    # Wholes of 10 and 20 seconds, of which 5 and 10 are left; so others take 15.
    assert sweep(fast, slow).seconds_left == pytest.approx(10)
    assert sweep(fast, slow, waiting).seconds_left == pytest.approx(20)
    assert sweep(fast, slow, waiting, waiting).seconds_left == pytest.approx(25)
    # None is running just now, one is known from before.
    done = (info("finished", seconds=8.0), history())
    assert sweep(done, waiting, waiting).seconds_left == pytest.approx(16)


def test_a_paused_run_is_waited_for_too():
    paused = (info("paused"), half_way())
    assert sweep(paused).under_way
    assert sweep(paused).seconds_left == pytest.approx(10)


def test_five_runs_differ_in_nothing_but_their_level():
    assert [config.noise_level for config, _ in WANTED] == list(TRAINING_LEVELS)
    assert len({replace(config, noise_level=0) for config, _ in WANTED}) == 1
    assert CONFIG.epochs == 20  # of the recipe "fast"
    assert CONFIG.noise == "flip"
    assert WANTED[0][1] == "Bit flip at 0.05"


def test_every_noise_of_every_task_has_training_levels():
    for task in tasks().values():
        if task.needs_own_samples:
            continue
        for noise in task.noises:
            levels = training_levels(noise)
            assert levels == tuple(sorted(set(levels)))
            assert 1 <= len(levels) <= 5
            assert levels[0] > 0
            for config, _ in noise_sweep_configs(task, noise):
                assert config.noise_level in noise.levels


def test_other_levels_are_taken_where_the_noise_has_not_the_usual_ones():
    assert training_levels(replace(GAUSSIAN, levels=(0, 0.2, 0.4, 0.6, 0.8, 1.0))) == (
        0.2,
        0.4,
        0.6,
        0.8,
        1.0,
    )
    assert training_levels(replace(GAUSSIAN, levels=(0, 0.3, 0.6))) == (0.3, 0.6)
    with pytest.raises(InvalidInput, match="noise level"):
        noise_sweep_configs(PROBLEM, FLIP, [0.7])


def test_an_earlier_sweep_is_found_by_what_was_trained():
    configs = [config for config, _ in WANTED]
    mine = [info("finished", run_id=f"new-{n}", config=config) for n, config in enumerate(configs)]
    older = [replace(run, id=f"old-{n}") for n, run in enumerate(mine)]
    assert find([*mine, *older], configs) == [f"new-{n}" for n in range(5)]
    assert find([mine[0], *older], configs) == ["new-0", "old-1", "old-2", "old-3", "old-4"]
    assert find(mine[:4], configs) == []
    assert find([], configs) == []


@pytest.fixture
def workers():
    return HandPlayedWorkers(training_slots=2)


@pytest.fixture
def runs(workers, tmp_path):
    made = Runs(Database(f"sqlite:///{tmp_path}/runs.sqlite3"), workers, Settings(max_runs=6))
    yield made
    made.close()


def test_all_runs_of_a_sweep_are_queued_or_none(runs):
    first = runs.start_all(WANTED, owner="me")
    assert [info.id for info in reversed(runs.of("me"))] == first
    assert [runs.get(run_id).name for run_id in first] == [name for _, name in WANTED]
    with pytest.raises(LimitReached, match=r"5 runs, and you have 5 .* so none was started"):
        runs.start_all(WANTED, owner="me")
    assert len(runs.of("me")) == 5
    runs.start_all(WANTED[:1], owner="me")
    with pytest.raises(LimitReached, match="You have 6 runs"):
        runs.start(CONFIG, owner="me")
    runs.start_all(WANTED, owner="you")
    assert runs.start_all([], owner="me") == []


def test_one_run_that_is_too_large_keeps_all_from_being_queued(runs):
    wanted = [*WANTED[:2], (replace(CONFIG, epochs=201), "too long")]
    with pytest.raises(LimitReached, match="200 epochs at most"):
        runs.start_all(wanted, owner="me")
    assert runs.of("me") == []


def test_so_many_runs_are_kept_and_no_more(workers, tmp_path):
    database = Database(f"sqlite:///{tmp_path}/kept.sqlite3")
    runs = Runs(database, workers, Settings(max_kept_runs=6))
    try:
        runs.start_all(WANTED, owner="me")
        with pytest.raises(LimitReached, match=r"keeps 6 .* none was started"):
            runs.start_all(WANTED[:2], owner="me")
        assert len(runs.of("me")) == 5
    finally:
        runs.close()


def test_a_sweep_is_looked_at_by_everybody_and_stopped_by_its_owner(runs, workers):
    ids = runs.start_all(WANTED, owner="me")
    seen = Sweep.look(runs, [*ids, "unknown", ids[0]])
    assert [info.id for info in seen.infos] == ids
    assert seen.missing == ("unknown",)
    with pytest.raises(NoSuchRun, match="somebody else's"):
        seen.stop(runs, owner="you")
    assert Sweep.look(runs, ids).under_way
    seen.stop(runs, owner="me")
    after = Sweep.look(runs, ids)
    # Those that have begun are asked to stop, and no other begins in their place.
    assert len(after.failed) == 5 - len(workers.jobs)
    assert all(job.commands == [Signal("stop")] for job in workers.jobs)
