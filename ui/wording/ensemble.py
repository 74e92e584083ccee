"""Whether voting has paid."""

from __future__ import annotations

from core.models.ensemble_builder import VotingGain
from ui.wording.mcnemar import in_short


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
