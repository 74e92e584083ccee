"""What a network has gained and forgotten by fine-tuning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.handwriting.config import OWN_SIGNS, Outcome
from core.metrics.accuracy import Change
from core.metrics.paired import PairedAnswers
from ui.wording.mcnemar import in_short

_OWN = {
    Change.BETTER: "It reads your handwriting better.",
    Change.PERHAPS_BETTER: "It reads more of your digits than before.",
    Change.SAME: "It reads your handwriting as well as before.",
    Change.PERHAPS_WORSE: "It reads fewer of your digits than before.",
    Change.WORSE: "It reads your handwriting worse than before.",
}
_ADVICE = {
    Change.PERHAPS_BETTER: "More samples would tell.",
    Change.SAME: "More samples, more epochs or fewer frozen layers may help.",
    Change.PERHAPS_WORSE: "More samples may help.",
    Change.WORSE: "More samples or a smaller learning rate may help.",
}


def verdicts(outcome: Outcome) -> tuple[str, str]:
    """Says what the figures show: about the person's own samples, and about the base data."""
    return _own(outcome), _base(outcome)


def sign_verdicts(outcome: Outcome, knew_signs: bool) -> Sequence[str]:
    """Says the same where signs were taught, about the signs and the person's digits apart.

    Args:
        outcome: with its `own_parts`.
        knew_signs: whether the network had outputs for signs before.
    """
    said = []
    pairs = outcome.part_pairs or (None,) * len(outcome.own_parts)
    for (before, after), pair in zip(outcome.own_parts, pairs, strict=True):
        if before.data == OWN_SIGNS and not knew_signs:
            said.append(
                "Before, it could not read your signs: it had an output for each of the ten digits"
                f" and none for a sign. Now it reads {after.correct:,} of {after.total:,} correctly"
                " that it never saw in training."
            )
        else:
            what = "Your signs" if before.data == OWN_SIGNS else "Your digits"
            part = replace(outcome, own_before=before, own_after=after, own_pair=pair)
            said.append(f"{what}: {_own(part)}")
    if outcome.signs_refused:
        said.append(
            f"On the Draw page, {outcome.signs_refused:,} of these signs would get no answer: its"
            " confidence is below its threshold. More epochs or a larger learning rate may help."
        )
    return [*said, _base(outcome)]


def _own(outcome: Outcome) -> str:
    change = outcome.own_change
    if change is Change.SAME and outcome.own_after.value == 1:
        return "It reads your handwriting as well as before: every digit is right."
    found = (_OWN[change], _luck(outcome.own_pair), _ADVICE.get(change, ""))
    return " ".join(each for each in found if each)


def _base(outcome: Outcome) -> str:
    match outcome.base_change:
        case Change.WORSE:
            found = "It has forgotten some of what it knew."
            advice = (
                "A smaller share of your samples, more frozen layers or a smaller learning rate may"
                " prevent that."
            )
        case Change.BETTER:
            found, advice = "It also reads other people's digits better than before.", ""
        case _:
            found, advice = "It shows no clear sign of forgetting what it knew.", ""
    parts = (found, _luck(outcome.base_pair), advice)
    return " ".join(each for each in parts if each)


def _luck(pair: PairedAnswers | None) -> str:
    return "" if pair is None else in_short(pair.swapped, "the new network", "the old one")
