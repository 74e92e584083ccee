"""The exact theory of reading a noisy display: no sampling, since there are only 128 patterns.

A classifier is a *rule*: float64, shape (128, 10), the probability of each answer to each of
ALL_PATTERNS. A network's rows have a single 1, ties are split evenly, and a row of zeros gives no
answer. Noise is a *likelihood*: float64, shape (10, 128), the probability of each pattern given
each digit, as `Channel.likelihood` returns it.

Source: R. O. Duda, P. E. Hart, D. G. Stork, "Pattern Classification" (2nd ed., 2001), chapter 2,
Bayesian decision theory for discrete features.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput
from core.segments.patterns import ALL_PATTERNS, CLEAN

Rule = NDArray[np.float64]  # (128, 10)
Likelihood = NDArray[np.float64]  # (10, 128)
Prior = NDArray[np.float64]  # (10,)
UNIFORM: Prior = np.full(len(CLEAN), 1 / len(CLEAN))
_DISTANCES = np.abs(ALL_PATTERNS[:, None] - CLEAN[None]).sum(axis=2)  # (128, 10)
# Probabilities whose relative difference is within rounding error count as equal.
_TIE = 1e-9


def prior_of(weights: NDArray[np.float64] | list[float]) -> Prior:
    """Turns ten weights into the probability of each digit: float64, shape (10,).

    Raises:
        InvalidInput: unless they are ten finite numbers of 0 or more, at least one above 0.
    """
    values = np.asarray(weights, np.float64)
    if values.shape != UNIFORM.shape or not np.isfinite(values).all() or values.min() < 0:
        raise InvalidInput("Expected ten weights of 0 or more, one for each digit.")
    if values.sum() == 0:
        raise InvalidInput("Expected at least one digit with a weight above 0.")
    return np.asarray(values / values.sum())


def mixed(*parts: tuple[float, Likelihood]) -> Likelihood:
    """Returns the likelihood of a mixture of noises.

    Args:
        parts: weight and likelihood of each; the weights need not sum to 1.
    """
    total = sum(weight for weight, _ in parts)
    return np.asarray(sum(weight / total * likelihood for weight, likelihood in parts))


def posterior(likelihood: Likelihood, prior: Prior = UNIFORM) -> NDArray[np.float64]:
    """Returns the probability of every digit given every pattern, by Bayes' rule.

    Returns:
        float64, shape (128, 10); rows sum to 1, and are NaN where the pattern cannot arise.
    """
    joint = (likelihood * prior[:, None]).T  # (128, 10)
    evidence = joint.sum(axis=1, keepdims=True)
    bare = np.full(joint.shape, np.nan)
    return np.asarray(np.divide(joint, evidence, out=bare, where=evidence > 0))


def best_rule(likelihood: Likelihood, prior: Prior = UNIFORM) -> Rule:
    """Returns the rule that no classifier can beat: the most probable digit, ties split evenly.

    A pattern that cannot arise gets no answer.
    """
    joint = (likelihood * prior[:, None]).T
    largest = joint.max(axis=1, keepdims=True)
    return np.asarray(_shared(joint >= (1 - _TIE) * largest) * (largest > 0))


def nearest_rule() -> Rule:
    """Returns the rule of the smallest Hamming distance to a clean pattern, ties split evenly."""
    return _shared(_DISTANCES.min(axis=1, keepdims=True) == _DISTANCES)


def look_up_rule() -> Rule:
    """Returns the rule that looks up the ten clean patterns and answers no others."""
    return np.asarray(_DISTANCES == 0, np.float64)


def rule_of(probabilities: NDArray[np.float32]) -> Rule:
    """Returns a classifier's rule from its probabilities for ALL_PATTERNS, shape (128, 10)."""
    return np.asarray(np.eye(len(CLEAN))[probabilities.argmax(axis=1)], np.float64)


def expected_accuracy(rule: Rule, likelihood: Likelihood, prior: Prior = UNIFORM) -> float:
    """Returns the exact probability, 0..1, that the rule's answer is right."""
    return float((rule.T * likelihood * prior[:, None]).sum())


def ceiling(likelihood: Likelihood, prior: Prior = UNIFORM) -> float:
    """Returns the accuracy that no classifier can beat (Bayes-optimal accuracy), 0..1.

    The best answer to a pattern is the digit with the largest joint probability, so this is the sum
    of the largest over all patterns.
    """
    return float((likelihood * prior[:, None]).max(axis=0).sum())


def lowest_loss(likelihood: Likelihood, prior: Prior = UNIFORM) -> float:
    """Returns the cross-entropy that no classifier can beat, in nats.

    It is that of the posterior itself: what the pattern leaves unknown about the digit.
    """
    joint = (likelihood * prior[:, None]).T
    possible = joint > 0
    return float(-(joint[possible] * np.log(posterior(likelihood, prior)[possible])).sum())


def share_of_ceiling(rule: Rule, likelihood: Likelihood, prior: Prior = UNIFORM) -> float:
    """Returns the share of the ceiling that a rule reaches, 0..1: 1 is optimal."""
    share = expected_accuracy(rule, likelihood, prior) / ceiling(likelihood, prior)
    return round(share, 12)  # so that the order of summation does not show


def confusion(rule: Rule, likelihood: Likelihood) -> NDArray[np.float64]:
    """Returns the exact confusion matrix: float64, shape (10, 10).

    Row d holds the probabilities of the answers 0 to 9 given digit d. It sums to 1, less the share
    of displays that get no answer.
    """
    return np.asarray(likelihood @ rule)


def _shared(best: NDArray[np.bool_]) -> Rule:
    return np.asarray(best / best.sum(axis=1, keepdims=True))
