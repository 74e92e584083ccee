"""The settings of a training run, as sliders and choices."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.architecture import Architecture
from core.errors import InvalidInput
from core.noise import LEVELS
from core.task import Task, task, tasks
from core.training import BOUNDS, TrainingConfig
from ui.settings import (
    Setting,
    choose,
    note,
    number,
    one_of,
    parse_level,
    whole_number,
    write_number,
)

NO_NOISE = "none"
UNITS = (0, 8, 16, 32, 64, 128, 256, 512)  # 0: no such layer
BATCH_SIZES = (16, 32, 64, 128, 256, 512, 1024)
LEARNING_RATES = (0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
MAX_DROPOUT = 0.8


def _whole(name: str, parameter: str) -> Setting[int]:
    bounds = BOUNDS[parameter]
    default = int(bounds.default)
    return Setting(name, lambda: default, parameter, whole_number(bounds.low, bounds.high))


TASK = Setting("train_task", lambda: next(iter(tasks())), "task", lambda text: task(text).name)
SOURCE = Setting("train_source", str, "data")
ARCHITECTURE = Setting("train_architecture", str, "architecture")
LAYERS = tuple(
    Setting(f"train_layer_{n}", lambda: 0, f"layer_{n}", one_of(UNITS)) for n in range(1, 5)
)
DROPOUT = Setting("train_dropout", lambda: 0.0, "dropout", number(0, MAX_DROPOUT), write_number)
BATCH_NORM = Setting(
    "train_batch_norm",
    lambda: False,
    "batch_norm",
    lambda text: bool(whole_number(0, 1)(text)),
    lambda value: str(int(value)),
)
EPOCHS = _whole("train_epochs", "epochs")
BATCH_SIZE = Setting("train_batch_size", lambda: 32, "batch_size", one_of(BATCH_SIZES))
LEARNING_RATE = Setting(
    "train_learning_rate", lambda: 0.001, "learning_rate", one_of(LEARNING_RATES), write_number
)
NOISE = Setting("train_noise", str, "noise")
LEVEL = Setting("train_level", lambda: 0.0, "level", parse_level, write_number)
SEED = _whole("train_seed", "seed")
# In this order: what depends on the task and the network comes after them.
SETTINGS: tuple[Setting[Any], ...] = (
    TASK,
    SOURCE,
    ARCHITECTURE,
    *LAYERS,
    DROPOUT,
    BATCH_NORM,
    EPOCHS,
    BATCH_SIZE,
    LEARNING_RATE,
    NOISE,
    LEVEL,
    SEED,
)


def begin(from_link: frozenset[str]) -> None:
    """Fills what a link, or a first visit, leaves open with the ready-made network's settings.

    Args:
        from_link: names of the settings that the URL gave, which stay as they are.
    """
    named = ARCHITECTURE.get()
    if ARCHITECTURE.name in from_link and named not in task(TASK.get()).architectures:
        note(f"There is no architecture “{named[:60]}” here, so the first is shown.")
    named_network = {TASK.name, ARCHITECTURE.name} & from_link
    if named_network or not ARCHITECTURE.get():
        _take_over(keep=from_link)


def _take_over(keep: frozenset[str] = frozenset()) -> None:
    """Sets everything that belongs to the chosen task and ready-made network."""
    problem = task(TASK.get())
    names = list(problem.architectures)
    if ARCHITECTURE.get() not in names:
        ARCHITECTURE.set(names[0])
    network = problem.architecture(ARCHITECTURE.get())
    level = problem.training_noise_level
    fitting: dict[Setting[Any], Any] = {
        DROPOUT: network.dropout,
        BATCH_NORM: network.batch_norm,
        LEVEL: level,
        NOISE: problem.noises[0].name if level else NO_NOISE,
        **{
            layer: network.hidden[n] if n < len(network.hidden) else 0
            for n, layer in enumerate(LAYERS)
        },
    }
    for setting, value in fitting.items():
        if setting.name not in keep:
            setting.set(value)


def training_form() -> TrainingConfig | None:
    """Shows every setting and returns the run they describe, or None with the reason shown."""
    problem = _choose_problem()
    network = _choose_network(problem)
    with st.expander("Optimiser and data", expanded=True):
        epochs, batch = st.columns(2)
        rate, seed = st.columns(2)
        kind, level = st.columns(2)
        bounds = BOUNDS["epochs"]
        epochs.slider(
            "Epochs",
            int(bounds.low),
            int(bounds.high),
            help="How often the network goes through all examples.",
            **EPOCHS.widget,
        )
        batch.select_slider(
            "Batch size",
            BATCH_SIZES,
            help="Examples that are looked at for one step.",
            **BATCH_SIZE.widget,
        )
        rate.select_slider(
            "Learning rate",
            LEARNING_RATES,
            format_func=write_number,
            help="How large each step of the Adam optimiser is.",
            **LEARNING_RATE.widget,
        )
        kinds = {NO_NOISE: "No noise"} | {noise.name: noise.title for noise in problem.noises}
        with kind:
            noise = choose(NOISE, "Noise in the data", list(kinds), format_func=kinds.__getitem__)
        level.select_slider(
            "Noise level",
            LEVELS,
            disabled=noise == NO_NOISE,
            format_func=write_number,
            **LEVEL.widget,
        )
        seed.number_input(
            "Seed",
            int(BOUNDS["seed"].low),
            int(BOUNDS["seed"].high),
            step=1,
            help="The same seed and settings give the same network.",
            **SEED.widget,
        )
    if network is None:
        return None
    try:
        return TrainingConfig(
            task=problem.name,
            source=SOURCE.get(),
            architecture=network,
            epochs=EPOCHS.get(),
            batch_size=BATCH_SIZE.get(),
            learning_rate=LEARNING_RATE.get(),
            noise=noise,
            noise_level=0.0 if noise == NO_NOISE else LEVEL.get(),
            seed=SEED.get(),
        )
    except InvalidInput as error:
        st.error(str(error))
        return None


def _choose_problem() -> Task:
    left, middle = st.columns(2)
    titles = {name: problem.title for name, problem in tasks().items()}
    with left:
        problem = task(
            choose(TASK, "Task", list(titles), format_func=titles.__getitem__, on_change=_take_over)
        )
    usable = {s.name: s.title for s in problem.sources if s.missing() is None}
    with middle:
        source = problem.source(
            choose(SOURCE, "Data", list(usable), format_func=usable.__getitem__)
        )
    st.caption(source.note)
    networks = {
        name: f"{name}: {network.summary}" for name, network in problem.architectures.items()
    }
    choose(
        ARCHITECTURE,
        "Architecture",
        list(networks),
        format_func=networks.__getitem__,
        on_change=_take_over,
        help="Where to start from; change its layers below.",
    )
    return problem


def _choose_network(problem: Task) -> Architecture | None:
    with st.expander("Hidden layers", expanded=True):
        columns = [*st.columns(2), *st.columns(2)]
        for n, (column, layer) in enumerate(zip(columns, LAYERS, strict=True), start=1):
            column.select_slider(
                f"Layer {n} (units)",
                UNITS[1:] if n == 1 else UNITS,
                format_func=lambda units: str(units) if units else "none",
                **layer.widget,
            )
        dropout, batch_norm = st.columns(2, vertical_alignment="center")
        dropout.slider(
            "Dropout",
            0.0,
            MAX_DROPOUT,
            step=0.05,
            help="Share of units silenced at random while learning, against learning by heart.",
            **DROPOUT.widget,
        )
        batch_norm.checkbox(
            "Batch normalisation",
            help="Keeps each layer's numbers in a steady range, which often speeds learning up.",
            **BATCH_NORM.widget,
        )
    base = problem.architecture(ARCHITECTURE.get())
    try:
        return Architecture(
            tuple(layer.get() for layer in LAYERS if layer.get()),
            round(DROPOUT.get(), 3),
            BATCH_NORM.get(),
            base.filters,
        )
    except InvalidInput as error:
        st.error(str(error))
        return None
