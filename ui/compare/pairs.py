"""Whether the lead of the best model is luck: McNemar's test against each other one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.evaluation.model_comparison import Compared, Leader, compare, pair_tests
from core.metrics.paired import SIGNIFICANT
from ui.wording.mcnemar import details, p_words


def pair_columns(leader: Leader) -> Mapping[str, list[str]]:
    """Returns the tests of the best model against each other one, as a table's columns."""
    best = leader.best.name
    tests = leader.tests
    return {
        "Compared with": list(tests),
        f"Only {best} is right": [f"{test.pair.only_first:,}" for test in tests.values()],
        "Only the other is right": [f"{test.pair.only_second:,}" for test in tests.values()],
        "p": [p_words(test.p_value).removeprefix("= ") for test in tests.values()],
        "Is the lead luck?": [
            "tie" if test.pair.ahead is None else "hardly" if test.is_decided else "may be"
            for test in tests.values()
        ],
    }


def show_pair_tests(models: Sequence[Compared]) -> None:
    """Shows the tests of the models that are compared; nothing where no answers are known.

    Args:
        models: those that are compared, in the order of the table.
    """
    leader = best_of(models)
    if leader is None or not leader.tests:
        return
    with st.expander("Is the lead luck? (McNemar's test)", icon=":material/casino:"):
        st.table(dict(pair_columns(leader)), hide_index=True)
        first = next(iter(leader.tests.values()))
        if first.pairs == 1:
            st.caption(details(first.pair))
            return
        st.caption(
            f"All models read the same {first.pair.total:,} examples. If two of them were equally"
            " good, each example on which only one is right would be a coin toss; *p* is how often"
            " tosses would split at least as unevenly (*McNemar's test*, exact). Among"
            f" {first.pairs} pairs of models, some small *p* would come up by luck alone, so all"
            f" are raised by *Holm's method*. Below {SIGNIFICANT:g}, we say “hardly luck”."
        )


def best_of(models: Sequence[Compared]) -> Leader | None:
    """Returns the most accurate of the models with its tests; None for fewer than two."""
    found = compare(models)
    if found is None:
        return None
    if found.most_accurate is not None:
        return found.most_accurate
    assert found.duel is not None  # where it is the whole comparison
    two = {one.name: one for one in (found.duel.one, found.duel.other)}
    accuracies = {name: one.accuracy for name, one in two.items() if one.accuracy is not None}
    return Leader.of(two, accuracies, pair_tests(list(two.values())))
