"""Why a search does not choose by the test data: the best of many seems better than it is."""

from __future__ import annotations

import numpy as np

from core.errors import InvalidInput


def expected_best(accuracy: float, examples: int, networks: int) -> float:
    """Returns the highest test accuracy that is to be expected among equally good networks.

    Exact, for networks that make their mistakes independently of each other: the mean of the
    largest of so many binomial counts. Networks that make the same mistakes differ less.

    Args:
        accuracy: true accuracy of each, 0..1.
        examples: in the test data, at least 1.
        networks: how many there are, at least 1.

    Raises:
        InvalidInput: if one of them is out of its range.
    """
    if not 0 <= accuracy <= 1 or examples < 1 or networks < 1:
        raise InvalidInput(
            "Expected an accuracy in 0..1, and at least one example and one network. Received:"
            f" {accuracy}, {examples}, {networks}"
        )
    from scipy.stats import binom

    # The mean of a count is the sum, over each number, of the chance that it is larger.
    below = binom.cdf(np.arange(examples), examples, accuracy)
    return float((1 - below**networks).sum() / examples)
