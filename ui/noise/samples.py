"""Examples under a noise: one of every class at a level, and one class at every level."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.data import Split
from core.evaluation.robustness import example_limit
from core.noise.base import Noise
from core.tasks.base import Task
from ui.noise.layout import SAMPLES
from ui.services import datasets
from ui.session.settings import Setting
from ui.widgets.tiles import show_tiles
from ui.wording.articles import article

SEED = 0
_CLASS: Setting[str] = Setting("noise_class", str)


def show_samples(task: Task, source: str, noise: Noise, level: float) -> None:
    """Shows one example of every class with the noise on it, the same ones at every level.

    Raises:
        DigitLabError: if the data cannot be read.
    """
    examples = _examples(task, source)
    first = _first(examples)
    noisy = noise.apply(examples.x[first], level=level, random_state=SEED)
    show_tiles(
        [task.picture(x) for x in noisy],
        [article(task.classes[y]) for y in examples.y[first]],
        key=SAMPLES,
    )


def show_levels(task: Task, source: str, noise: Noise) -> None:
    """Shows one example at every level of the noise.

    Raises:
        DigitLabError: if the data cannot be read.
    """
    examples = _examples(task, source)
    first = _first(examples)
    names = [task.classes[y] for y in examples.y[first]]
    if _CLASS.get() not in names:
        _CLASS.set(names[-2])
    name = st.segmented_control(task.label.capitalize(), names, required=True, **_CLASS.widget)
    one = examples.x[first[[names.index(str(name))]]]
    show_tiles(
        [
            task.picture(noise.apply(one, level=level, random_state=SEED)[0])
            for level in noise.levels
        ],
        [noise.level_text(level) for level in noise.levels],
        key="noise_levels",
    )
    st.caption(f"Level: {noise.level_label}. Noise seed {SEED}, as in the samples above.")


def _examples(task: Task, source: str) -> Split:
    return datasets.examples(task.name, source, example_limit(task.input_shape))


def _first(examples: Split) -> np.ndarray:
    """Returns the place of the first example of each class: int64, shape (classes there,).

    Of a person's own signs there are none.
    """
    there = np.unique(examples.y[examples.y >= 0])
    return np.array([int(np.argmax(examples.y == n)) for n in there])
