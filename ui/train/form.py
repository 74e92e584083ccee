"""The form of a training run: a recipe to start from, and every setting under “More settings”."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from core.errors import DigitLabError, InvalidInput
from core.networks.architecture import ACTIVATIONS, CELLS, MAX_DROPOUT
from core.noise.augmentation import augment
from core.tasks.base import Task
from core.tasks.recipe import Recipe
from core.training.config import AUGMENTATIONS, BOUNDS, CHOICES, TrainingConfig
from ui.services import datasets, server
from ui.session.settings import Setting, choose, write_number
from ui.session.state import Key
from ui.session.visitor import person
from ui.train.settings import (
    ACTIVATION,
    BATCH_NORM,
    CELL,
    CHOSEN,
    CONVOLUTIONS,
    DOWNSAMPLING,
    DROPOUT,
    FILTER_LAYERS,
    FILTERS,
    KERNEL_SIZE,
    LAYERS,
    NO_NOISE,
    NOISE,
    NORM_POSITION,
    NUMBERS,
    OUTPUT,
    PADDING,
    RECIPE,
    RECURRENT_LAYERS,
    SOURCE,
    STEPS,
    TASK,
    UNITS,
    chosen_config,
    take_over_recipe,
)
from ui.widgets.dataset_download import offer_downloads
from ui.widgets.noise_picker import FIRST_LEVEL, noise_names
from ui.widgets.pickers import choose_task, data_titles
from ui.widgets.tiles import show_tiles
from ui.wording.phrases import plain
from ui.wording.runs import changes

T = TypeVar("T")

PREVIEWS = 10
_UPLOADS: Key[dict[str, list[str]]] = Key("uploads", dict)  # names by task
_UPLOADED: Key[Any] = Key("train_upload", lambda: None)  # the widget's own
_UPLOAD_PROBLEM: Key[str] = Key("upload_problem", str)
_PREVIEW_SEED: Key[int] = Key("preview_seed", int)
_WORDS = {
    "pool": "2×2 max-pooling",
    "stride": "stride 2",
    "before": "before the activation",
    "after": "after the activation",
    "softmax": "softmax (probabilities)",
    "linear": "linear (logits)",
    "valid": "valid (gets smaller)",
    "same": "same (keeps its size)",
    "relu": "ReLU (negative numbers become 0)",
    "tanh": "tanh (−1 to 1)",
    "sigmoid": "sigmoid (0 to 1)",
    "gelu": "GELU (a smooth ReLU)",
    "none": "none (stays linear)",
    "simple": "simple (Elman)",
    "gru": "GRU (2 gates)",
    "lstm": "LSTM (3 gates)",
}


@dataclass(frozen=True)
class Form:
    """What the person chose.

    Args:
        task: the task.
        recipe: the recipe that the settings began with.
        config: the run that they describe; None if they fit no run.
    """

    task: Task
    recipe: Recipe
    config: TrainingConfig | None


def choose_recipe() -> tuple[Task, Recipe]:
    """Shows the two choices that a beginner needs: what to learn, and how."""
    task = choose_task(TASK, on_change=take_over_recipe, to_train=True)
    recipes = {recipe.name: recipe.title for recipe in task.recipes}
    name = choose(
        RECIPE,
        "Recipe",
        list(recipes),
        format_func=recipes.__getitem__,
        on_change=take_over_recipe,
        help="Ready-made settings. Choosing one sets everything under “More settings”.",
    )
    recipe = task.recipe(name)
    st.caption(recipe.lesson)
    return task, recipe


def more_settings(task: Task, recipe: Recipe) -> Form:
    """Shows every further setting, closed at first, and says what differs from the recipe."""
    above = st.container(key="changes", gap=None)
    with st.expander("More settings", icon=":material/tune:", key="more_settings"):
        _show_source(task)
        _show_noise(task)
        _show_network(task)
        _show_training()
        if len(task.input_shape) == 3:
            _show_augmentation(task)
        try:
            config = chosen_config(task)
        except InvalidInput as error:
            above.error(plain(str(error)))
            return Form(task, recipe, None)
        with st.expander(f"Layer by layer: {config.parameters:,} parameters"):
            show_layers(config)
    base = TrainingConfig.from_recipe(task, recipe, source=config.source)
    words = ", ".join(changes(config, base))
    said = f"Changed: {words}." if words else "You have changed no settings."
    # One line, whatever it says: what is below must not move while a slider does.
    above.html(
        "<style>.digit-lab-changes { overflow: hidden; text-overflow: ellipsis;"
        " white-space: nowrap; margin: 0; font-size: 0.875rem; }</style>"
        f'<p class="digit-lab-changes" title="{escape(said)}">{escape(said)}</p>'
    )
    return Form(task, recipe, config)


def show_layers(config: TrainingConfig) -> None:
    """Shows the network as a model summary does."""
    layers = config.architecture.layers(
        config.get_task().input_shape, len(config.get_task().classes)
    )
    st.table(
        {
            "Layer": [layer.name for layer in layers],
            "Output shape": [" × ".join(map(str, layer.output_shape)) for layer in layers],
            "Parameters": [f"{layer.parameters:,}" for layer in layers],
        }
    )
    st.caption(
        f"{config.parameters:,} parameters in total, including those of batch normalisation that"
        " are not trained."
    )


def _show_source(task: Task) -> None:
    st.markdown("**Examples**")
    titles = data_titles(task, [*_UPLOADS.get().get(task.name, ()), SOURCE.get()])
    source = choose(
        SOURCE,
        "Data",
        list(titles),
        format_func=titles.__getitem__,
        on_change=take_over_recipe,
    )
    st.caption(task.source(source).note)
    offer_downloads(task)
    _show_upload(task)


def _show_upload(task: Task) -> None:
    """Shows the upload of a file with examples, if the task takes one."""
    kind = task.upload
    if kind is None:
        return
    st.file_uploader(
        kind.title,
        type=[kind.suffix],
        help=kind.help,
        key=_UPLOADED.name,
        on_change=_take_upload,
        args=(task,),
    )
    if _UPLOAD_PROBLEM.get() and _UPLOADED.get() is not None:
        st.error(_UPLOAD_PROBLEM.get())


def _take_upload(task: Task) -> None:
    """Checks a file that has just arrived and makes it the chosen data set."""
    _UPLOAD_PROBLEM.set("")
    taken = _UPLOADED.get()
    if taken is None or task.upload is None:
        return
    data = taken.getvalue()
    try:
        task.upload.read(data)
        name = datasets.keep_upload(data, owner=person())
    except DigitLabError as error:
        _UPLOAD_PROBLEM.set(str(error))
        return
    mine = _UPLOADS.get().setdefault(task.name, [])
    if name not in mine:
        mine.append(name)
    SOURCE.set(name)


def _show_network(task: Task) -> None:
    st.markdown("**Network**")
    filters = recurrent = 0
    if len(task.input_shape) == 3:
        filters = _sizes("Block", "filters", FILTER_LAYERS, FILTERS)
    elif len(task.input_shape) == 2:
        recurrent = _sizes("Recurrent layer", "units", RECURRENT_LAYERS, UNITS)
    _sizes("Layer", "units", LAYERS, UNITS)
    dropout, batch_norm = st.columns(2, vertical_alignment="center")
    dropout.slider(
        "Dropout",
        0.0,
        MAX_DROPOUT,
        step=0.05,
        help="Share of units switched off at random during training. It keeps the network from"
        " memorising its examples (overfitting).",
        **DROPOUT.widget,
    )
    batch_norm.checkbox(
        "Batch normalisation",
        help="Keeps each layer's numbers in a steady range, which often speeds up learning.",
        **BATCH_NORM.widget,
    )
    more: list[tuple[str, Setting[Any], Sequence[Any]]] = [("Activation", ACTIVATION, ACTIVATIONS)]
    if recurrent:
        more.append(("Cell", CELL, CELLS))
    if filters:
        more.append(("Kernel", KERNEL_SIZE, (3, 5, 7)))
        more.append(("Convolutions per block", CONVOLUTIONS, (1, 2, 3)))
        more.append(("Padding at the edge", PADDING, ("valid", "same")))
        more.append(("Downsampling (halving)", DOWNSAMPLING, ("pool", "stride")))
    if BATCH_NORM.get():
        more.append(("Normalised", NORM_POSITION, ("before", "after")))
    more.append(("Output", OUTPUT, ("softmax", "linear")))
    for column, (label, setting, options) in _in_pairs(more):
        format_func = _kernel if setting is KERNEL_SIZE else _word
        column.selectbox(label, options, format_func=format_func, **setting.widget)


def _in_pairs(items: Sequence[T]) -> Iterator[tuple[Any, T]]:
    """Yields two places a row with what goes there; a phone shows them in the same order."""
    for start in range(0, len(items), 2):
        yield from zip(st.columns(2), items[start : start + 2], strict=False)


def _sizes(what: str, unit: str, settings: Sequence[Setting[int]], steps: Sequence[int]) -> int:
    """Shows a slider for every layer and one for the next; returns how many layers there are."""
    there = sum(bool(setting.get()) for setting in settings)
    sizes = [setting.get() for setting in settings if setting.get()]
    if sizes != [setting.get() for setting in settings[:there]]:  # one before the last was removed
        for index, setting in enumerate(settings):
            setting.set(sizes[index] if index < there else 0)
    shown = settings[: max(there + 1, 1)]
    for column, (index, setting) in _in_pairs(list(enumerate(shown))):
        options = sorted({*steps, setting.get()})
        column.select_slider(
            f"{what} {index + 1} ({unit})",
            options,
            format_func=lambda size: str(size) if size else "none",
            **setting.widget,
        )
    return there


def _show_training() -> None:
    st.markdown("**Training**")
    epochs, batch = st.columns(2)
    highest = int(min(BOUNDS["epochs"].high, max(server.configuration().max_epochs, 2)))
    if NUMBERS["epochs"].get() > highest:
        NUMBERS["epochs"].set(highest)
    epochs.slider("Epochs", 1, highest, help=BOUNDS["epochs"].help, **NUMBERS["epochs"].widget)
    with batch:
        _slider("batch_size")
    rate, schedule = st.columns(2)
    with rate:
        _slider("learning_rate")
    _select(schedule, "Schedule", "schedule")
    optimizer, stopping = st.columns(2)
    _select(optimizer, "Optimiser", "optimizer")
    with stopping:
        _slider("early_stopping")
    names = ["weight_decay", "l2", "clip_norm"]
    if CHOSEN["optimizer"].get() == "sgd":
        names.insert(0, "momentum")
    for column, name in _in_pairs(names):
        with column:
            _slider(name)
    bounds = BOUNDS["seed"]
    st.number_input(
        bounds.title,
        int(bounds.low),
        int(bounds.high),
        step=1,
        help=bounds.help,
        **NUMBERS["seed"].widget,
    )


def _show_noise(task: Task) -> None:
    kind, level = st.columns(2)
    kinds = {NO_NOISE: "No noise"}
    kinds |= {name: task.noise(name).title for name in noise_names(NOISE.get(), task)}
    with kind:
        choose(
            NOISE,
            "Noise in the data",
            list(kinds),
            format_func=kinds.__getitem__,
            on_change=_take_noise_level,
            args=(task,),
        )
    with level:
        if NOISE.get() == NO_NOISE:
            _slider("noise_level", disabled=True)
        else:
            _slider("noise_level", steps=task.noise(NOISE.get()).levels)
    _slider("share")


def _take_noise_level(task: Task) -> None:
    """Moves the level to one at which the noise just chosen does something."""
    level = NUMBERS["noise_level"]
    if NOISE.get() != NO_NOISE:
        highest = task.noise(NOISE.get()).levels[-1]
        level.set(min(level.get(), highest) or FIRST_LEVEL)


def _show_augmentation(task: Task) -> None:
    st.markdown("**Augmentation: random changes to the pictures in every epoch**")
    for column, name in _in_pairs(AUGMENTATIONS):
        with column:
            _slider(name)
    try:
        augmentation = chosen_config(task).augmentation
        examples = datasets.examples(task.name, SOURCE.get(), PREVIEWS)
    except DigitLabError:
        return  # the form says what is wrong with the settings
    x = examples.x[:PREVIEWS]
    draws = augmentation.draw(len(x), np.random.default_rng(_PREVIEW_SEED.get()))
    pictures = [task.picture(row) for row in (augment(x, draws) if len(x) else x)]
    labels = [task.classes[label] for label in examples.y[:PREVIEWS]]
    show_tiles(pictures, labels, key="augmented")
    if st.button("Show others", help="Shows other random changes of the same pictures."):
        _PREVIEW_SEED.set(_PREVIEW_SEED.get() + 1)
        st.rerun()


def _slider(name: str, *, steps: Sequence[float] = (), disabled: bool = False) -> None:
    """Shows a slider for one number of BOUNDS; its value joins the steps.

    Args:
        name: the number's name.
        steps: values to choose from. Defaults to those in STEPS.
        disabled: whether it cannot be moved. Defaults to False.
    """
    setting, bounds = NUMBERS[name], BOUNDS[name]
    kind = int if bounds.whole else float
    setting.set(kind(setting.get()))
    st.select_slider(
        bounds.title,
        sorted({kind(step) for step in steps or STEPS[name]} | {setting.get()}),
        format_func=write_number,
        help=bounds.help,
        disabled=disabled,
        **setting.widget,
    )


def _select(column: Any, label: str, name: str) -> None:
    words = CHOICES[name]
    column.selectbox(label, list(words), format_func=words.__getitem__, **CHOSEN[name].widget)


def _kernel(side: int) -> str:
    return f"{side}×{side}"


def _word(value: Any) -> str:
    return _WORDS[value] if isinstance(value, str) else str(value)
