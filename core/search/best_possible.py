"""What theory says of a search before it begins: no network can be better than this, on average."""

from __future__ import annotations

from dataclasses import dataclass

from core.search.config import SearchConfig
from core.segments.bayes import Likelihood, ceiling, lowest_loss, mixed
from core.segments.channels import Channel
from core.training.config import TrainingConfig


@dataclass(frozen=True)
class BestPossible:
    """What no classifier can beat on the validation data, on average over such data.

    Args:
        accuracy: the highest possible, 0..1.
        loss: the lowest possible, in nats; None where only the accuracy is known.
    """

    accuracy: float
    loss: float | None = None

    def value(self, config: SearchConfig) -> float | None:
        """Returns the one that a search judges by, if it is known."""
        return self.accuracy if config.maximize else self.loss


def best_possible(config: SearchConfig) -> BestPossible | None:
    """Returns what is best possible for all runs of a search that read displays, else None."""
    base = config.base
    if base.noise == "none" or "noise_level" in config.space.names:
        return None
    if base.get_task().exact_channel(base.get_task().noise(base.noise)) is None:
        return None
    likelihood = likelihood_of(base)
    return BestPossible(ceiling(likelihood), lowest_loss(likelihood))


def likelihood_of(config: TrainingConfig) -> Likelihood:
    """Returns the likelihood of each pattern in a run's own data: float64, shape (10, 128).

    It is one part clean to ten parts noisy.
    """
    noise = config.get_task().noise(config.noise)
    assert isinstance(noise, Channel)
    return mixed((10, noise.likelihood(config.noise_level)), (1, noise.likelihood(0)))
