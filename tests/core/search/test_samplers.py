"""What was measured of the samplers: read, and told seed by seed."""

import math
from dataclasses import replace

import pytest

from core.search import samplers
from core.search.samplers import PROBLEMS, SamplerRace, sampler_race

RACE = SamplerRace(
    "handwritten",
    5,
    ("dropout=0..0.5:3", "hidden=8|16"),
    0.2,
    {
        "grid": ((0.4, 0.2), (None, 0.2), (0.2, 0.2)),
        "tpe": ((0.3, 0.1), (0.2, 0.2), (None, 0.3)),
        "random": ((0.5, 0.4), (0.5, 0.3), (0.5, 0.2000004)),
    },
    "dense",
)


def test_each_seed_counts_and_nothing_yet_is_worse_than_anything():
    assert RACE.after("tpe", 1) == [0.2, 0.3, math.inf]
    assert RACE.after("tpe", 99) == RACE.after("tpe", 2) == [0.1, 0.2, 0.3]
    assert (RACE.met("tpe"), RACE.usually_met("tpe")) == ([2, 1, None], 2)
    assert (RACE.met("random"), RACE.usually_met("random")) == ([None, None, 2], math.inf)
    assert (RACE.runs("grid"), RACE.grid_size) == (2, 6)


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_kept_has_a_whole_grid_and_five_seeds_of_each_sampler(name):
    race = sampler_race(name)
    assert set(race.best_by_trial) == {"grid", "random", "tpe"}
    assert {len(curves) for curves in race.best_by_trial.values()} == {5}
    assert race.runs("grid") == race.grid_size == 60
    assert race.after("grid", 60) == [pytest.approx(race.goal, abs=1e-6)] * 5
    for curves in race.best_by_trial.values():
        for curve in curves:
            known = [loss for loss in curve if loss is not None]
            assert known == sorted(known, reverse=True)


def test_theory_may_know_the_lowest_loss():
    assert RACE.lowest_possible is None
    assert replace(RACE, recipe="").lowest_possible is None
    segments = replace(RACE, task="seven-segment", recipe="fast")
    assert segments.lowest_possible == pytest.approx(1.02171, abs=1e-5)


def test_without_results_there_is_nothing_to_tell(tmp_path, monkeypatch):
    monkeypatch.setattr(samplers, "RESULTS", tmp_path)
    assert sampler_race.__wrapped__("digits") is None
    (tmp_path / "search_digits.json").write_text('{"task": 1}')
    assert sampler_race.__wrapped__("digits") is None
