"""What a network has gained and forgotten by fine-tuning."""

from __future__ import annotations

from core.handwriting.config import Outcome
from core.metrics.accuracy import Change


def verdicts(outcome: Outcome) -> tuple[str, str]:
    """Says what the figures show: about the person's own samples, and about the base data."""
    return _own(outcome), _base(outcome.base_change)


def _own(outcome: Outcome) -> str:
    match outcome.own_change:
        case Change.BETTER:
            return (
                "It reads your handwriting better: the two ranges do not overlap, so this is hardly"
                " luck."
            )
        case Change.PERHAPS_BETTER:
            return (
                "It reads more of your digits than before, but the two ranges overlap, so this may"
                " be luck. More samples would tell."
            )
        case Change.SAME if outcome.own_after.value == 1:
            return "It reads your handwriting as well as before: every digit is right."
        case Change.SAME:
            return (
                "It reads your handwriting as well as before. More samples, more epochs or fewer"
                " frozen layers may help."
            )
        case Change.PERHAPS_WORSE:
            return (
                "It reads fewer of your digits than before, but the two ranges overlap, so this may"
                " be bad luck. More samples may help."
            )
        case Change.WORSE:
            return (
                "It reads your handwriting worse than before: the two ranges do not overlap. More"
                " samples or a smaller learning rate may help."
            )


def _base(change: Change) -> str:
    match change:
        case Change.WORSE:
            return (
                "It has forgotten some of what it knew. A smaller share of your samples, more"
                " frozen layers or a smaller learning rate may prevent that."
            )
        case Change.BETTER:
            return "It also reads other people's digits better than before."
        case _:
            return "It shows no clear sign of forgetting what it knew."
