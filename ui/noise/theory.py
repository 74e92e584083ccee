"""What theory adds to the Noise page: baselines, confusion matrices, limits and trade-offs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.errors import InvalidInput
from core.evaluation.robustness import NoisePoint
from core.metrics.accuracy import percent
from core.models.saved_model import SavedModel
from core.noise.base import Noise
from core.segments import bayes, minimax
from core.segments.channels import BIT_FLIP
from core.tasks.base import Task
from ui.components.number_table import Rows, number_table
from ui.components.plot import plot
from ui.noise.figures import Line, rates_figure, trade_figure
from ui.services import saved_models
from ui.session.settings import Setting
from ui.wording.phrases import worst_pair

MAX_WEIGHT = 99
MAX_IN_TRADE = 12
MANY_REFUSED = 0.3  # of the examples, or of the refused ones that were classified correctly
FEW_WRONG = 0.1  # of the answers that were not refused
TOO_SURE = 0.1  # confidence above accuracy
EVEN = (1,) * len(bayes.UNIFORM)


def parse_weights(text: str) -> tuple[int, ...]:
    """Returns the digits' frequencies in a URL: ten whole weights."""
    parts = text.split(",")
    if not all(part.isascii() and part.isdecimal() and int(part) <= MAX_WEIGHT for part in parts):
        raise InvalidInput(f"Expected ten whole numbers from 0 to {MAX_WEIGHT}.")
    weights = tuple(int(part) for part in parts)
    bayes.prior_of(list(weights))
    return weights


def write_weights(weights: tuple[int, ...]) -> str:
    """Returns the digits' frequencies as written in a URL."""
    return ",".join(map(str, weights))


def choose_prior(setting: Setting[tuple[int, ...]]) -> None:
    """Lets the person change how frequent each digit is."""

    def take(rows: Rows) -> None:
        setting.set(rows[0] if any(rows[0]) else EVEN)

    even = len(set(setting.get())) == 1
    words = "all equally often" if even else "not equally often"
    st.markdown(f"How often does each digit come up (the *prior*)? Now: {words}.")
    number_table(
        setting.name,
        (setting.get(),),
        rows=["weight"],
        columns=[str(digit) for digit in range(len(EVEN))],
        heading="Digit",
        high=MAX_WEIGHT,
        take=take,
    )
    st.caption(
        "A digit with weight 2 comes up twice as often as one with weight 1, so the best answer"
        " to an unclear pattern leans towards it. The networks do not know these weights."
    )
    st.button("All equally often", disabled=even, on_click=setting.set, args=(EVEN,))


@dataclass(frozen=True)
class Study:
    """What theory says about networks on one noise; every number is exact.

    Args:
        likelihoods: of each level of the noise.
        rules: by network, its answer to each pattern.
        networks: by network, its accuracy at each level.
        baselines: exact curves of rules that are not networks, the ceiling first.
        prior: how frequent each digit is.
    """

    likelihoods: tuple[bayes.Likelihood, ...]
    rules: Mapping[str, bayes.Rule]
    networks: Mapping[str, Sequence[float]]
    baselines: tuple[Line, ...]
    prior: bayes.Prior

    @property
    def best(self) -> Line:
        """The ceiling."""
        return self.baselines[0]

    def confusions(self, index: int) -> dict[str, NDArray[np.float64]]:
        """Returns the confusion matrices of the best rule and of each network at a level."""
        likelihood = self.likelihoods[index]
        best = bayes.best_rule(likelihood, self.prior)
        named = {"best possible, exact": best}
        named |= {f"{name}, exact": rule for name, rule in self.rules.items()}
        return {name: bayes.confusion(rule, likelihood) for name, rule in named.items()}


def study_of(
    task: Task, noise: Noise, models: Sequence[SavedModel], weights: tuple[int, ...]
) -> Study | None:
    """Returns what theory says, or None where there is no exact theory, as for pictures.

    Args:
        task: the task.
        noise: the kind of noise.
        models: the networks.
        weights: how frequent each digit is.
    """
    channel = task.exact_channel(noise)
    if channel is None:
        return None
    prior = bayes.prior_of(list(weights))
    likelihoods = tuple(channel.likelihood(level) for level in channel.levels)

    def curve(rule: bayes.Rule) -> list[float]:
        return [bayes.expected_accuracy(rule, each, prior) for each in likelihoods]

    rules = rules_of(models)
    return Study(
        likelihoods,
        rules,
        {name: curve(rule) for name, rule in rules.items()},
        (
            Line("best possible", [bayes.ceiling(each, prior) for each in likelihoods], "dash"),
            Line("nearest pattern", curve(bayes.nearest_rule()), "dot"),
            Line("look-up table", curve(bayes.look_up_rule()), "dashdot"),
        ),
        prior,
    )


def rules_of(models: Sequence[SavedModel]) -> dict[str, bayes.Rule]:
    """Returns each network's answer to each pattern."""
    return {model.name: bayes.rule_of(saved_models.segment_answers(model)) for model in models}


def confidence_verdict(name: str, point: NoisePoint) -> str:
    """Says whether a network's confidence reflects the noise; empty if nothing stands out.

    Args:
        name: of the network.
        point: what was measured at one level.
    """
    right, sure = point.accuracy.value, point.confidence
    if point.refused_share >= MANY_REFUSED:
        words = (
            f"**{name}** would refuse {percent(point.refused_share, 0)} of these examples as too"
            f" unsure: its average confidence fell to {percent(sure, 0)}."
        )
        withheld_right = point.refused_right / point.refused
        if point.accepted_wrong_share > FEW_WRONG:
            words += (
                f" Of the answers that it still gives, {percent(point.accepted_wrong_share, 0)} are"
                " wrong."
            )
        elif withheld_right < MANY_REFUSED:
            words += " It **knows that it does not know**."
        if withheld_right >= MANY_REFUSED:
            words += (
                f" {percent(withheld_right, 0)} of the answers that it withholds would have been"
                " right: it is **too careful** (*underconfident*)."
            )
        return words
    if sure - right >= TOO_SURE:
        return (
            f"**{name}** is {percent(sure, 0)} confident on average, but right only"
            f" {percent(right, 0)} of the time (*overconfident*): it **does not know that it does"
            " not know**."
        )
    return ""


def show_confusions(
    matrices: Mapping[str, NDArray[np.float64]], classes: Sequence[str], noun: str = "digit"
) -> None:
    """Shows confusion matrices, two heat maps side by side.

    Args:
        matrices: float64, shape (classes, classes) each, rows of shares, by title.
        classes: their names.
        noun: what a class is called. Defaults to "digit".
    """
    # Row by row: on a phone the columns of a row stand below each other.
    columns = (column for _ in range(0, len(matrices), 2) for column in st.columns(2))
    for index, (column, title) in enumerate(zip(columns, matrices, strict=False)):
        with column:
            matrix = matrices[title]
            sentence = worst_pair(matrix, classes, noun)
            plot(
                rates_figure(matrix, classes, title=title, noun=noun),
                key=f"confusion_{index}",
                label=f"Confusion matrix: {title}",
                description=sentence.replace("*", ""),
                height=420,
            )
            st.markdown(sentence)
    st.caption(
        f"A *confusion matrix*: each row is the true {noun}, each column an answer, in per cent of"
        " the row. The diagonal holds the correct answers. Each row adds up to 100; empty cells are"
        " below 0.5 %."
    )


def show_promise() -> None:
    """Explains kindly why accuracies that people may have read elsewhere are impossible."""
    closest = minimax.closest_channel()
    promised = minimax.GUIDE_PROMISES.items()
    claims = " and ".join(f"{percent(share, 1)} at level {level:.2f}" for level, share in promised)
    flips = " and ".join(
        percent(bayes.ceiling(BIT_FLIP.likelihood(level)), 1) for level in minimax.GUIDE_PROMISES
    )
    other = " and ".join(
        percent(bayes.ceiling(closest.likelihood(level)), 1) for level in minimax.GUIDE_PROMISES
    )
    with st.expander("Seen higher accuracies elsewhere?"):
        st.markdown(
            f"The guide that inspired this page promises {claims}. It is a good guide, but if each"
            f" segment can flip independently, **no classifier can do that**: the best possible is"
            f" {flips}. A flipped segment often turns one digit's pattern into another's: a 9"
            " without its segment b *is* a 5, and nothing in the pattern tells them apart."
            f"\n\nSuch numbers need milder noise. Of the noises here, **{closest.title.lower()}**"
            f" comes closest: its best possible is {other}."
        )


def show_trade(models: Sequence[SavedModel]) -> None:
    """Shows the trade-off: a network that is better on one noise is worse on another."""
    if not models:
        return
    worst = {model.name: saved_models.worst_shares(model) for model in models}
    compared = models[:MAX_IN_TRADE]
    shares = np.array([[*worst[model.name], min(worst[model.name])] for model in compared])
    noises = [channel.title for channel in minimax.COMPARED]
    st.markdown(
        "No network is best everywhere. A specialist reads *its own* noise as well as theory"
        " allows. But the best answer to a pattern depends on the noise: if segments go missing,"
        " one digit may be the best guess; if extra ones light up, another. A network that must"
        " handle every noise gives something up on each."
    )
    plot(
        trade_figure(shares, [model.name for model in compared], [*noises, "worst of all"]),
        key="trade",
        label="Share of the best possible accuracy that each network reaches on each noise",
        description="; ".join(
            f"{model.name}: "
            + ", ".join(
                f"{noise} {percent(share, 1)}"
                for noise, share in zip([*noises, "worst"], row, strict=True)
            )
            for model, row in zip(compared, shares, strict=True)
        ),
        height=120 + 44 * len(compared),
    )
    if len(compared) < len(models):
        st.caption(f"The figure shows the first {len(compared)} of {len(models)} models.")
    best = max(worst, key=lambda name: min(worst[name]))
    st.markdown(
        f"The best all-rounder is **{best}**: on every noise here, it reaches at least"
        f" {percent(min(worst[best]), 1)} of the best possible accuracy. **No classifier can"
        f" guarantee more than {percent(minimax.best_worst_share(), 1)}**. This limit is exact: an"
        " integer program found it by choosing the best 128 answers."
    )
    st.caption(
        "Each number is exact: the lowest share of the best possible accuracy over the levels 0.02"
        " to 0.30 in steps of 0.02, with all digits equally frequent."
    )
