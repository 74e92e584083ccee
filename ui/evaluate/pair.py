"""The part of the Evaluate page that sets a second network beside the first."""

from __future__ import annotations

import streamlit as st

from core.evaluation.mcnemar import PairedAnswers, disagreements
from core.metrics.accuracy import percent
from core.models.saved_model import SavedModel
from ui.evaluate.gallery import Album, show_examples
from ui.session.settings import Setting, one_of

GROUPS = {
    "first": "Only the first is right",
    "second": "Only the second is right",
    "none": "Both are wrong",
}
GROUP = Setting("evaluate_group", lambda: "first", "group", one_of(list(GROUPS)))


def show_pair(album: Album, first: SavedModel, second: SavedModel, *, key: str) -> None:
    """Shows what one gets right and the other wrong, and McNemar's test in words.

    Args:
        album: the examples with both networks' answers, the first one's first.
        first: the network above.
        second: the other.
        key: of what is shown: another pair begins anew.
    """
    one, other = album.evaluations.values()
    pair = PairedAnswers.of(one, other)
    names = (f"“{first.name}”", f"“{second.name}”")
    st.table(pair_table(pair, *names), hide_index=True)
    st.markdown(pair.verdict(*names))
    st.caption(
        f"{percent(one.accuracy.value)} against {percent(other.accuracy.value)}, on the same"
        f" {pair.total:,} examples: {one.data}."
        + ("" if pair.exhaustive else f" McNemar's test, exact: p {p_words(pair.p_value)}.")
    )
    with st.expander("Why not simply compare the two accuracies?"):
        st.markdown(
            "Both read the same examples, and most of them are easy for both: these say nothing"
            " about which is better. McNemar's test (1947) looks at the others only, those on which"
            " exactly one of the two is right, and asks whether a fair coin would have divided them"
            " so unevenly. Where that is rarer than 5 in 100, it is called significant. This way a"
            " difference is found that would drown in the two accuracies' intervals."
        )
    places = dict(zip(GROUPS, disagreements(one, other), strict=True))
    st.segmented_control(
        "Which of them?",
        list(GROUPS),
        format_func=lambda group: f"{GROUPS[group]} ({len(places[group]):,})",
        required=True,
        **GROUP.widget,
    )
    group = GROUP.get()
    show_examples(album, places[group], key=f"{key}_pair_{group}", label=GROUPS[group])
    st.caption(
        f"Under each: its label; A: the answer of {names[0]}; B: the answer of {names[1]}, with the"
        " confidence of each. Most confident mistakes first."
    )


def pair_table(pair: PairedAnswers, first: str, second: str) -> dict[str, list[str]]:
    """Returns the four counts as a table's columns."""
    return {
        "": [f"{first} right", f"{first} wrong"],
        f"{second} right": [f"{pair.both:,}", f"**{pair.only_second:,}**"],
        f"{second} wrong": [f"**{pair.only_first:,}**", f"{pair.neither:,}"],
    }


def p_words(p: float) -> str:
    """Writes a p-value, and a very small one as what it is below."""
    return f"= {p:.3f}" if p >= 0.001 else "< 0.001"
