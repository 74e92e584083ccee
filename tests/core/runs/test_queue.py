import random

from core.runs.queue import Waiting, starting_order


def run(name, number, *, urgent=False):
    """A waiting run such as "me-1", whose owner is "me"."""
    return Waiting(name, name.split("-")[0], number, urgent)


def order(*waiting, busy=(), turns=None):
    return starting_order(waiting, busy=busy, turns=turns or {})


def test_one_person_s_runs_start_in_the_order_of_asking():
    assert order(run("me-2", 2), run("me-3", 3), run("me-1", 1)) == ["me-1", "me-2", "me-3"]


def test_nobody_waits_for_all_the_runs_of_somebody_else():
    mine = [run(f"me-{number}", number) for number in range(1, 4)]
    assert order(*mine, run("you-1", 4)) == ["me-1", "you-1", "me-2", "me-3"]


def test_a_run_that_has_a_worker_counts_for_its_owner():
    assert order(run("me-1", 1), run("you-1", 2), busy=["me"]) == ["you-1", "me-1"]
    assert order(run("me-1", 1), run("you-1", 2), busy=["me", "you"]) == ["me-1", "you-1"]


def test_whose_turn_is_longest_ago_comes_first():
    waiting = (run("me-1", 1), run("you-1", 2), run("new-1", 3))
    assert order(*waiting, turns={"me": 8, "you": 5}) == ["new-1", "you-1", "me-1"]


def test_a_run_whose_worker_was_lost_comes_before_all_others():
    waiting = (run("me-1", 1), run("you-9", 9, urgent=True))
    assert order(*waiting, busy=["you", "you"], turns={"you": 7}) == ["you-9", "me-1"]


def test_the_order_does_not_depend_on_how_the_runs_are_listed():
    waiting = [run(f"{owner}-{number}", number) for number, owner in enumerate("aabcbacab")]
    expected = order(*waiting, busy=["b"], turns={"a": 3, "c": 1})
    assert sorted(expected) == sorted(each.run_id for each in waiting)
    for seed in range(20):
        random.Random(seed).shuffle(waiting)
        assert order(*waiting, busy=["b"], turns={"a": 3, "c": 1}) == expected
