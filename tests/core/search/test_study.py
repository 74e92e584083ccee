"""Optuna asked and told: the same from the same seed and trials, pruning, importance."""

import math
from dataclasses import replace

import pytest

from core.schema import dump
from core.search.config import SAMPLERS
from core.search.study import (
    LEAST_FOR_IMPORTANCE,
    PRUNED_AFTER,
    importance,
    judge,
    propose,
)
from core.search.trial import TRIAL, Trial
from tests.support.searches import RUN, complete, epochs, search


def distance(parameters):
    """How far a learning rate is from the best one, 0.01, in factors of ten."""
    return abs(math.log10(parameters["learning_rate"]) + 2)


def proposals(config, count):
    """What is proposed if a run is the better, the nearer its learning rate is to 0.01."""
    trials = []
    while len(trials) < count and (found := propose(config, trials)) is not None:
        trials.append(complete(len(trials), distance(found), **found))
    return trials


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_same_seed_proposes_the_same_and_another_does_not(sampler):
    config = search("learning_rate=1e-4..1e-1:log:20", "hidden=8|16", sampler=sampler)
    first = proposals(config, 15)
    assert proposals(config, 15) == first
    assert proposals(replace(config, seed=1), 15) != first


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_search_that_was_read_again_proposes_what_it_would_have_proposed(sampler):
    config = search("learning_rate=1e-4..1e-1:log:20", "hidden=8|16", sampler=sampler)
    trials = proposals(config, 15)
    read = [TRIAL.validate_python(dump(TRIAL, trial)) for trial in trials[:12]]
    assert propose(config, read) == trials[12].parameters


def test_a_grid_has_each_point_once_and_then_no_more():
    config = search("learning_rate=1e-4..1e-1:log:4", "hidden=8|16|32", sampler="grid")
    trials = proposals(config, 99)
    points = {(t.parameters["learning_rate"], t.parameters["hidden"]) for t in trials}
    assert len(trials) == len(points) == config.most_trials == 12


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_what_was_tried_is_not_proposed_again(sampler):
    config = search("hidden=8|16|32", "epochs=1..4", sampler=sampler)
    trials = []
    while (found := propose(config, trials)) is not None:
        trials.append(complete(len(trials), 1.0, **found))
    points = {(t.parameters["hidden"], t.parameters["epochs"]) for t in trials}
    assert len(trials) == len(points) == config.most_trials == 12


def test_tpe_comes_closer_than_chance():
    def last(sampler):
        """The middle distance of the last twenty of forty proposals, over five seeds."""
        found = [
            distance(trial.parameters)
            for seed in range(5)
            for trial in proposals(search(sampler=sampler, seed=seed), 40)[20:]
        ]
        return sorted(found)[len(found) // 2]

    assert last("tpe") < last("random") / 2


def test_a_run_under_way_is_not_proposed_beside_itself():
    """TPE takes what is not known yet for bad, and looks elsewhere."""
    trials = proposals(search(), 20)
    for number in range(20, 24):
        found = propose(search(), trials)
        assert all(found != trial.parameters for trial in trials)
        trials.append(Trial(number, found, "running"))


def test_the_median_ends_a_run_that_is_worse_than_half_of_the_others():
    config = search(base=replace(RUN, epochs=8))
    others = [complete(number, float(number)) for number in range(PRUNED_AFTER)]
    new = Trial(len(others), {"learning_rate": 0.01}, "running")
    # After three of eight epochs the others had 0, 1, 2, 3 and 4; nobody judges before that.
    good, hopeless = judge(config, [*others, new], new, epochs(9.0, 9.0, 1.9), wanted=8)
    assert not hopeless
    bad, hopeless = judge(config, [*others, new], new, epochs(9.0, 9.0, 2.1, 0.0), wanted=8)
    assert hopeless
    assert (len(good.losses), len(bad.losses)) == (3, 3)  # what came after does not count
    assert bad.seconds == 3.0


def test_nothing_is_ended_before_enough_is_known_nor_after_the_last_epoch():
    config = search(base=replace(RUN, epochs=3))
    others = [complete(number, 0.1) for number in range(PRUNED_AFTER)]
    for known, wanted in ((others[:-1], 8), (others, 3), (others, 0)):
        new = Trial(len(known), {"learning_rate": 0.01}, "running")
        told = epochs(9.0, 9.0, 9.0)
        trial, hopeless = judge(config, [*known, new], new, told, wanted=wanted)
        assert not hopeless or wanted == 3
        if wanted != 3:
            assert trial.losses == (9.0, 9.0, 9.0)
    new = Trial(len(others), {"learning_rate": 0.01}, "running")
    last = replace(new, losses=(9.0, 9.0), accuracies=(0.1, 0.1))
    assert not judge(config, [*others, last], last, epochs(9.0, 9.0, 9.0), wanted=3)[1]


def test_without_a_pruner_no_run_is_ended():
    others = [complete(number, 0.1) for number in range(10)]
    new = Trial(10, {"learning_rate": 0.01}, "running")
    config = search(pruner="none", base=replace(RUN, epochs=8))
    assert not judge(config, [*others, new], new, epochs(*[9.0] * 7), wanted=8)[1]


def halved(losses_of_each, epochs_wanted=9):
    """How many epochs each of these runs is given, one run after the other."""
    config = search(pruner="halving", base=replace(RUN, epochs=epochs_wanted))
    trials = []
    for number, loss in enumerate(losses_of_each):
        new = Trial(number, {"learning_rate": 0.001 * (number + 1)}, "running")
        told = epochs(*[loss] * epochs_wanted)
        trial, hopeless = judge(config, [*trials, new], new, told, wanted=epochs_wanted)
        trials.append(replace(trial, state="pruned" if hopeless else "complete"))
    return [len(trial.losses) for trial in trials], trials


def test_successive_halving_lets_the_best_go_on_at_each_rung():
    """The rungs are after a ninth and a third of the epochs: after 1 and 3 of 9."""
    lengths, _ = halved([1.0, 2.0, 3.0, 0.5, 0.7, 0.4])
    # The first has nobody to lose against; after that only what is in the best third goes on.
    assert lengths == [9, 1, 1, 9, 1, 9]


def test_what_a_pruner_has_noted_is_kept_with_the_trial():
    _, trials = halved([1.0, 2.0])
    assert trials[0].attributes == {"completed_rung_0": 1.0, "completed_rung_1": 1.0}
    assert TRIAL.validate_python(dump(TRIAL, trials[0])) == trials[0]


def test_accuracy_is_looked_for_upwards():
    config = search(objective="accuracy", base=replace(RUN, epochs=8))
    others = [complete(n, 1.0, accuracy=0.6) for n in range(PRUNED_AFTER)]
    new = Trial(len(others), {"learning_rate": 0.01}, "running")
    # After three epochs the others had .6, and these have 1 - loss / 10.
    assert not judge(config, [*others, new], new, epochs(3, 3, 3), wanted=8)[1]
    assert judge(config, [*others, new], new, epochs(5, 5, 5), wanted=8)[1]


def test_a_run_that_diverged_warns_of_its_neighbourhood():
    def share_near_the_edge(state):
        config = search(seed=3)
        trials = [
            complete(n, 1 - n / 12, learning_rate=10 ** (-4 + 2 * n / 12)) for n in range(12)
        ] + [
            Trial(n, {"learning_rate": 0.05 + 0.001 * n}, state, reason="NaN")
            for n in range(12, 24)
        ]
        found = [propose(replace(config, seed=seed), trials) for seed in range(30)]
        return sum(each["learning_rate"] > 0.03 for each in found) / len(found)

    assert share_near_the_edge("diverged") < share_near_the_edge("failed")


def test_importance_finds_the_setting_that_decides():
    config = search("learning_rate=1e-4..1e-1:log", "dropout=0..0.5", sampler="random")
    found = importance(config, proposals(config, 40))
    assert list(found) == ["learning_rate", "dropout"]
    assert found["learning_rate"] > 2 * found["dropout"]
    assert sum(found.values()) == pytest.approx(1)


def test_importance_is_silent_while_there_is_nothing_to_tell():
    config = search()
    assert importance(config, proposals(config, LEAST_FOR_IMPORTANCE - 1)) == {}
    equal = [complete(number, 1.0) for number in range(9)]
    assert importance(config, equal) == {}
