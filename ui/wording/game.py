"""The game against the network, in sentences."""

from __future__ import annotations

from core.metrics.accuracy import percent
from core.segments.game import Round, Score
from core.segments.patterns import DIGIT_PATTERNS
from core.text import listed
from ui.wording.articles import article
from ui.wording.damage import change_in_words


def result_in_words(drawn: Round, you: int, network: int) -> str:
    """Returns what the digit was and what each of the three said."""
    tie = ""
    if len(drawn.tied) > 1:
        digits = listed([str(digit) for digit in drawn.tied])
        tie = f" ({digits} were equally probable.)"
    clean = DIGIT_PATTERNS[drawn.digit]
    what = (
        f"It was {article(drawn.digit)}, undamaged."
        if drawn.pattern == clean
        else change_in_words(clean, drawn.pattern)
    )
    return (
        f"{what} You said {you}, the network said {network}, the best possible reader"
        f" {drawn.best}.{tie}"
    )


def score_table(score: Score) -> str:
    """Returns the running score as a Markdown table."""
    rows = (
        ("You", score.you),
        ("The network", score.network),
        ("The best possible reader", score.best),
    )
    lines = [f"| {name} | {right} of {score.rounds} |" for name, right in rows]
    return "\n".join(["| Reader | Right so far |", "| :-- | --: |", *lines])


def ceiling_in_words(ceiling: float, network: float) -> str:
    """Returns the exact accuracies of the best possible reader and of the network, 0..1."""
    if ceiling > 1 - 1e-12:
        return (
            "In the long run the best possible reader is always right here, and this network"
            f" **{percent(network, 1)}** of the time. Both figures are exact."
        )
    return (
        "In the long run nobody, human or machine, can be right more than"
        f" **{percent(ceiling, 1)}** of the time here. This network reaches"
        f" **{percent(network, 1)}**. Both figures are exact, not counted from your rounds. Some"
        " damaged digits look alike, and then even the best reader can only guess."
    )
