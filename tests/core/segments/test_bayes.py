import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.segments import bayes
from core.segments.channels import BIT_FLIP, CHANNELS, EXTRA, MISSING, ONE_FAULT, together
from core.segments.patterns import DIGIT_PATTERNS

LIKELIHOODS = st.builds(
    lambda channel, share: channel.likelihood(share * channel.levels[-1]),
    st.sampled_from(CHANNELS),
    st.floats(0, 1),
)
PRIORS = st.lists(st.floats(0, 1), min_size=10, max_size=10).filter(any).map(bayes.prior_of)


@pytest.mark.parametrize(
    ("channel", "level", "best"),
    [
        (BIT_FLIP, 0.0, 1.0),
        (BIT_FLIP, 0.05, 0.8670),
        (BIT_FLIP, 0.10, 0.7400),
        (BIT_FLIP, 0.15, 0.6213),
        (BIT_FLIP, 0.20, 0.5126),
        (BIT_FLIP, 0.30, 0.3290),
        (BIT_FLIP, 0.50, 0.1000),
        (MISSING, 0.10, 0.8879),
        (MISSING, 0.30, 0.6635),
        (EXTRA, 0.10, 0.9171),
        (EXTRA, 0.30, 0.7365),
        (ONE_FAULT, 1.0, 0.7286),
        (together("ab"), 0.30, 0.9100),
    ],
)
def test_the_ceiling_is_the_known_one(channel, level, best):
    assert bayes.ceiling(channel.likelihood(level)) == pytest.approx(best, abs=0.00005)


@pytest.mark.parametrize(
    ("rule", "channel", "level", "accuracy"),
    [
        (bayes.nearest_rule(), MISSING, 0.10, 0.8514),
        (bayes.nearest_rule(), EXTRA, 0.10, 0.8802),
        (bayes.nearest_rule(), BIT_FLIP, 0.50, 0.1000),
        (bayes.look_up_rule(), BIT_FLIP, 0.10, 0.4783),
    ],
)
def test_the_baselines_are_the_known_ones(rule, channel, level, accuracy):
    found = bayes.expected_accuracy(rule, channel.likelihood(level))
    assert found == pytest.approx(accuracy, abs=0.00005)


@given(LIKELIHOODS, PRIORS)
def test_the_best_rule_reaches_the_ceiling_and_no_other_passes_it(likelihood, prior):
    best = bayes.ceiling(likelihood, prior)
    reached = bayes.expected_accuracy(bayes.best_rule(likelihood, prior), likelihood, prior)
    assert reached == pytest.approx(best)
    for rule in (bayes.nearest_rule(), bayes.look_up_rule()):
        assert bayes.expected_accuracy(rule, likelihood, prior) <= best + 1e-12
    assert prior.max() - 1e-12 <= best <= 1 + 1e-12


@given(LIKELIHOODS, PRIORS)
def test_no_other_belief_has_a_lower_loss_than_the_posterior(likelihood, prior):
    lowest = bayes.lowest_loss(likelihood, prior)
    joint = (likelihood * prior[:, None]).T
    belief = bayes.posterior(likelihood)  # of one who takes all digits for equally frequent
    used = (joint > 0) & (belief > 0)
    assert -1e-12 <= lowest <= np.log(10) + 1e-12
    assert lowest <= -(joint[used] * np.log(belief[used])).sum() + 1e-9


def test_the_lowest_loss_by_hand():
    assert bayes.lowest_loss(BIT_FLIP.likelihood(0)) == pytest.approx(0)
    assert bayes.lowest_loss(BIT_FLIP.likelihood(0.5)) == pytest.approx(np.log(10))


@given(LIKELIHOODS, PRIORS)
def test_posteriors_follow_bayes_rule(likelihood, prior):
    posterior = bayes.posterior(likelihood, prior)
    evidence = likelihood.T @ prior
    seen = evidence > 0
    assert posterior[seen].sum(axis=1) == pytest.approx(np.ones(seen.sum()))
    assert (posterior[seen] * evidence[seen, None]) == pytest.approx((likelihood.T * prior)[seen])
    assert np.isnan(posterior[~seen]).all()


def test_a_posterior_by_hand():
    # With one missing segment at most in sight, "1110011" is a 9 without d; nothing else has it.
    posterior = bayes.posterior(MISSING.likelihood(0.1))[int("1110011", 2)]
    nine, eight = 0.1 * 0.9**5, 0.1**2 * 0.9**5
    assert posterior[9] == pytest.approx(nine / (nine + eight))
    assert posterior[8] == pytest.approx(eight / (nine + eight))
    assert posterior[:8].sum() == 0
    # Under extra segments alone a dark display cannot arise.
    assert np.isnan(bayes.posterior(EXTRA.likelihood(0.1))[0]).all()
    assert bayes.best_rule(EXTRA.likelihood(0.1))[0].sum() == 0


def test_a_frequent_digit_is_believed_sooner():
    likelihood = BIT_FLIP.likelihood(0.2)
    pattern = int("1110011", 2)  # a 4 with a, or a 9 without d
    even = bayes.posterior(likelihood)[pattern]
    assert even[4] == pytest.approx(even[9])
    prior = bayes.prior_of([1, 1, 1, 1, 3, 1, 1, 1, 1, 1])
    often = bayes.posterior(likelihood, prior)[pattern]
    assert often[4] == pytest.approx(3 * often[9])
    assert bayes.best_rule(likelihood)[pattern, [4, 9]].tolist() == [0.5, 0.5]
    assert bayes.best_rule(likelihood, prior)[pattern, 4] == 1


def test_confusions_by_hand():
    matrix = bayes.confusion(bayes.look_up_rule(), BIT_FLIP.likelihood(0.1))
    assert matrix[1, 7] == pytest.approx(0.1 * 0.9**6)  # a lights up
    assert matrix[8, 8] == pytest.approx(0.9**7)
    whole = bayes.confusion(bayes.nearest_rule(), BIT_FLIP.likelihood(0.3))
    assert whole.sum(axis=1) == pytest.approx(np.ones(10))


def test_clean_patterns_are_looked_up():
    for rule in (bayes.look_up_rule(), bayes.nearest_rule()):
        for digit, pattern in enumerate(DIGIT_PATTERNS):
            assert rule[int(pattern, 2), digit] == 1
    assert bayes.look_up_rule().sum() == 10
    assert bayes.nearest_rule().sum(axis=1) == pytest.approx(np.ones(128))


def test_a_network_s_rule_is_its_most_probable_digit():
    probabilities = np.random.default_rng(0).random((128, 10), dtype=np.float32)
    rule = bayes.rule_of(probabilities)
    assert (rule.argmax(axis=1) == probabilities.argmax(axis=1)).all()
    assert (rule.sum(axis=1) == 1).all()


def test_clean_examples_raise_the_ceiling():
    noisy, clean = BIT_FLIP.likelihood(0.15), BIT_FLIP.likelihood(0)
    half = bayes.ceiling(bayes.mixed((1, noisy), (1, clean)))
    assert bayes.ceiling(noisy) < half < 1
    assert bayes.ceiling(bayes.mixed((0, noisy), (3, clean))) == pytest.approx(1)


@pytest.mark.parametrize(
    "weights", [[1] * 9, [0] * 10, [-1] + [1] * 9, [float("nan")] + [1] * 9, [float("inf")] * 10]
)
def test_a_wrong_prior_gets_a_sentence(weights):
    with pytest.raises(InvalidInput, match="digit"):
        bayes.prior_of(weights)
