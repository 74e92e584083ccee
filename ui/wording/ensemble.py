"""Whether voting has paid."""

from __future__ import annotations

from core.metrics.accuracy import ExactAccuracy, percent
from core.models.ensemble_builder import VotingGain
from ui.wording.mcnemar import in_short
from ui.wording.measured import measured_on


def exact_verdict(together: ExactAccuracy, best: str, alone: ExactAccuracy) -> str:
    """Says the same where the accuracies are exact: every difference is real.

    Args:
        together: the ensemble's accuracy.
        best: name of the best member.
        alone: its accuracy.
    """
    points = round(100 * (together.value - alone.value), 2)
    if points == 0:
        found = f"Together, they are exactly as good as the best member alone, “{best}”"
    else:
        more = "better" if points > 0 else "worse"
        found = (
            f"Together, they are {abs(points):g} points {more} than the best member alone, “{best}”"
        )
    limit = percent(together.best, 1)
    return f"{found} ({measured_on(together)}, where {limit} is the best possible)."


def verdict(gain: VotingGain) -> str:
    """Says how an ensemble stands to the best of its members."""
    best = f"the best member alone, “{gain.best}”"
    if gain.more == 0:
        found = f"Together, they are right exactly as often as {best}."
    else:
        count = f"{abs(gain.more):,} {'more' if gain.more > 0 else 'fewer'}"
        found = f"Together, they classify {count} of {gain.total:,} examples correctly than {best}."
    if gain.pair is None:
        return found
    return f"{found} {in_short(gain.pair, 'the ensemble', f'“{gain.best}”')}"
