"""Lesson 1: seven lamps, ten digits, and a network that tells them apart."""

import secrets
from typing import Any

import numpy as np
import streamlit as st

from core.inference.predictor import Prediction
from core.inference.reading import read_pattern
from core.metrics.accuracy import percent
from core.models.saved_model import SavedModel
from core.noise.base import Noise
from core.segments import bayes
from core.segments.channels import channel
from core.segments.patterns import (
    DIGIT_PATTERNS,
    nearest_digits,
    parse_pattern,
    to_inputs,
    to_pattern,
)
from core.tasks.base import get_task
from core.text import listed
from ui.components.segment_display import BLANK, pattern, segment_display, set_pattern
from ui.services import saved_models
from ui.session.settings import Setting, parse_level, restore, share, write_number
from ui.seven_segment.explanation import SETTINGS as EXPLANATION_SETTINGS
from ui.seven_segment.explanation import show_explanation
from ui.widgets.drawn_digit import link_inside
from ui.widgets.noise_picker import choose_noise, level_slider, show_noise_details
from ui.widgets.overview import show_overview
from ui.widgets.pickers import choose_model, start_anew_if_gone
from ui.widgets.prediction import show_prediction, show_probabilities

TASK = get_task("seven-segment")
DISPLAY = "display"


class PatternSetting(Setting[str]):
    """The pattern on the display, which the display itself stores."""

    def get(self) -> str:
        """Returns the pattern shown."""
        return pattern(DISPLAY, self.default_factory())

    def set(self, value: str) -> None:
        """Shows a pattern."""
        set_pattern(DISPLAY, value)


PATTERN = PatternSetting("pattern", lambda: DIGIT_PATTERNS[3], "pattern", parse_pattern)
MODEL = Setting("segment_model", lambda: TASK.default_model, "model")
NOISE = Setting(
    "damage_noise",
    lambda: TASK.noises[0].name,
    "noise",
    lambda name: TASK.noise(name).name,
)
LEVEL = Setting("damage_level", lambda: 0.15, "level", parse_level, write_number)
SETTINGS: tuple[Setting[Any], ...] = (PATTERN, MODEL, NOISE, LEVEL, *EXPLANATION_SETTINGS)


def chosen_noise() -> tuple[Noise, float]:
    """Returns the noise in the damage box and its level, the nearest one that the noise has."""
    noise = TASK.noise(NOISE.get())
    return noise, noise.nearest_level(LEVEL.get())


def damage() -> None:
    """Applies the chosen noise to the pattern shown."""
    noise, level = chosen_noise()
    shown = to_inputs(PATTERN.get())
    noisy = noise.apply(shown, level=level, random_state=secrets.randbits(31))
    PATTERN.set(to_pattern(noisy[0]))


@st.fragment
def render(model: SavedModel) -> None:
    start_anew_if_gone(model)
    left, right = st.columns([5, 6], gap="large")
    with left:
        digits = {str(digit): segments for digit, segments in enumerate(DIGIT_PATTERNS)}
        shown = segment_display(key=DISPLAY, digits=digits, default=DIGIT_PATTERNS[3])
    with right:
        prediction = read_pattern(saved_models.predictor(model), shown)
        show_prediction(prediction, TASK.classes)
        show_beside_exact(prediction, shown)
        show_nearest(shown)
        link_inside({"model": model.name, "pattern": shown})
    with left:
        show_damage()
    show_explanation(model, shown)
    share(SETTINGS)


def show_beside_exact(prediction: Prediction, shown: str) -> None:
    """Shows the network's probabilities beside the exact ones for the chosen noise."""
    noise, level = chosen_noise()
    likelihood = channel(noise.name).likelihood(level)
    row = bayes.posterior(likelihood)[int(shown, 2)]
    under = f"“{noise.title}” at level {level:g}"
    show_probabilities(
        prediction,
        TASK.classes,
        key="segment_probabilities",
        exact=row,
        exact_for=f" for {under}",
    )
    if np.isnan(row).any():
        st.caption(
            f"No digit can turn into this pattern under {under}, so there is no exact answer to"
            " compare with. The network gives an answer anyway."
        )
        return
    best = np.flatnonzero(bayes.best_rule(likelihood)[int(shown, 2)])
    answers = " or ".join(f"**{digit}**" for digit in best)
    st.caption(
        f"Diamonds: the exact probabilities by *Bayes' rule*, under {under} and with all digits"
        f" equally likely. The best possible answer is {answers} ({percent(row[best[0]], 1)})."
        " Choose another fault below the display to see the diamonds move."
    )


def show_nearest(shown: str) -> None:
    if shown == BLANK:
        st.markdown(
            "**No segment is lit**, so there is no digit to read. The network answers all the same:"
            " it was never taught to say “nothing”."
        )
        return
    distance, digits = nearest_digits(shown)
    names = listed([f"**{digit}**" for digit in digits])
    if distance == 0:
        st.markdown(f"This is exactly the pattern of {names}.")
    else:
        segments = "1 segment" if distance == 1 else f"{distance} segments"
        nearest = "The nearest digit is" if len(digits) == 1 else "The nearest digits are"
        st.markdown(
            f"{nearest} {names}, {segments} away. The number of segments that differ is called the"
            " *Hamming distance*."
        )


def show_damage() -> None:
    with st.container(border=True):
        kind, button = st.columns([3, 2], vertical_alignment="bottom")
        with kind:
            noise = choose_noise(NOISE, TASK, LEVEL, label="Fault")
        button.button("Damage it", on_click=damage, width="stretch")
        st.caption(noise.description)
        show_noise_details(NOISE, noise)
        level_slider(noise, LEVEL, label="Fault level")


show_overview()
st.header("Seven segments, ten digits")
st.markdown(
    "Click the segments, or press a digit below them. A small **neural network** looks at the"
    " seven lamps and says which digit it sees and how sure it is. It learned from digits with"
    " faulty lamps. Damage the display and see how long its answer holds."
)
restore("seven_segment", SETTINGS)
chosen = choose_model(MODEL, TASK)
if chosen:
    render(chosen)
