"""What a search has found, from trials made by hand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.search.results import best_trial, courses, front, rows, seconds_left, story
from core.search.trial import Trial
from tests.support.searches import complete, search

PRUNED = Trial(2, {"learning_rate": 0.1}, "pruned", losses=(0.1,), accuracies=(0.99,))
TRIALS = [complete(0, 2.0), complete(1, 0.5), PRUNED, complete(3, 0.5), complete(4, 1.0)]
WAITING = Trial(5, {"learning_rate": 0.02})


def test_the_best_is_complete_and_the_first_of_its_kind():
    assert best_trial(search(), TRIALS) is TRIALS[1]
    assert best_trial(search(), [PRUNED, WAITING]) is None
    assert best_trial(search(), []) is None
    high = replace(TRIALS[4], accuracies=(0.1, 0.2, 0.97))
    assert best_trial(search(objective="accuracy"), [*TRIALS[:4], high]) is high


def test_a_network_counts_by_the_epoch_whose_weights_it_has():
    early = Trial(0, {}, "complete", losses=(3, 1, 2), accuracies=(0.3, 0.6, 0.7), kept_epoch=2)
    assert (early.loss, early.accuracy) == (1, 0.6)
    assert replace(early, kept_epoch=0).loss == 2
    assert Trial(0, {}).loss is None


def test_rows_say_which_is_best():
    found = rows(search(), [*TRIALS, WAITING])
    assert [row.number for row in found if row.best] == [1]
    assert (found[2].state, found[2].loss, found[2].epochs) == ("pruned", 0.1, 1)
    assert (found[5].state, found[5].loss, found[5].accuracy) == ("waiting", None, None)


def test_the_story_has_the_best_up_to_each_complete_trial():
    steps = [(step.number, step.value, step.best) for step in story(search(), TRIALS)]
    assert steps == [(0, 2.0, 2.0), (1, 0.5, 0.5), (3, 0.5, 0.5), (4, 1.0, 0.5)]
    upwards = story(search(objective="accuracy"), TRIALS)
    assert [step.best for step in upwards] == [0.8, 0.95, 0.95, 0.95]


def test_courses_have_the_pruned_ones_too():
    found = courses(search(), [*TRIALS, WAITING])
    assert [(course.number, len(course.values)) for course in found] == [
        (0, 3), (1, 3), (2, 1), (3, 3), (4, 3),
    ]  # fmt: skip


@given(some.lists(some.tuples(some.integers(1, 9), some.integers(0, 9)), max_size=12))
def test_nothing_beats_what_is_on_the_front_and_all_else_is_beaten(found):
    trials = [
        complete(number, 1.0, accuracy=right / 10, weights=weights)
        for number, (weights, right) in enumerate(found)
    ]
    best = front(trials)
    for one in best:
        for other in trials:
            worse = other.weights > one.weights or other.accuracy < one.accuracy
            same = (other.weights, other.accuracy) == (one.weights, one.accuracy)
            assert worse or same
    for trial in trials:
        assert any(one.weights <= trial.weights and one.accuracy >= trial.accuracy for one in best)
    assert [one.weights for one in best] == sorted({one.weights for one in best})


def test_the_front_may_count_seconds():
    quick = complete(0, 1.0, weights=900, seconds=1)
    slow = complete(1, 1.0, weights=100, seconds=9)
    assert front([quick, slow], cost="seconds") == [quick]
    assert front([quick, slow]) == [slow]
    with pytest.raises(ValueError, match="weights or seconds"):
        front([quick], cost="watts")


def test_the_time_left_goes_by_the_trials_so_far():
    config = search(trials=10)
    assert seconds_left(config, TRIALS, 50) == 50  # five in fifty seconds, five to come
    assert seconds_left(config, [WAITING], 5) is None
    assert seconds_left(config, TRIALS * 2, 100) == 0
    assert seconds_left(search("hidden=8|16|32|64|128|256", trials=10), TRIALS, 50) == 10


def test_no_more_time_is_left_than_is_allowed():
    config = search(trials=100, seconds=60)
    assert seconds_left(config, TRIALS, 50) == 10
    assert seconds_left(config, [*TRIALS, WAITING], 50) == 11  # and then one ends
