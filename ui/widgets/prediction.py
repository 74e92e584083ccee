"""A network's answer, as every page shows it: digit, confidence, probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.inference.predictor import Prediction
from core.metrics.accuracy import percent
from ui.components.plot import plot

if TYPE_CHECKING:
    from core.inference.number import Number

ALMOST_CERTAIN = 0.99999
# A multiple of the chance of a blind guess. Below it, no class is clearly the closest.
CLOSE = 1.5
SHORT = 3  # characters of an answer that is shown as large as a digit

_STYLE = """
<style>
.digit-lab-answer { font-size: 6rem; line-height: 1; font-weight: 700;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.digit-lab-answer:has(> small) { line-height: 1.1; overflow-wrap: normal; }
.digit-lab-answer > small { font-size: 2.4rem; }
.digit-lab-confidence { font-size: 1.1rem; margin-top: 0.4rem; }
</style>
"""


def show_prediction(prediction: Prediction, classes: Sequence[str]) -> None:
    """Shows the answer in large type, with its confidence.

    Args:
        prediction: the answer.
        classes: what each output stands for.
    """
    confidence = confidence_words(prediction.confidence)
    answer = escape(classes[prediction.digit])
    if prediction.recognised:
        _show(
            answer if len(answer) <= SHORT else f"<small>{answer}</small>",
            f"The network reads {answer}, confidence {confidence}",
            f"{confidence} confident",
        )
    else:
        words = f"This does not look like {what_is_read(classes)}."
        if prediction.confidence > CLOSE / len(classes):
            words += (
                f" Closest: {answer}, {confidence} confident. Below"
                f" {confidence_words(prediction.threshold)}, the network gives no answer."
            )
        _show("?", words, words)


def what_is_read(classes: Sequence[str]) -> str:
    """Returns what a network reads, for the end of a sentence."""
    if all(map(str.isdigit, classes)):
        return "a digit"
    return "a digit or one of your signs" if _has_signs(classes) else "any of the classes"


def _has_signs(classes: Sequence[str]) -> bool:
    return "sign A" in classes


def _nouns(classes: Sequence[str]) -> tuple[str, str]:
    """Returns what one class is called, and all of them."""
    if _has_signs(classes):
        return "digit or sign", "digit and sign"
    noun = "digit" if all(map(str.isdigit, classes)) else "class"
    return noun, noun


def show_number_prediction(number: Number) -> None:
    """Shows a number in large type, with the confidence that all of its digits are right.

    A part that does not look like a digit is a question mark, like a single drawing.
    """
    known = [read.prediction.recognised for read in number.digits]
    text = "".join(digit if sure else "?" for digit, sure in zip(number.text, known, strict=True))
    doubtful = known.count(False)
    if doubtful == len(known):
        words = "This does not look like a number."
        _show(text, words, words)
        return
    if doubtful:
        parts = "One part does" if doubtful == 1 else f"{doubtful} parts do"
        words = f"{parts} not look like a digit."
    else:
        words = f"{confidence_words(number.confidence)} confident that all digits are right"
    _show(text, f"The network reads {text}. {words}", words)


def _show(answer: str, label: str, words: str) -> None:
    with st.container(key="prediction"):
        st.html(
            f'{_STYLE}<div role="status" aria-label="{label}">'
            f'<div class="digit-lab-answer">{answer}</div>'
            f'<div class="digit-lab-confidence">{words}</div></div>'
        )


def confidence_words(share: float) -> str:
    """Formats a confidence; one that is rounded to 1 is still not certainty."""
    return percent(min(share, ALMOST_CERTAIN), 1)


def show_probabilities(
    prediction: Prediction,
    classes: Sequence[str],
    *,
    key: str,
    exact: NDArray[np.float64] | None = None,
    exact_for: str = "",
) -> None:
    """Shows the probability of every class as bars.

    Args:
        prediction: the answer.
        classes: what each output stands for.
        key: of the plot, unique on the page.
        exact: the probabilities from theory, float64 of shape (classes,), shown as marks beside
            the network's; NaN where there are none. Defaults to none.
        exact_for: the fault that they are for, shown where one points at a mark.
    """
    plot(
        probabilities_figure(prediction, classes, exact, exact_for),
        key=key,
        label=f"Probability of each {_nouns(classes)[1]}",
        description=probabilities_in_words(prediction, classes, exact),
        height=240 if exact is None else 270,
    )


def probabilities_in_words(
    prediction: Prediction, classes: Sequence[str], exact: NDArray[np.float64] | None = None
) -> str:
    """Returns what the figure shows, for screen readers."""
    networks = [
        f"{name}: {percent(float(p), 1)}"
        for name, p in zip(classes, prediction.probabilities, strict=True)
    ]
    if exact is None or np.isnan(exact).any():
        return ", ".join(networks)
    return ", ".join(
        f"{words}, exactly {percent(float(p), 1)}" for words, p in zip(networks, exact, strict=True)
    )


def show_no_prediction(sentence: str) -> None:
    """Says why there is no answer, where the answer would be."""
    with st.container(key="prediction"):
        st.info(sentence, icon=":material/draw:")


def probabilities_figure(
    prediction: Prediction,
    classes: Sequence[str],
    exact: NDArray[np.float64] | None = None,
    exact_for: str = "",
) -> dict[str, Any]:
    """Returns a bar for each class, the answer's in the accent colour, and marks for `exact`."""
    signs = _has_signs(classes)
    noun, both = _nouns(classes)
    strong, weak = "var(--st-primary-color)", "var(--st-border-color)"
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": "network",
            "x": list(classes),
            "y": [round(100 * float(p), 3) for p in prediction.probabilities],
            "marker": {
                "color": [strong if n == prediction.digit else weak for n in range(len(classes))]
            },
            "hovertemplate": f"{'digit ' * (noun == 'digit')}%{{x}}: %{{y:.2f}} %<extra></extra>",
        }
    ]
    layout: dict[str, Any] = {
        "title": {"text": f"How probable is each {both}?"},
        "xaxis": {
            "type": "category",
            "title": {"text": noun},
            "fixedrange": True,
        },
        "yaxis": {"range": [0, 100], "title": {"text": "probability (%)"}, "fixedrange": True},
    }
    if signs:  # in full, their names would be too wide
        short = [name.removeprefix("sign ") for name in classes]
        layout["xaxis"] |= {"tickvals": list(classes), "ticktext": short}
    if exact is not None:
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": "exact (Bayes)",
                "x": list(classes),
                "y": [round(100 * float(p), 3) for p in exact],
                "marker": {
                    "symbol": "diamond",
                    "size": 9,
                    "color": "var(--st-text-color)",
                    "line": {"color": "var(--st-background-color)", "width": 1},
                },
                "cliponaxis": False,
                "hovertemplate": f"digit %{{x}}, exact{exact_for}: %{{y:.2f}} %<extra></extra>",
            }
        )
        layout |= {"showlegend": True, "margin": {"t": 64}}
    return {"data": traces, "layout": layout}
