"""Every setting of a training run as an object: its widget's key, its URL parameter, its steps.

`core.training.config.BOUNDS` says what each number may be; STEPS says what its slider offers. A
value from a link or a loaded run joins the slider's steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import InvalidInput
from core.networks.architecture import (
    ACTIVATIONS,
    CELLS,
    DOWNSAMPLINGS,
    KERNEL_SIZES,
    MAX_CONVOLUTIONS,
    MAX_DROPOUT,
    MAX_LAYERS,
    MAX_UNITS,
    NORM_POSITIONS,
    OUTPUTS,
    PADDINGS,
    Architecture,
)
from core.noise.base import LEVELS
from core.tasks.base import Task, get_task, tasks
from core.training.config import AUGMENTATIONS, BOUNDS, CHOICES, TrainingConfig
from ui.session.settings import Setting, note, number, one_of, switch, whole_number, write_number

NO_NOISE = "none"
MAX_BLOCKS = 3
MAX_RECURRENT = 3
UNITS = (0, 8, 16, 25, 32, 64, 128, 256, 512)  # 0: no such layer
FILTERS = (0, 4, 8, 16, 32, 64)
STEPS: Mapping[str, Sequence[float]] = {
    "batch_size": (8, 16, 32, 64, 128, 256, 512, 1024),
    "learning_rate": (0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    "momentum": (0, 0.5, 0.8, 0.9, 0.95, 0.99),
    "weight_decay": (0, 0.00001, 0.0001, 0.001, 0.004, 0.01, 0.03, 0.1),
    "clip_norm": (0, 0.1, 0.5, 1, 2, 5, 10),
    "l2": (0, 0.00001, 0.0001, 0.001, 0.01, 0.1),
    "early_stopping": (0, 1, 2, 3, 5, 8, 10, 15, 20, 30, 50),
    "rotation": (0, 5, 10, 15, 20, 30, 45),
    "shift": (0, 0.05, 0.1, 0.15, 0.2, 0.3),
    "zoom": (0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5),
    "invert": (0, 0.1, 0.25, 0.5, 0.75, 1),
    "shear": (0, 0.05, 0.1, 0.2, 0.3, 0.5),
    "elastic": (0, 0.01, 0.02, 0.03, 0.05, 0.1),
    "stroke": (0, 0.25, 0.5, 0.75, 1),
    "share": (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1),
    "noise_level": LEVELS,
}


def _number(name: str) -> Setting[Any]:
    bounds = BOUNDS[name]
    default: float = int(bounds.default) if bounds.whole else float(bounds.default)
    parse: Any = (whole_number if bounds.whole else number)(bounds.low, bounds.high)
    parameter = {"noise_level": "level"}.get(name, name)
    return Setting(f"train_{name}", lambda: default, parameter, parse, write_number)


def _choice(name: str) -> Setting[str]:
    words = list(CHOICES[name])
    return Setting(f"train_{name}", lambda: words[0], name, one_of(words))


def _layer(what: str, parameter: str, index: int) -> Setting[int]:
    return Setting(
        f"train_{what}_{index}", lambda: 0, f"{parameter}_{index}", whole_number(0, MAX_UNITS)
    )


def _trainable(text: str) -> str:
    task = get_task(text)
    if task.needs_own_samples:
        raise InvalidInput(f"{task.title} are taught on “Your handwriting”.")
    return task.name


TASK = Setting("train_task", lambda: next(iter(tasks())), "task", _trainable)
SOURCE = Setting("train_source", str, "data")
RECIPE = Setting("train_recipe", str, "recipe")
FILTER_LAYERS = tuple(_layer("filters", "filters", n) for n in range(1, MAX_BLOCKS + 1))
RECURRENT_LAYERS = tuple(_layer("recurrent", "recurrent", n) for n in range(1, MAX_RECURRENT + 1))
LAYERS = tuple(_layer("layer", "layer", n) for n in range(1, MAX_LAYERS + 1))
DROPOUT = Setting("train_dropout", lambda: 0.0, "dropout", number(0, MAX_DROPOUT), write_number)
BATCH_NORM = switch("train_batch_norm", "batch_norm")
KERNEL_SIZE = Setting(
    "train_kernel_size", lambda: KERNEL_SIZES[0], "kernel_size", one_of(KERNEL_SIZES)
)
CONVOLUTIONS = Setting(
    "train_convolutions",
    lambda: 1,
    "convolutions",
    one_of(range(1, MAX_CONVOLUTIONS + 1)),
)
PADDING = Setting("train_padding", lambda: PADDINGS[0], "padding", one_of(PADDINGS))
DOWNSAMPLING = Setting(
    "train_downsampling", lambda: DOWNSAMPLINGS[0], "downsampling", one_of(DOWNSAMPLINGS)
)
NORM_POSITION = Setting(
    "train_norm_position", lambda: NORM_POSITIONS[0], "norm_position", one_of(NORM_POSITIONS)
)
NORM_MOMENTUM = Setting(
    "train_norm_momentum", lambda: 0.99, "norm_momentum", number(0.01, 0.9999), write_number
)
ACTIVATION = Setting("train_activation", lambda: ACTIVATIONS[0], "activation", one_of(ACTIVATIONS))
CELL = Setting("train_cell", lambda: CELLS[0], "cell", one_of(CELLS))
OUTPUT = Setting("train_output", lambda: OUTPUTS[0], "output", one_of(OUTPUTS))
NOISE = Setting("train_noise", str, "noise")
NUMBERS: Mapping[str, Setting[Any]] = {name: _number(name) for name in BOUNDS}
CHOSEN: Mapping[str, Setting[str]] = {name: _choice(name) for name in CHOICES}
_NETWORK: Mapping[str, Setting[Any]] = {
    "dropout": DROPOUT,
    "batch_norm": BATCH_NORM,
    "kernel_size": KERNEL_SIZE,
    "convolutions": CONVOLUTIONS,
    "padding": PADDING,
    "downsampling": DOWNSAMPLING,
    "norm_position": NORM_POSITION,
    "norm_momentum": NORM_MOMENTUM,
    "output": OUTPUT,
    "activation": ACTIVATION,
    "cell": CELL,
}
# In this order, because the later ones depend on the task and the recipe.
SETTINGS: tuple[Setting[Any], ...] = (
    TASK,
    SOURCE,
    RECIPE,
    *FILTER_LAYERS,
    *RECURRENT_LAYERS,
    *LAYERS,
    *_NETWORK.values(),
    *CHOSEN.values(),
    NOISE,
    *NUMBERS.values(),
)


def begin(from_link: frozenset[str]) -> None:
    """Fills in the recipe's settings wherever a link or a first visit leaves them open.

    Args:
        from_link: names of the settings that the URL gave; they stay as they are.
    """
    named = RECIPE.get()
    if RECIPE.name in from_link and not _has_recipe(get_task(TASK.get()), named):
        note(f"There is no recipe “{named[:60]}”, so the first one is shown.")
    if {TASK.name, RECIPE.name} & from_link or not named:
        take_over_recipe(keep=from_link)


def take_over_recipe(keep: frozenset[str] = frozenset()) -> None:
    """Sets everything as in the chosen recipe of the chosen task."""
    task = get_task(TASK.get())
    if not _has_recipe(task, RECIPE.get()):
        RECIPE.set(task.recipes[0].name)
    source = SOURCE.get()
    try:
        usable = task.source(source).missing() is None
    except InvalidInput:
        usable = False
    recipe = task.recipe(RECIPE.get())
    config = TrainingConfig.from_recipe(task, recipe, source=source if usable else "")
    # If a link asks for a data set that is missing, the data picker says so.
    take_over(config, keep=keep if usable else keep | {SOURCE.name} & keep)


def take_over(config: TrainingConfig, keep: frozenset[str] = frozenset()) -> None:
    """Sets everything as in a run.

    Args:
        config: the run.
        keep: names of settings that stay as they are.
    """
    network = config.architecture
    values: dict[Setting[Any], Any] = {TASK: config.task, SOURCE: config.source}
    values |= {setting: getattr(network, name) for name, setting in _NETWORK.items()}
    for settings, sizes in (
        (FILTER_LAYERS, network.filters),
        (RECURRENT_LAYERS, network.recurrent),
        (LAYERS, network.hidden),
    ):
        values |= {setting: sizes[n] if n < len(sizes) else 0 for n, setting in enumerate(settings)}
    values[NOISE] = config.noise
    values |= {setting: getattr(config, name) for name, setting in CHOSEN.items()}
    values |= {setting: getattr(config, name) for name, setting in NUMBERS.items()}
    for setting, value in values.items():
        if setting.name not in keep:
            setting.set(value)


def chosen_architecture(task: Task) -> Architecture:
    """Returns the network that the settings describe; raises InvalidInput if they fit none."""
    axes = len(task.input_shape)
    return Architecture(
        _units(LAYERS),
        filters=_units(FILTER_LAYERS) if axes == 3 else (),
        recurrent=_units(RECURRENT_LAYERS) if axes == 2 else (),
        **{name: setting.get() for name, setting in _NETWORK.items()},
    )


def _units(layers: Sequence[Setting[int]]) -> tuple[int, ...]:
    return tuple(layer.get() for layer in layers if layer.get())


def chosen_config(task: Task) -> TrainingConfig:
    """Returns the run that the settings describe; raises InvalidInput if they fit none."""
    pictures = len(task.input_shape) == 3
    numbers = {name: setting.get() for name, setting in NUMBERS.items()}
    if NOISE.get() == NO_NOISE:
        numbers["noise_level"] = 0.0
    if not pictures:
        numbers |= dict.fromkeys(AUGMENTATIONS, 0.0)
    others: dict[str, Any] = {name: setting.get() for name, setting in CHOSEN.items()}
    return TrainingConfig(
        task=task.name,
        source=SOURCE.get(),
        architecture=chosen_architecture(task),
        noise=NOISE.get(),
        **others,
        **numbers,
    )


def _has_recipe(task: Task, name: str) -> bool:
    return name in {recipe.name for recipe in task.recipes}
