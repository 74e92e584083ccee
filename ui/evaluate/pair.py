"""The part of the Evaluate page that compares the network with a second one."""

from __future__ import annotations

import streamlit as st

from core.evaluation.mcnemar import disagreements
from core.metrics.accuracy import percent
from core.metrics.paired import PairedAnswers
from core.models.saved_model import SavedModel
from ui.evaluate.gallery import Album, show_examples
from ui.session.settings import Setting, one_of
from ui.wording.mcnemar import p_words, verdict
from ui.wording.measured import measured_on

GROUPS = {
    "first": "Only the first is right",
    "second": "Only the second is right",
    "none": "Both are wrong",
}
GROUP = Setting("evaluate_group", lambda: "first", "group", one_of(list(GROUPS)))


def show_pair(album: Album, first: SavedModel, second: SavedModel, *, key: str) -> None:
    """Shows the examples that only one gets right, and McNemar's test in words.

    Args:
        album: the examples with both networks' answers, the first one's first.
        first: the page's network.
        second: the other one.
        key: unique for this pair; with another key, the gallery starts afresh.
    """
    one, other = album.evaluations.values()
    pair = PairedAnswers.of(one, other)
    names = (f"“{first.name}”", f"“{second.name}”")
    st.table(pair_table(pair, *names), hide_index=True)
    st.markdown(verdict(pair, *names))
    st.caption(
        f"{percent(one.accuracy.value)} against {percent(other.accuracy.value)}, both"
        f" {measured_on(one.accuracy)}."
        + ("" if pair.exhaustive else f" McNemar's test, exact: p {p_words(pair.p_value)}.")
    )
    with st.expander("Why not simply compare the two accuracies?"):
        st.markdown(
            "Both networks read the same examples, and most of these are easy for both. The easy"
            " ones do not show which network is better. McNemar's test (1947) uses only the"
            " examples on which exactly one of the two is right, and asks how often a fair coin"
            " would split them this unevenly. If that is rarer than 5 in 100, the difference is"
            " called significant. The test can find a difference that the wide intervals of the two"
            " accuracies would hide."
        )
    places = dict(zip(GROUPS, disagreements(one, other), strict=True))
    st.segmented_control(
        "Which examples?",
        list(GROUPS),
        format_func=lambda group: f"{GROUPS[group]} ({len(places[group]):,})",
        required=True,
        **GROUP.widget,
    )
    group = GROUP.get()
    show_examples(album, places[group], key=f"{key}_pair_{group}", label=GROUPS[group])
    st.caption(
        f"Below each one: its label, then the answers of {names[0]} (A) and {names[1]} (B) with"
        " their confidence. Most confident mistakes first."
    )


def pair_table(pair: PairedAnswers, first: str, second: str) -> dict[str, list[str]]:
    """Returns the four counts as a table's columns."""
    return {
        "": [f"{first} right", f"{first} wrong"],
        f"{second} right": [f"{pair.both:,}", f"**{pair.only_second:,}**"],
        f"{second} wrong": [f"**{pair.only_first:,}**", f"{pair.neither:,}"],
    }
