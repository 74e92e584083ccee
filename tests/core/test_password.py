import pytest

from core.errors import InvalidInput, LimitReached, PasswordRequired
from core.password import (
    MAX_WAIT_SECONDS,
    MAX_WRONG,
    UNLOCKED_SECONDS,
    WRONG_SECONDS,
    PasswordGuard,
)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def guard(clock):
    return PasswordGuard("correct horse", clock)


def test_without_a_password_everybody_may_do_everything():
    guard = PasswordGuard(None)
    guard.check("anybody")
    assert not guard.required


def test_the_right_password_lets_one_person_in_for_a_while(guard, clock):
    with pytest.raises(PasswordRequired, match="teacher's password"):
        guard.check("teacher")
    guard.unlock("teacher", "correct horse")
    guard.check("teacher")
    with pytest.raises(PasswordRequired):
        guard.check("pupil")
    clock.now += UNLOCKED_SECONDS
    with pytest.raises(PasswordRequired):
        guard.check("teacher")
    guard.unlock("teacher", "correct horse")
    guard.lock("teacher")
    with pytest.raises(PasswordRequired):
        guard.check("teacher")


@pytest.mark.parametrize(
    "attempt", ["", "correct hors", "correct horse ", "Correct horse", "\ud800"]
)
def test_a_wrong_password_lets_nobody_in(guard, attempt):
    with pytest.raises(InvalidInput, match="not the password"):
        guard.unlock("pupil", attempt)
    assert not guard.knows("pupil")


def test_each_wrong_try_makes_the_next_wait_longer_and_not_that_of_others(guard, clock):
    waits = []
    for _ in range(9):
        with pytest.raises(InvalidInput, match="not the password"):
            guard.unlock("pupil", "guess")
        # Not even the right one is looked at now: else guessing on would cost nothing.
        with pytest.raises(LimitReached, match="Wait") as told:
            guard.unlock("pupil", "correct horse")
        waits.append(int(str(told.value).split("Wait ")[1].split(" s")[0]))
        clock.now += waits[-1]
    assert waits == [1, 2, 4, 8, 16, 32, *[MAX_WAIT_SECONDS] * 3]
    guard.unlock("teacher", "correct horse")
    guard.unlock("pupil", "correct horse")  # the wait is over
    assert guard.knows("pupil")


def test_whoever_is_another_person_each_time_meets_the_limit_of_all(guard, clock):
    for number in range(MAX_WRONG):
        with pytest.raises(InvalidInput, match="not the password"):
            guard.unlock(f"pupil {number}", "guess")
    with pytest.raises(LimitReached):
        guard.unlock("one more", "correct horse")
    clock.now += WRONG_SECONDS
    guard.unlock("teacher", "correct horse")
