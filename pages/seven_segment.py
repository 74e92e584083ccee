"""Lesson 1: seven lamps, ten digits, and a network that tells them apart."""

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
from core.segments.patterns import DIGIT_PATTERNS, nearest_digits, parse_pattern
from core.tasks.base import get_task
from core.text import listed
from ui.components.segment_display import BLANK, pattern, segment_display, set_pattern
from ui.services import saved_models
from ui.session.settings import Setting, one_of, parse_level, restore, share, write_number
from ui.seven_segment.damage_box import show_damage_box, show_report
from ui.seven_segment.explanation import SETTINGS as EXPLANATION_SETTINGS
from ui.seven_segment.explanation import show_explanation
from ui.seven_segment.layout import (
    BESIDE,
    EXPLANATION,
    GAME_BOX,
    HEADING,
    LESSON,
    TOP,
    show_layout,
)
from ui.seven_segment.play import game_setting, show_game
from ui.widgets.drawn_digit import link_inside
from ui.widgets.noise_picker import noise_of
from ui.widgets.overview import show_overview
from ui.widgets.pickers import choose_model, start_anew_if_gone
from ui.widgets.prediction import show_prediction, show_probabilities

TASK = get_task("seven-segment")
DISPLAY = "display"
MODES = {"explore": "Explore", "play": "Play against the network"}


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
    noise_of(TASK),
)
LEVEL = Setting("damage_level", lambda: 0.15, "level", parse_level, write_number)


def chosen_noise() -> tuple[Noise, float]:
    """Returns the noise in the damage box and its level, the nearest one that the noise has."""
    noise = TASK.noise(NOISE.get())
    return noise, noise.nearest_level(LEVEL.get())


def combination() -> str:
    """Returns a text that names the fault, level and network of a game."""
    noise, level = chosen_noise()
    return f"{noise.name} {level:g} {MODEL.get()}"


MODE = Setting("segment_mode", lambda: "explore", "mode", one_of(tuple(MODES)))
GAME = game_setting(combination)
SETTINGS: tuple[Setting[Any], ...] = (
    PATTERN,
    MODEL,
    NOISE,
    LEVEL,
    *EXPLANATION_SETTINGS,
    MODE,
    GAME,
)


@st.fragment
def explore(model: SavedModel) -> None:
    """Shows all that a click on the display changes, and nothing else: it is redrawn each time."""
    start_anew_if_gone(model)
    digits = {str(digit): segments for digit, segments in enumerate(DIGIT_PATTERNS)}
    shown = segment_display(key=DISPLAY, digits=digits, default=DIGIT_PATTERNS[3])
    show_report(shown, *chosen_noise())
    with st.container(key=BESIDE):
        prediction = read_pattern(saved_models.predictor(model), shown)
        show_prediction(prediction, TASK.classes)
        show_beside_exact(prediction, shown)
    with st.container(key=EXPLANATION):
        show_explanation(model, shown)
        link_inside({"model": model.name, "pattern": shown})
    share(SETTINGS)


@st.fragment
def play(model: SavedModel) -> None:
    start_anew_if_gone(model)
    show_game(GAME, model, *chosen_noise())
    share(SETTINGS)


def choose_mode() -> bool:
    """Shows the choice between the lesson and the game; returns whether it is the lesson."""
    mode = st.segmented_control(
        "What to do",
        list(MODES),
        format_func=MODES.__getitem__,
        label_visibility="collapsed",
        required=True,
        **MODE.widget,
    )
    return mode != "play"


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
        exact = (
            f"No digit can turn into this pattern under {under}, so there is no exact answer. The"
            " network answers anyway."
        )
    else:
        best = np.flatnonzero(bayes.best_rule(likelihood)[int(shown, 2)])
        answers = " or ".join(f"**{digit}**" for digit in best)
        exact = (
            f"Diamonds: the exact probabilities (*Bayes' rule*) for {under}, if all digits are"
            f" equally likely. The best possible answer is {answers} ({percent(row[best[0]], 1)})."
        )
    st.markdown(f"{nearest_in_words(shown)}\n\n:small[{exact}]")


def nearest_in_words(shown: str) -> str:
    """Returns which clean digits a pattern is nearest to."""
    if shown == BLANK:
        return "**No segment is lit**, yet the network answers: it never learned to say “nothing”."
    distance, digits = nearest_digits(shown)
    names = listed([f"**{digit}**" for digit in digits])
    if distance == 0:
        return f"This is exactly the pattern of {names}."
    segments = "1 segment" if distance == 1 else f"{distance} segments"
    nearest = "Nearest digit:" if len(digits) == 1 else "Nearest digits:"
    return f"{nearest} {names}, {segments} away (*Hamming distance*)."


show_layout()
show_overview()
heading = st.container(horizontal=True, vertical_alignment="center", key=HEADING)
heading.header("Seven segments, ten digits", anchor=False, width="content")
heading.markdown(
    "A **neural network** reads these seven lamps. Switch them, damage them, and watch.",
    width="stretch",
)
restore("seven_segment", SETTINGS)
with heading:
    exploring = choose_mode()
with st.container(key=LESSON if exploring else GAME_BOX):
    top = st.container(key=TOP)
    # Before what it changes, because it corrects the fault or level that a link gave.
    show_damage_box(PATTERN, NOISE, LEVEL, TASK, buttons=exploring)
chosen = choose_model(MODEL, TASK)
if chosen:
    with top:
        (explore if exploring else play)(chosen)
