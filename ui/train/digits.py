"""Ten digits that are read anew after every epoch: what each was, and what it is read as."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.metrics.accuracy import percent
from core.training.history import History
from ui.widgets.prediction import ALMOST_CERTAIN
from ui.wording.articles import article

_WAITING = "Here you will see what the network makes of some examples, and how sure it is."
# Ten in a row, or two rows of five where it is narrow; room for three lines, so that nothing moves.
_STYLE = """
<style>
.digit-lab-readings { container-type: inline-size; margin: 0; font-size: 0.8rem; }
.digit-lab-readings ol { display: grid; grid-template-columns: repeat(10, minmax(0, 1fr));
  gap: 0.4rem; list-style: none; margin: 0; padding: 0; min-height: 8.6rem; }
.digit-lab-readings li { margin: 0; padding: 0; text-align: center; font-size: 0.8rem;
  line-height: 1.25; }
.digit-lab-readings img { height: 3.4rem; max-width: 100%; object-fit: contain; display: block;
  margin: 0 auto 0.2rem; border: 1px solid rgba(128, 128, 128, 0.4); border-radius: 4px;
  image-rendering: pixelated; }
.digit-lab-readings .wrong img { border: 3px dashed var(--st-text-color, currentColor); }
.digit-lab-readings .wrong { font-weight: 600; }
.digit-lab-readings span { display: block; min-height: 5em; }
.digit-lab-readings p { display: grid; place-items: center; min-height: 8.6rem; margin: 0;
  border: 1px dashed rgba(128, 128, 128, 0.5); border-radius: 8px; text-align: center; }
@container (max-width: 520px) {
  .digit-lab-readings ol { grid-template-columns: repeat(5, minmax(0, 1fr)); }
  .digit-lab-readings ol, .digit-lab-readings p { min-height: 17.6rem; }
}
</style>
"""


def reading_in_words(label: str, read: str, confidence: float) -> str:
    """Says what a digit was and what it was read as: "a 3, read as 8, 71 % sure".

    Args:
        label: its true class.
        read: the class that the network finds most likely.
        confidence: its probability, 0..1.
    """
    sure = f"{percent(min(confidence, ALMOST_CERTAIN), 0)} sure"
    parts = [f"{article(label)} ✓", sure]
    if read != label:
        parts = [article(label), f"read as {read}", sure]
    return ", ".join(parts)


def _in_lines(words: str) -> str:
    """Returns a reading as HTML, one part a line, with no line's end before a percent sign."""
    return escape(words).replace(" %", "\u00a0%").replace(", ", ",<br>")


def show_digits(history: History, classes: Sequence[str], things: str = "digits") -> None:
    """Shows the examples as the newest epoch read them, or the place where they will be.

    Args:
        history: the run so far.
        classes: what each output stands for.
        things: what the examples are called. Defaults to "digits".
    """
    samples = history.started.samples if history.started else ()
    epoch = history.epochs[-1] if history.epochs else None
    with st.container(key="samples"):
        if not samples or epoch is None:
            which = f"Ten {things}" if len(classes) == 10 else f"One of the {things} of each class"
            st.markdown(f"**{which}, read after every epoch**")
            st.html(f'{_STYLE}<div class="digit-lab-readings"><p>{_WAITING}</p></div>')
            return
        right = sum(s.label == d for s, (d, _) in zip(samples, epoch.readings, strict=True))
        st.markdown(f"**The {things} after epoch {epoch.epoch}: {right} of {len(samples)} right**")
        items = []
        for sample, (digit, confidence) in zip(samples, epoch.readings, strict=True):
            words = reading_in_words(classes[sample.label], classes[digit], confidence)
            items.append(
                f'<li class="{"right" if sample.label == digit else "wrong"}">'
                f'<img src="data:image/png;base64,{escape(sample.picture)}" alt="">'
                f"<span>{_in_lines(words)}</span></li>"
            )
        st.html(f'{_STYLE}<div class="digit-lab-readings"><ol>{"".join(items)}</ol></div>')
