"""What theory adds to the Noise page: baselines, confusions, the promise, and the trade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.evaluation.robustness import NoisePoint
from core.metrics.accuracy import percent
from core.models.saved_model import SavedModel
from core.noise.base import Noise
from core.segments import bayes, minimax
from core.segments.channels import BIT_FLIP
from core.tasks.base import Task
from ui.components.plot import plot
from ui.noise.figures import Line, rates_figure, trade_figure
from ui.services import saved_models
from ui.session.settings import Setting
from ui.widgets.number_table import Rows, number_table
from ui.wording.phrases import worst_pair

MAX_WEIGHT = 99
MAX_IN_TRADE = 12
MANY_REFUSED = 0.3  # of the examples, or of the refused ones that were classified correctly
FEW_WRONG = 0.1  # of the answers that were not refused
TOO_SURE = 0.1  # confidence above accuracy
EVEN = (1,) * len(bayes.UNIFORM)


def parse_weights(text: str) -> tuple[int, ...]:
    """Reads how frequent the digits are out of a URL: ten whole weights."""
    parts = text.split(",")
    if not all(part.isascii() and part.isdecimal() and int(part) <= MAX_WEIGHT for part in parts):
        raise ValueError(f"Expected ten whole numbers from 0 to {MAX_WEIGHT}.")
    weights = tuple(int(part) for part in parts)
    bayes.prior_of(list(weights))
    return weights


def write_weights(weights: tuple[int, ...]) -> str:
    """Writes how frequent the digits are into a URL."""
    return ",".join(map(str, weights))


def choose_prior(setting: Setting[tuple[int, ...]]) -> None:
    """Shows how frequent each digit is, to be changed."""

    def take(rows: Rows) -> None:
        setting.set(rows[0] if any(rows[0]) else EVEN)

    even = len(set(setting.get())) == 1
    words = "all equally often" if even else "not equally often"
    with st.expander(f"How often does each digit come up? Now: {words} (the *prior*)"):
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
            "A digit with weight 2 comes up twice as often as one with weight 1, and the best"
            " answer to a doubtful pattern then leans towards it. Networks are not told."
        )
        st.button("All equally often", disabled=even, on_click=setting.set, args=(EVEN,))


@dataclass(frozen=True)
class Study:
    """What theory says of networks on one noise; every number is exact.

    Args:
        likelihoods: of each level of the noise.
        rules: by network, what it answers to each pattern.
        networks: by network, its accuracy at each level.
        baselines: the curves that no network made, the ceiling first.
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
        """Returns which digit is taken for which at a level, by the best rule and each network."""
        likelihood = self.likelihoods[index]
        best = bayes.best_rule(likelihood, self.prior)
        named = {"best possible, exact": best}
        named |= {f"{name}, exact": rule for name, rule in self.rules.items()}
        return {name: bayes.confusion(rule, likelihood) for name, rule in named.items()}


def study_of(
    task: Task, noise: Noise, models: Sequence[SavedModel], weights: tuple[int, ...]
) -> Study | None:
    """Returns what theory says, or None where it says nothing: of pictures, for instance.

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
    """Returns what each network answers to each pattern."""
    return {model.name: bayes.rule_of(saved_models.segment_answers(model)) for model in models}


def confidence_verdict(name: str, point: NoisePoint) -> str:
    """Says whether a network notices what the noise does to it; nothing where that is no question.

    Args:
        name: of the network.
        point: what was measured at one level.
    """
    right, sure = point.accuracy.value, point.confidence
    if point.refused_share >= MANY_REFUSED:
        words = (
            f"**{name}** would refuse {percent(point.refused_share, 0)} of these as no digit that"
            f" it knows: its confidence fell to {percent(sure, 0)} on average."
        )
        if point.accepted_wrong_share <= FEW_WRONG:
            words += " It **knows that it does not know**."
        else:
            words += (
                f" Of what it still dares to read, {percent(point.accepted_wrong_share, 0)} is"
                " wrong all the same."
            )
        if point.refused_right / point.refused >= MANY_REFUSED:
            words += (
                f" It is too careful as well: {percent(point.refused_right / point.refused, 0)} of"
                " the answers that it keeps to itself would have been right."
            )
        return words
    if sure - right >= TOO_SURE:
        return (
            f"**{name}** is {percent(sure, 0)} sure on average, but right only {percent(right, 0)}"
            " of the time (it is *overconfident*): it **does not know that it does not know**."
        )
    return ""


def show_confusions(matrices: Mapping[str, NDArray[np.float64]], classes: Sequence[str]) -> None:
    """Shows which class is taken for which, two heat maps side by side.

    Args:
        matrices: float64, shape (classes, classes) each, rows of shares, by title.
        classes: their names.
    """
    st.subheader("Which digits are taken for which?")
    # Row by row: on a phone the columns of a row stand below each other.
    columns = (column for _ in range(0, len(matrices), 2) for column in st.columns(2))
    for index, (column, title) in enumerate(zip(columns, matrices, strict=False)):
        with column:
            matrix = matrices[title]
            sentence = worst_pair(matrix, classes)
            plot(
                rates_figure(matrix, classes, title=title),
                key=f"confusion_{index}",
                label=f"Which digits are taken for which: {title}",
                description=sentence.replace("*", ""),
                height=420,
            )
            st.markdown(sentence)
    st.caption(
        "A *confusion matrix*: each row is a digit, in per cent of its examples; the diagonal holds"
        " what was read correctly. A row sums to 100; an empty field is below half a per cent."
    )


def show_promise() -> None:
    """Says kindly why a promise that people may have read cannot be kept."""
    closest = minimax.closest_channel()
    promised = minimax.GUIDE_PROMISES.items()
    told = " and ".join(f"{percent(share, 1)} at level {level:.2f}" for level, share in promised)
    flips = " and ".join(
        percent(bayes.ceiling(BIT_FLIP.likelihood(level)), 1) for level in minimax.GUIDE_PROMISES
    )
    other = " and ".join(
        percent(bayes.ceiling(closest.likelihood(level)), 1) for level in minimax.GUIDE_PROMISES
    )
    with st.expander("Seen higher accuracies elsewhere?"):
        st.markdown(
            f"The guide that inspired this page promises {told}. It is a good guide, but if every"
            f" segment flips on its own, **no classifier can do that**: the best possible is"
            f" {flips}. A flipped segment often turns one digit's pattern into another's, a 9"
            " without its segment b *is* a 5, and then there is nothing left to learn from."
            f"\\n\\nSuch numbers need a kinder noise. Of those here, **{closest.title.lower()}**"
            f" comes closest: {other} are possible there."
        )


def show_trade(models: Sequence[SavedModel]) -> None:
    """Shows that what makes a network better on one noise makes it worse on another."""
    if not models:
        return
    worst = {model.name: saved_models.worst_shares(model) for model in models}
    compared = models[:MAX_IN_TRADE]
    shares = np.array([[*worst[model.name], min(worst[model.name])] for model in compared])
    noises = [channel.title for channel in minimax.COMPARED]
    st.subheader("No network is the best everywhere")
    st.markdown(
        "A specialist reads *its* noise as well as theory allows. But a pattern can ask for one"
        " answer under one noise and for another under the next: a segment too few in one world is"
        " a segment too many in the other. Whoever must be ready for all of them gives something"
        " up everywhere."
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
        st.caption(f"The first {len(compared)} of your {len(models)} models are drawn.")
    best = max(worst, key=lambda name: min(worst[name]))
    st.markdown(
        f"The most even is **{best}**: wherever it is tested, it reaches at least"
        f" {percent(min(worst[best]), 1)} of what is possible. **No classifier at all can"
        f" promise more than {percent(minimax.best_worst_share(), 1)}**; that was found exactly, by"
        " an integer program over the 128 answers that a classifier has to choose."
    )
    st.caption(
        "Each number is exact: the smallest share of the ceiling over the levels 0.02 to 0.30, by"
        " steps of 0.02; all digits equally often."
    )
