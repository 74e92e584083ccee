from core.workers.idle import QUIET_LOOKS, wait_until_idle


def machine(*shares):
    """Returns what measures a machine as busy as the shares say, one after another."""
    left = list(shares)
    return left, lambda seconds: left.pop(0)


def test_a_quiet_machine_is_idle_after_a_few_looks():
    left, share = machine(*[0.05] * 10)
    assert wait_until_idle(share=share)
    assert len(left) == 10 - QUIET_LOOKS


def test_one_busy_moment_begins_the_waiting_anew():
    left, share = machine(0.9, 0.1, 0.1, 0.8, 0.1, 0.1, 0.1, 0.9)
    assert wait_until_idle(share=share)
    assert left == [0.9]


def test_what_is_no_longer_wanted_is_not_waited_for():
    answers = [True, True, False, False]
    left, share = machine(0.9, 0.9, 0.9)
    assert not wait_until_idle(lambda: answers.pop(0), share=share)
    assert left == [0.9]


def test_there_may_be_an_end_to_waiting():
    left, share = machine(*[0.9] * 5)
    assert wait_until_idle(at_most=3, share=share)
    assert len(left) == 2


def test_the_machine_s_own_share_is_measured():
    from core.workers.idle import measured_share

    assert 0 <= measured_share(0.05) <= 1
