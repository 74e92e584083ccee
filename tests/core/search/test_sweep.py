"""Sweeps: searches that compare, and links from before there were any."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.database import Database
from core.errors import InvalidInput, LimitReached, NoSuchSearch
from core.noise.base import GAUSSIAN
from core.runs.info import RunInfo
from core.runs.manager import Runs
from core.search.info import SearchInfo
from core.search.manager import Searches
from core.search.sweep import TRAINING_LEVELS, Sweep, find, noise_sweep, training_levels
from core.search.trial import Trial
from core.settings import Settings
from core.tasks.base import get_task, tasks
from core.workers.commands import Signal
from tests.support.jobs import HandPlayedWorkers
from tests.support.patience import wait_until
from tests.support.searches import search

PROBLEM = get_task("seven-segment")
FLIP = PROBLEM.noise("flip")
SWEEP = noise_sweep(PROBLEM, FLIP)
WANTED = [(config, f"{config.noise_level:g}") for config in SWEEP.runs]
CONFIG = WANTED[0][0]


def info(state, *, run_id="id", config=CONFIG):
    return RunInfo(run_id, "me", "run", state, datetime.now(UTC), config)


def searched(*trials, search_id="id", config=SWEEP, state="running"):
    return SearchInfo(search_id, "me", "sweep", state, datetime.now(UTC), config, trials)


def test_progress_is_that_of_the_search_or_of_runs_alone():
    assert Sweep(()).progress == 0
    over = Sweep((info("finished"), info("running"), info("queued"), info("failed")))
    assert (over.progress, over.under_way) == (0.5, True)
    assert [run.state for run in over.finished] == ["finished"]
    assert [run.state for run in over.failed] == ["failed"]
    complete = Trial(0, {"noise_level": "0.05"}, "complete", losses=(1.0,) * 20)
    half = Trial(1, {"noise_level": "0.1"}, "running", losses=(1.0,) * 10)
    assert Sweep((), (), searched(complete, half)).progress == pytest.approx(1.5 / 5)
    assert Sweep((), (), searched(complete, half)).under_way
    assert not Sweep((), (), searched(complete, state="finished")).under_way


def test_five_runs_differ_in_nothing_but_their_level():
    assert [config.noise_level for config in SWEEP.runs] == list(TRAINING_LEVELS)
    assert len({replace(config, noise_level=0) for config in SWEEP.runs}) == 1
    assert (SWEEP.compares, SWEEP.most_trials, SWEEP.parallel) == (True, 5, 5)
    assert CONFIG.epochs == 20  # of the recipe "fast"
    assert CONFIG.noise == "flip"


def test_every_noise_of_every_task_has_training_levels():
    for task in tasks().values():
        if task.needs_own_samples:
            continue
        for noise in task.noises:
            levels = training_levels(noise)
            assert levels == tuple(sorted(set(levels)))
            assert 2 <= len(levels) <= 5
            assert levels[0] > 0
            for config in noise_sweep(task, noise).runs:
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
        noise_sweep(PROBLEM, FLIP, [0.1, 0.7])


def test_an_earlier_sweep_is_found_by_what_was_trained():
    mine = [info("finished", run_id=f"new-{n}", config=run) for n, run in enumerate(SWEEP.runs)]
    older = [replace(run, id=f"old-{n}") for n, run in enumerate(mine)]
    assert find([], [*mine, *older], SWEEP) == [f"new-{n}" for n in range(5)]
    assert find([], [mine[0], *older], SWEEP) == ["new-0", "old-1", "old-2", "old-3", "old-4"]
    assert find([], mine[:4], SWEEP) == []
    assert find([], [], SWEEP) == []
    same = replace(SWEEP, parallel=1)  # found by what it trains, not by how
    searches = [
        searched(search_id="choice", config=search()),
        searched(search_id="other", config=noise_sweep(PROBLEM, FLIP, [0.1, 0.2])),
        searched(search_id="new", config=same),
        searched(search_id="old"),
    ]
    assert find(searches, mine, SWEEP) == ["new"]
    assert find(searches[:2], mine, SWEEP) == [f"new-{n}" for n in range(5)]


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


def test_a_link_to_runs_alone_shows_those_that_are_there(runs, workers, tmp_path):
    searches = Searches(Database(f"sqlite:///{tmp_path}/runs.sqlite3"), runs, workers)
    try:
        ids = runs.start_all(WANTED, owner="me")
        seen = Sweep.look(searches, runs, [*ids, "unknown", ids[0]])
        assert [info.id for info in seen.infos] == ids
        assert (seen.missing, seen.search) == (("unknown",), None)
        assert [info.id for info in Sweep.look(searches, runs, ids[:1]).infos] == ids[:1]
        assert Sweep.look(searches, runs, ["unknown"]) == Sweep((), ("unknown",))
    finally:
        searches.close()


def test_a_search_for_a_sweep_is_looked_at_by_everybody_and_stopped_by_its_owner(
    runs, workers, tmp_path
):
    searches = Searches(Database(f"sqlite:///{tmp_path}/runs.sqlite3"), runs, workers)
    try:
        found = searches.start(SWEEP, owner="me", name="Bit flip")
        wait_until(lambda: len(Sweep.look(searches, runs, [found]).infos) == 5)
        seen = Sweep.look(searches, runs, [found])
        assert [run.config for run in seen.infos] == SWEEP.runs
        assert [run.name for run in seen.infos][:2] == ["Bit flip, 0.05", "Bit flip, 0.1"]
        with pytest.raises(NoSuchSearch, match="somebody else's"):
            searches.stop(found, owner="you")
        wait_until(lambda: len(workers.jobs) == 2)
        searches.stop(found, owner="me")
        # Those that have begun are asked to stop, and no other begins in their place.
        assert len(Sweep.look(searches, runs, [found]).failed) == 3
        assert all(job.commands == [Signal("stop")] for job in workers.jobs)
    finally:
        searches.close()
