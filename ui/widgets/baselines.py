"""Simple methods set beside a network: the question, the wait, and the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.baselines.judging import MeasuredBaselines, against
from core.metrics.accuracy import percent
from core.metrics.paired import SIGNIFICANT
from ui.session.settings import Setting
from ui.widgets.job_progress import WAITING, Retry, follow_jobs, offer_retry
from ui.wording.baselines import (
    ASK,
    WHY,
    Beside,
    against_words,
    interval,
    learned_words,
    milliseconds_words,
    rows,
    seconds_words,
    verdict,
)
from ui.wording.duration import duration
from ui.wording.measured import measured_on

if TYPE_CHECKING:
    from core.workers.job import Job

_COLUMNS = ("Accuracy", "95 % interval", "Training", "One answer", "Keeps")
_STYLE = """
<style>
.digit-lab-methods { width: 100%; border-collapse: collapse; font-size: 0.9rem; }
.digit-lab-methods caption { position: absolute; clip-path: inset(50%); width: 1px; }
.digit-lab-methods :is(th, td) { border: 0; padding: 0.2rem 0.6rem 0.2rem 0; text-align: left;
  font-weight: 400; font-variant-numeric: tabular-nums; vertical-align: baseline; }
.digit-lab-methods thead th { font-size: 0.8rem; opacity: 0.8; }
.digit-lab-methods tbody { border-top: 1px solid rgba(128, 128, 128, 0.35); }
.digit-lab-methods tbody :is(th, .share) { font-weight: 600; }
.digit-lab-methods .said td { padding-top: 0; padding-bottom: 0.4rem; opacity: 0.85; }
@media (min-width: 641px) { .digit-lab-methods .numbers > * { white-space: nowrap; } }
@media (max-width: 640px) {
  .digit-lab-methods thead { position: absolute; clip-path: inset(50%); }
  .digit-lab-methods, .digit-lab-methods tbody { display: block; }
  .digit-lab-methods tbody { padding: 0.4rem 0; }
  .digit-lab-methods .numbers { display: grid; grid-template-columns: repeat(3, 1fr); }
  .digit-lab-methods .numbers th { grid-column: 1 / -1; }
  .digit-lab-methods .numbers td::before { content: attr(data-title); display: block;
    font-size: 0.75rem; font-weight: 400; opacity: 0.8; }
  .digit-lab-methods .said, .digit-lab-methods .said td { display: block; }
}
</style>
"""


def offer(setting: Setting[bool], *, key: str) -> None:
    """Asks the question, with a button that answers it: nothing is trained before.

    Args:
        setting: whether simple methods are shown on this page.
        key: of the button, unique on the page.
    """
    st.subheader(ASK)
    if setting.get():
        return
    st.markdown(WHY)
    st.button(
        "Train four simple methods",
        icon=":material/balance:",
        key=key,
        help="Takes a few seconds. All are judged on the same examples as the network.",
        on_click=setting.set,
        args=(True,),
    )


def wait_for(
    methods: Retry, *others: Retry, key: str, show: Callable[[], object] = lambda: None
) -> bool:
    """Shows how far the simple methods are, or what went wrong.

    Args:
        methods: the job that trains and judges them.
        others: what else is needed.
        key: of the button that tries again, unique on the page.
        show: draws what else may have changed meanwhile. Defaults to nothing.

    Returns:
        Whether all that is needed is there.
    """
    needed = (methods, *others)
    if offer_retry(needed, key=key):
        return False

    def progress() -> None:
        st.progress(methods.job.progress.share, progress_words(methods.job))
        show()

    return not follow_jobs([retry.job for retry in needed], progress, until_failure=True)


def progress_words(job: Job[Any]) -> str:
    """Says what the job of the simple methods does."""
    if job.state == "waiting":
        return WAITING
    progress = job.progress
    if job.state == "finished":
        return "The network is answering the test examples …"
    if not progress.total:
        return f"Training: {progress.note.lower()} …" if progress.note else "Opening the data …"
    left = progress.seconds_left
    time = "" if left is None else f", about {duration(left)} left"
    return f"{progress.note}: answering the test examples …{time}"


def show_part(
    network: Beside,
    right: NDArray[np.bool_],
    found: MeasuredBaselines,
    place: int,
    *,
    classes: Sequence[str],
    explained: bool = True,
) -> None:
    """Sets simple methods beside a network on one test part.

    Args:
        network: the network's row.
        right: bool, shape (n,), which of the part's examples it classified correctly.
        found: the simple methods.
        place: of the part in the data set.
        classes: names of the task's classes.
        explained: whether the methods are explained below. Defaults to True.
    """
    parts = [each.parts[place] for each in found.each]
    tests = against(right, parts)
    others = rows(found, [part.accuracy for part in parts], tests, classes)
    measured = measured_on(network.accuracy)
    show_methods(network, others, found, classes=classes, measured=measured, explained=explained)


def show_methods(
    network: Beside,
    others: Sequence[Beside],
    found: MeasuredBaselines,
    *,
    classes: Sequence[str],
    measured: str,
    explained: bool = True,
) -> None:
    """Shows whether a network is needed, and the numbers that say so.

    Args:
        network: the network's row.
        others: the simple methods'.
        found: the simple methods.
        classes: names of the task's classes.
        measured: on what all were judged, such as "on 10,000 test digits of MNIST".
        explained: whether the methods are explained below. Defaults to True.
    """
    st.markdown(verdict(network, others))
    st.html(methods_table(network, others, measured=measured))
    if not explained:
        return
    st.caption(f"All judged {measured}. {learned_words(found, classes)}")
    with st.expander("What are these methods, and how are they compared?"):
        for other in others:
            st.markdown(f"**{other.name}.** {other.about}")
        st.markdown(_how(others))


def _how(others: Sequence[Beside]) -> str:
    words = (
        "“Training” is the time on the computer that did it; “One answer” is the time for a single"
        " example, and “Keeps” what has to be stored for it. Nearest neighbours hardly train, but"
        " search all that they keep at every answer. "
    )
    tests = [other.test for other in others if other.test is not None]
    if not tests:
        return f"{words}The accuracies are exact, so every difference is real."
    if all(test.pair.exhaustive for test in tests):
        return f"{words}All examples that exist were read, so every difference is real."
    return (
        f"{words}If the network and a method were equally good, each example on which only one of"
        " them is right would be a coin toss. *p* is how often tosses would split at least as"
        f" unevenly (*McNemar's test*, exact; raised by *Holm's method*, as there are"
        f" {tests[0].pairs} comparisons). Below {SIGNIFICANT:g}, we say “hardly luck”."
    )


def methods_table(network: Beside, others: Sequence[Beside], *, measured: str) -> str:
    """Returns the rows as an HTML table, which a screen reader announces with its caption."""
    head = "".join(
        f'<th scope="col" role="columnheader">{escape(title)}</th>'
        for title in ("Method", *_COLUMNS)
    )
    bodies = _body(network, "") + "".join(
        _body(other, against_words(network, other)) for other in others
    )
    caption = f"The network and four simple methods, judged {measured}"
    return (
        f'{_STYLE}<table class="digit-lab-methods" role="table"><caption>{escape(caption)}'
        f'</caption><thead role="rowgroup"><tr role="row">{head}</tr></thead>{bodies}</table>'
    )


def _body(row: Beside, said: str) -> str:
    values = (
        percent(row.accuracy.value),
        interval(row.accuracy),
        seconds_words(row.seconds),
        milliseconds_words(row.milliseconds),
        row.stored,
    )
    cells = "".join(
        f'<td role="cell" data-title="{escape(title)}"{" class=share" * (not place)}>'
        f"{escape(value)}</td>"
        for place, (title, value) in enumerate(zip(_COLUMNS, values, strict=True))
    )
    numbers = (
        f'<tr class="numbers" role="row"><th scope="row" role="rowheader">{escape(row.name)}</th>'
        f"{cells}</tr>"
    )
    if said:
        numbers += (
            f'<tr class="said" role="row"><td role="cell" colspan="{1 + len(_COLUMNS)}">'
            f"{escape(said)}</td></tr>"
        )
    return f'<tbody role="rowgroup">{numbers}</tbody>'
