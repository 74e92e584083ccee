import numpy as np
import pytest

from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.segments import bayes
from core.segments.channels import BIT_FLIP, EXTRA, MISSING
from core.segments.minimax import (
    COMPARED,
    GUIDE_PROMISES,
    best_worst_share,
    closest_channel,
    promise_gap,
    worst_share,
)
from core.segments.patterns import ALL_PATTERNS

SPECIALISTS = {channel.name: f"seven-segment-{channel.name}" for channel in COMPARED}


def rule_of_model(name):
    return bayes.rule_of(load_classifier(ModelStore().get(name)).predict(ALL_PATTERNS))


def test_no_classifier_is_better_everywhere_than_the_known_bound():
    assert best_worst_share() == pytest.approx(0.930, abs=0.0005)


def test_a_single_noise_costs_nothing():
    assert best_worst_share((MISSING,), (0.1, 0.2)) == pytest.approx(1)
    # Whatever is answered to half of the patterns, two opposite noises can be served both.
    assert best_worst_share((MISSING, EXTRA), (0.3,)) < 1


def test_the_all_round_network_is_close_to_that_bound():
    rule = rule_of_model("seven-segment")
    shares = [worst_share(rule, channel)[0] for channel in COMPARED]
    assert min(shares) >= 0.92
    assert min(shares) <= best_worst_share() + 1e-9


@pytest.mark.parametrize("channel", COMPARED, ids=lambda channel: channel.name)
def test_each_specialist_is_as_good_as_theory_allows(channel):
    rule = rule_of_model(SPECIALISTS[channel.name])
    assert worst_share(rule, channel)[0] >= 0.995
    for other in COMPARED:
        share, level = worst_share(rule, other)
        likelihood = other.likelihood(level)
        reached = bayes.expected_accuracy(rule, likelihood)
        assert share == pytest.approx(reached / bayes.ceiling(likelihood))


@pytest.mark.parametrize("name", ["seven-segment", *SPECIALISTS.values()])
def test_all_of_them_read_clean_digits(name):
    assert bayes.expected_accuracy(rule_of_model(name), BIT_FLIP.likelihood(0)) == 1


def test_specialists_pay_for_it_elsewhere():
    worst = min(
        worst_share(rule_of_model(name), other)[0]
        for name in SPECIALISTS.values()
        for other in COMPARED
    )
    assert worst < 0.8


def test_the_guide_s_promises_are_above_every_ceiling_of_bit_flips():
    for level, promised in GUIDE_PROMISES.items():
        assert bayes.ceiling(BIT_FLIP.likelihood(level)) < promised
    assert promise_gap(BIT_FLIP) == pytest.approx(0.985 - 0.7400 + 0.887 - 0.3290, abs=0.0002)


def test_one_fault_comes_closest_to_the_promises():
    assert closest_channel().name == "one-fault"


def test_a_rule_that_never_answers_reaches_nothing():
    assert worst_share(np.zeros((128, 10)), BIT_FLIP)[0] == 0
