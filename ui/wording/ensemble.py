"""Whether voting has paid."""

from __future__ import annotations

from core.models.ensemble_builder import VotingGain


def verdict(gain: VotingGain) -> str:
    """Says how an ensemble stands to the best of its members."""
    best = f"the best member alone, “{gain.best}”."
    if gain.more == 0:
        return f"Together, they are right exactly as often as {best}"
    count = f"{abs(gain.more):,} {'more' if gain.more > 0 else 'fewer'}"
    found = f"Together, they classify {count} of {gain.total:,} examples correctly than {best}"
    if gain.change.clear:
        return f"{found} The two ranges do not overlap, so this is hardly luck."
    return f"{found} The two ranges overlap, so this may be luck."
