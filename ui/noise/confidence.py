"""Whether the networks' confidence falls with their accuracy, at one level of a noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.evaluation.robustness import NoisePoint
from core.metrics.accuracy import percent
from ui.noise.readings import at
from ui.noise.theory import confidence_verdict
from ui.wording.phrases import plain


def show_confidence(
    points: Mapping[str, Sequence[NoisePoint]], level: float, *, level_text: str, data: str
) -> None:
    """Shows each network's average confidence beside its accuracy, and what that means.

    Args:
        points: by network, what has been measured so far.
        level: the level.
        level_text: the level as people read it.
        data: the examples, in words.
    """
    here = {name: point for name, measured in points.items() if (point := at(measured, level))}
    if not here:
        st.info("Nothing has been measured at this level yet.", icon=":material/hourglass_empty:")
        return
    st.markdown(
        "If you can trust a network, its **average confidence** is about as high as its"
        " **accuracy**."
    )
    st.table(
        {
            f"at level {level_text}": [plain(name) for name in here],
            "accuracy": [percent(point.accuracy.value, 1) for point in here.values()],
            "95 % interval": [
                " to ".join(percent(end, 1) for end in point.accuracy.interval)
                for point in here.values()
            ],
            "average confidence": [percent(point.confidence, 1) for point in here.values()],
            "would refuse": [percent(point.refused_share, 1) for point in here.values()],
        },
        hide_index=True,
    )
    verdicts = [words for name, point in here.items() if (words := confidence_verdict(name, point))]
    if verdicts:
        st.markdown("\n".join(f"- {words}" for words in verdicts))
    else:
        st.markdown("At this level, no network is far too sure or far too careful.")
    st.caption(
        f"Measured on {data}. A network would refuse an answer whose confidence is below its"
        " threshold; that was set on validation data."
    )
