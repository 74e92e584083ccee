"""Why this answer? Three ways to ask how much each segment counts for a network's answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.errors import DigitLabError
from core.metrics.accuracy import percent
from core.models.saved_model import SavedModel
from core.segments.patterns import SEGMENTS
from core.segments.shapley import (
    AVERAGE_DIGIT,
    BACKGROUNDS,
    Attribution,
    Flip,
    Table,
    background,
    flip_effects,
    shapley_values,
)
from ui.components.plot import plot
from ui.components.segment_gallery import Tile, segment_gallery
from ui.services import saved_models
from ui.session.settings import Setting, one_of
from ui.seven_segment.figures import flip_figure, points, shapley_figure, weights_figure
from ui.wording.articles import article
from ui.wording.backgrounds import background_description, background_title
from ui.wording.phrases import plain

NOTHING = 0.0005  # a smaller change of probability is written as 0.0 percentage points
VIEWS = {
    "shapley": "Shapley values",
    "flip": "One flip",
    "weights": "Weights",
}
_known_view = one_of(tuple(VIEWS))


def _parse_view(text: str) -> str | None:
    return _known_view(text) if text else None


VIEW: Setting[str | None] = Setting(
    "explanation_view", lambda: None, "why", _parse_view, lambda view: view or ""
)
BACKGROUND = Setting(
    "explanation_background",
    lambda: AVERAGE_DIGIT.name,
    "background",
    lambda text: background(text).name,
)
SETTINGS: tuple[Setting[Any], ...] = (VIEW, BACKGROUND)


@dataclass(frozen=True)
class Explanation:
    """The result of one method.

    Args:
        tile: the pattern with its segments coloured.
        legend: what the colours mean.
        figure: the same as bars.
        described: the figure in words, for screen readers.
        sentences: what the figure shows, as Markdown paragraphs.
    """

    tile: Tile
    legend: str
    figure: dict[str, Any]
    described: str
    sentences: Sequence[str]


def show_explanation(model: SavedModel, pattern: str) -> None:
    """Shows the section; computes only the view that is chosen.

    Args:
        model: a seven-segment model.
        pattern: the pattern on the display.
    """
    st.subheader("Why this answer?")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        view = st.segmented_control(
            "Ask the network in one of three ways",
            list(VIEWS),
            format_func=VIEWS.__getitem__,
            **VIEW.widget,
        )
        if view == "shapley":
            st.selectbox(
                "Compared with",
                [known.name for known in BACKGROUNDS],
                format_func=lambda name: background_title(background(name)),
                width=340,
                **BACKGROUND.widget,
            )
    if view is None:
        return
    try:
        found = _EXPLAIN[view](model, pattern)
    except DigitLabError as error:
        st.warning(plain(str(error)), icon=":material/info:")
        return
    display, figure = st.columns([4, 7], gap="large")
    with display:
        segment_gallery(
            [found.tile], key="explained_display", size="large", label="Explained display"
        )
        st.caption(found.legend)
    with figure:
        plot(
            found.figure,
            key="explanation_plot",
            label="How much each segment counts",
            description=found.described,
            height=300,
        )
        for sentence in found.sentences:
            st.markdown(sentence)


def _shapley(model: SavedModel, pattern: str) -> Explanation:
    table = saved_models.segment_answers(model)
    behind = background(BACKGROUND.get())
    digit = _answer(table, pattern)
    found = shapley_values(table, pattern, digit, behind)
    texts = [points(value) for value in found.values]
    return Explanation(
        _tile(pattern, list(found.values), texts, f"What speaks for {article(digit)}"),
        f"**Blue-green with a plus** speaks for {article(digit)}, **orange with a minus** against"
        " it, in percentage points. Lit segments have a thick outline.",
        shapley_figure(found),
        f"Base value {percent(found.base)}, "
        + ", ".join(f"{s} {text}" for s, text in zip(SEGMENTS, texts, strict=True))
        + f", probability of {article(digit)} {percent(found.value)}",
        (
            shapley_sentence(found, pattern),
            equation(found),
            f"The base value is the probability of {article(digit)} for"
            f" {background_title(behind)}. From"
            " there, each segment in turn becomes what it is in this pattern. The *Shapley value*"
            " of a segment is how much its turn changes the probability, averaged over all 5,040"
            " orders. It is computed exactly, from all 128 sets of segments."
            f" {background_description(behind)}",
        ),
    )


def shapley_sentence(found: Attribution, pattern: str) -> str:
    """Says which segment speaks most for the digit, and which most against it."""
    best, worst = int(found.values.argmax()), int(found.values.argmin())
    parts = []
    if found.values[best] > NOTHING:
        parts.append(
            f"{_state(pattern, best)} speaks most **for** {article(found.digit)}"
            f" ({points(found.values[best])} points)"
        )
    if found.values[worst] < -NOTHING:
        parts.append(
            f"{_state(pattern, worst)} speaks most **against** {article(found.digit)}"
            f" ({points(found.values[worst])} points)"
        )
    if not parts:
        return (
            "No segment counts here: the probability is the same for this pattern and for what it"
            " is compared with."
        )
    sentence = "; ".join(parts) + "."
    return sentence[0].upper() + sentence[1:]


def equation(found: Attribution) -> str:
    """Writes how the base value and the seven values add up to the probability."""
    shares = [round(100 * float(value), 2) for value in found.values]
    terms = " ".join(
        f"{'−' if share < 0 else '+'} {abs(share):.2f} ({segment})"
        for segment, share in zip(SEGMENTS, shares, strict=True)
    )
    return (
        f"{100 * found.base:.2f} % (base value) {terms} = **{100 * found.value:.2f} %**,"
        f" the probability of {article(found.digit)}."
    )


def _flips(model: SavedModel, pattern: str) -> Explanation:
    table = saved_models.segment_answers(model)
    digit = _answer(table, pattern)
    flips = flip_effects(table, pattern)
    return Explanation(
        _tile(
            pattern,
            [flip.change for flip in flips],
            [f"→ {flip.digit}" for flip in flips],
            f"What a flip would do to {article(digit)}",
        ),
        "Beside each segment: the answer if only that segment were flipped. **Orange**: the"
        f" network would be less sure of {article(digit)}. **Blue-green**: more sure. Lit segments"
        " have a thick outline.",
        flip_figure(flips, digit),
        "; ".join(
            f"{flip.segment} flipped: read as {flip.digit} ({percent(flip.probability, 1)}),"
            f" {article(digit)} {points(flip.change)} points"
            for flip in flips
        ),
        (flip_sentence(flips, digit),),
    )


def flip_sentence(flips: Sequence[Flip], digit: int) -> str:
    """Says which flips would change the answer, and which would change its probability most."""
    changing = [flip for flip in flips if flip.digit != digit]
    if len(changing) == len(flips):
        first = f"Any flip changes the answer: it is no longer {article(digit)}."
    elif changing:
        listed = ", ".join(
            f"**{flip.segment}** (to {article(flip.digit)}, {percent(flip.probability, 1)})"
            for flip in changing
        )
        first = f"One flip is enough to change the answer: {listed}."
    else:
        first = f"No single flip changes the answer: it stays {article(digit)}."
    worst = min(flips, key=lambda flip: flip.change)
    best = max(flips, key=lambda flip: flip.change)
    if worst.change < -NOTHING:
        first += (
            f" Flipping **{worst.segment}** would lower the probability of {article(digit)} most"
            f" ({points(worst.change)} points)."
        )
    if best.change > NOTHING:
        first += (
            f" Flipping **{best.segment}** would raise the probability of {article(digit)} most"
            f" ({points(best.change)} points)."
        )
    return first


def _weights(model: SavedModel, pattern: str) -> Explanation:
    shares = saved_models.input_importance(model)
    texts = [percent(share, 1) for share in shares]
    most, least = int(shares.argmax()), int(shares.argmin())
    return Explanation(
        _tile(pattern, list(shares), texts, "Weight of each segment"),
        "The **deeper the blue-green**, the larger the segment's share of the weights.",
        weights_figure(shares),
        ", ".join(f"{s}: {text}" for s, text in zip(SEGMENTS, texts, strict=True)),
        (
            f"Segment **{SEGMENTS[most]}** has the largest weights ({texts[most]} of the total,"
            f" ignoring signs) and **{SEGMENTS[least]}** the smallest ({texts[least]}). The dashed"
            f" line marks one seventh, {percent(1 / len(SEGMENTS), 1)}: the share of each segment"
            " if all counted equally.",
            "This is the crudest of the three. It looks only at the network's first layer, not at"
            " what the later layers do with it, and at no particular pattern: click the display"
            " and these numbers stay the same.",
        ),
    )


_EXPLAIN: dict[str, Callable[[SavedModel, str], Explanation]] = {
    "shapley": _shapley,
    "flip": _flips,
    "weights": _weights,
}


def _answer(table: Table, pattern: str) -> int:
    return int(table[int(pattern, 2)].argmax())


def _state(pattern: str, index: int) -> str:
    return f"segment **{SEGMENTS[index]}** ({'lit' if pattern[index] == '1' else 'dark'})"


def _tile(pattern: str, values: Sequence[float], texts: Sequence[str], label: str) -> Tile:
    """Colours the segments; the one that counts most gets the full colour."""
    largest = max(max(map(abs, values)), NOTHING)
    return Tile(
        pattern,
        label,
        values=tuple(float(value) / largest for value in values),
        texts=tuple(texts),
    )
