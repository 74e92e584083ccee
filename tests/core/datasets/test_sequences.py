from itertools import product

import numpy as np
import pytest

from core.datasets import sequences
from core.noise.sequences import MISREAD, MISSING


def test_all_rules_are_there_and_agree_on_what_comes_next():
    whole = sequences.every()
    assert len(whole) == 1936
    known = {tuple(w): f for w, f in zip(whole.windows.tolist(), whole.following, strict=True)}
    assert known[(1, 2, 3, 4, 5, 6)] == 7
    assert known[(3, 6, 2, 4, 8, 6)] == 2  # times two
    assert known[(1, 1, 2, 3, 5, 8)] == 3  # 13, without its tens
    assert known[(1, 3, 6, 8, 1, 3)] == 6  # plus two, plus three
    assert known[(0, 1, 3, 6, 0, 5)] == 1  # plus one, plus two, plus three
    assert all(len(digits) == 1 for digits in sequences.answers().values())


def test_three_digits_often_do_not_tell_what_comes_next():
    told = sequences.answers(3)
    assert sum(len(digits) > 1 for digits in told.values()) > len(told) / 2
    assert {4, 8} <= sequences.answers(2)[(1, 2)] | sequences.answers(3)[(1, 2, 4)]


def test_no_sequence_is_in_two_parts():
    parts = sequences.parts()
    windows = [{tuple(window) for window in part.windows.tolist()} for part in parts]
    assert sum(map(len, windows)) == len(set().union(*windows)) == 1936
    assert all(set(part.rules) == set(range(5)) for part in parts)


def small(count=60):
    part = sequences.parts()[2]
    return part.part(np.arange(count))


@pytest.mark.parametrize("level", [0.2])
def test_the_ceiling_with_misread_digits_is_the_sum_over_all_that_can_be_seen(level):
    some = small(5)
    seen = np.array(list(product(range(10), repeat=6)))
    agree = (seen[:, None] == some.windows[None]).sum(axis=2)  # (10^6, 5)
    likelihood = (1 - level) ** agree * (level / 9) ** (6 - agree)
    best = np.zeros(len(seen))
    for digit in range(10):
        np.maximum(best, likelihood[:, some.following == digit].sum(axis=1), out=best)
    assert sequences.ceiling_misread(some, level) == pytest.approx(best.sum() / len(some))


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_the_ceiling_with_missing_digits_is_the_sum_over_all_that_can_be_seen(level):
    some = small()
    joint = {}
    for window, following in zip(some.windows, some.following, strict=True):
        for shown in product((False, True), repeat=6):
            key = tuple(digit if yes else -1 for digit, yes in zip(window, shown, strict=True))
            weight = level ** (6 - sum(shown)) * (1 - level) ** sum(shown)
            joint.setdefault(key, np.zeros(10))[following] += weight
    best = sum(row.max() for row in joint.values()) / len(some)
    assert sequences.ceiling_missing(some, level) == pytest.approx(best)


def test_noise_on_digits_does_what_it_says():
    x = sequences.to_inputs(np.tile(small().windows, (50, 1)))
    misread = MISREAD.apply(x, level=0.3, random_state=1)
    assert (misread.sum(axis=-1) == 1).all()
    assert (misread != x).any(axis=-1).mean() == pytest.approx(0.3, abs=0.02)
    missing = MISSING.apply(x, level=0.3, random_state=1)
    assert (missing.sum(axis=-1) == 0).mean() == pytest.approx(0.3, abs=0.02)
    assert (missing <= x).all()
