"""A training run: what is asked for, and what comes out.

Nothing here imports TensorFlow, so the server can describe runs. `core.training.fit` does the work,
in a worker process, and tells of it in the words of `core.training.events`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Annotated

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from core.errors import InvalidInput
from core.networks.architecture import Architecture
from core.noise.augmentation import Augmentation
from core.noise.base import MAX_LEVEL
from core.schema import DEFERRED, Bounds, OneOf, parse
from core.tasks.base import Task, get_task
from core.tasks.recipe import Recipe
from core.training.schedule import SCHEDULES

BOUNDS: Mapping[str, Bounds] = {
    "epochs": Bounds(
        1, 1000, 10, "Epochs", "How often the network goes through all examples.", whole=True
    ),
    "batch_size": Bounds(
        8, 1024, 32, "Batch size", "Examples that are looked at for one step.", whole=True
    ),
    "learning_rate": Bounds(
        0.00001, 1.0, 0.001, "Learning rate", "How large each step of the optimiser is."
    ),
    "momentum": Bounds(
        0, 0.99, 0.9, "Momentum", "Share of the last step that is done again; SGD only."
    ),
    "weight_decay": Bounds(
        0, 0.1, 0, "Weight decay", "Shrinks all weights a little at every step."
    ),
    "clip_norm": Bounds(
        0, 10, 0, "Gradient clipping", "Longest gradient (norm) that is followed; 0 is no limit."
    ),
    "l2": Bounds(
        0, 0.1, 0, "L2 penalty", "Large weights cost: their squares times this join the loss."
    ),
    "early_stopping": Bounds(
        0,
        50,
        0,
        "Early stopping",
        "Epochs without a better validation loss until the run ends with its best weights (the"
        " patience); 0 is never.",
        whole=True,
    ),
    "rotation": Bounds(0, 45, 0, "Rotation (degrees)", "Turned to either side, at most."),
    "shift": Bounds(0, 0.3, 0, "Shift", "Moved in each direction, as a share of the side."),
    "zoom": Bounds(0, 0.5, 0, "Zoom", "Made larger or smaller, as a share."),
    "invert": Bounds(0, 1, 0, "Invert", "Share of pictures with light and dark exchanged."),
    "shear": Bounds(0, 0.5, 0, "Slant", "Leaning to either side, as a share of the height."),
    "elastic": Bounds(
        0, 0.1, 0, "Elastic", "Bent here and there like rubber, by this share of the side."
    ),
    "stroke": Bounds(0, 1, 0, "Stroke width", "Lines made thicker or thinner, up to a pixel."),
    "share": Bounds(0.01, 1, 1, "Share of the data", "Part of the training examples that is used."),
    "noise_level": Bounds(
        0.0, MAX_LEVEL, 0.0, "Noise level", "How strong the noise in the data is."
    ),
    "seed": Bounds(
        0, 2**31 - 1, 0, "Seed", "The same seed and settings give the same network.", whole=True
    ),
}
OPTIMIZERS: Mapping[str, str] = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD with momentum"}
# Added to the seed, so that these random numbers tell nothing of one another.
SHARE_STREAM, ORDER_STREAM, AUGMENTATION_STREAM = 1, 2, 3
AUGMENTATIONS = tuple(field.name for field in fields(Augmentation))
CHOICES: Mapping[str, Mapping[str, str]] = {"optimizer": OPTIMIZERS, "schedule": SCHEDULES}


@dataclass(frozen=True, kw_only=True, config=DEFERRED)
class TrainingConfig:
    """All that decides a run; the same configuration makes the same network.

    Args:
        task: name of the task.
        source: name of its data set.
        architecture: the network.
        epochs: how often the training examples are gone through. Defaults to 10.
        batch_size: examples per step of the optimiser. Defaults to 32.
        learning_rate: of the optimiser. Defaults to 0.001.
        optimizer: one of OPTIMIZERS. Defaults to "adam".
        momentum: of SGD, after Nesterov. Defaults to 0.9.
        weight_decay: of every step, as the optimiser of that name has it. Defaults to 0.
        clip_norm: largest norm of a whole step's gradient; 0 for no limit. Defaults to 0.
        l2: factor of the squared weights in the loss. Defaults to 0.
        schedule: one of `core.training.schedule.SCHEDULES`. Defaults to "constant".
        early_stopping: epochs without a better validation loss after which the run ends with
            its best weights; 0 for never. Defaults to 0.
        rotation: augmentation, degrees to either side. Defaults to 0.
        shift: augmentation, share of the side. Defaults to 0.
        zoom: augmentation, share. Defaults to 0.
        invert: augmentation, share of pictures with light and dark exchanged. Defaults to 0.
        shear: augmentation, share of the height. Defaults to 0.
        elastic: augmentation, share of the side. Defaults to 0.
        stroke: augmentation, up to a pixel thicker or thinner. Defaults to 0.
        share: part of the training examples that is used, 0.01..1. Defaults to 1.
        noise: name of the noise put on the data, or "none". Defaults to "none".
        noise_level: its level, one that the noise has. Defaults to 0.
        seed: of the data, the first weights, the order and dropout. Defaults to 0.

    Raises:
        InvalidInput: if a value lies outside BOUNDS, or a name is not known.
    """

    task: str
    source: str
    architecture: Architecture
    epochs: Annotated[int, BOUNDS["epochs"]] = 10
    batch_size: Annotated[int, BOUNDS["batch_size"]] = 32
    learning_rate: Annotated[float, BOUNDS["learning_rate"]] = 0.001
    optimizer: Annotated[str, OneOf(CHOICES["optimizer"])] = "adam"
    momentum: Annotated[float, BOUNDS["momentum"]] = 0.9
    weight_decay: Annotated[float, BOUNDS["weight_decay"]] = 0.0
    clip_norm: Annotated[float, BOUNDS["clip_norm"]] = 0.0
    l2: Annotated[float, BOUNDS["l2"]] = 0.0
    schedule: Annotated[str, OneOf(CHOICES["schedule"])] = "constant"
    early_stopping: Annotated[int, BOUNDS["early_stopping"]] = 0
    rotation: Annotated[float, BOUNDS["rotation"]] = 0.0
    shift: Annotated[float, BOUNDS["shift"]] = 0.0
    zoom: Annotated[float, BOUNDS["zoom"]] = 0.0
    invert: Annotated[float, BOUNDS["invert"]] = 0.0
    shear: Annotated[float, BOUNDS["shear"]] = 0.0
    elastic: Annotated[float, BOUNDS["elastic"]] = 0.0
    stroke: Annotated[float, BOUNDS["stroke"]] = 0.0
    share: Annotated[float, BOUNDS["share"]] = 1.0
    noise: str = "none"
    noise_level: Annotated[float, BOUNDS["noise_level"]] = 0.0
    seed: Annotated[int, BOUNDS["seed"]] = 0

    def __post_init__(self) -> None:
        task = get_task(self.task)
        task.source(self.source)
        if self.noise != "none":
            task.noise(self.noise).check_level(self.noise_level)
        self.architecture.layers(task.input_shape, len(task.classes))
        if self.augmentation.active and len(task.input_shape) != 3:
            raise InvalidInput(f"{task.title} are not pictures: they cannot be turned or moved.")

    @classmethod
    def from_recipe(cls, task: Task, recipe: Recipe, *, source: str = "") -> TrainingConfig:
        """Returns the run that a recipe describes.

        Args:
            task: the task.
            recipe: one of its recipes.
            source: name of the data set. Defaults to the best one that is there.
        """
        source = source or task.available_source().name
        level = task.training_noise_level
        usual = {
            "noise": task.noises[0].name if level else "none",
            "noise_level": level,
        }
        return cls(
            task=task.name,
            source=source,
            architecture=recipe.architecture,
            **{**usual, **recipe.settings, **recipe.by_source.get(source, {})},
        )

    def get_task(self) -> Task:
        """Returns the task that `task` names."""
        return get_task(self.task)

    @property
    def augmentation(self) -> Augmentation:
        """What happens to each picture anew in every epoch."""
        return Augmentation(**{name: getattr(self, name) for name in AUGMENTATIONS})

    @property
    def parameters(self) -> int:
        """The network's number of weights."""
        return self.architecture.parameter_count(
            self.get_task().input_shape, len(self.get_task().classes)
        )

    @property
    def command(self) -> str:
        """The command that makes this run again, without the name to save it under."""
        network = self.architecture
        hidden = ",".join(map(str, network.hidden)) or "none"
        words = [
            f"python -m core train {self.task} --data {self.source}",
            f"--hidden {hidden} --dropout {_written(network.dropout)}",
        ]
        if network.batch_norm:
            words.append("--batch-norm")
        if network.filters:
            words.append(f"--filters {','.join(map(str, network.filters))}")
        if network.recurrent:
            words.append(f"--recurrent {','.join(map(str, network.recurrent))}")
        for name in _NETWORK_OPTIONS:
            if getattr(network, name) != Architecture.__dataclass_fields__[name].default:
                words.append(f"{_option(name)} {getattr(network, name)}")
        words += [
            f"{_option(name)} {_written(getattr(self, name))}"
            for name in _WRITING_ORDER
            if name in ALWAYS_WRITTEN or getattr(self, name) != _DEFAULTS[name]
        ]
        return " ".join(words)

    @classmethod
    def parse(cls, entry: object) -> TrainingConfig:
        """Checks a configuration that was written as plain values.

        Further entries, such as those of a card, are ignored; what an older version did not
        write has its default.

        Raises:
            InvalidInput: if the entries are not a configuration.
        """
        return parse(CONFIG, entry, "the description of a training run")


CONFIG = TypeAdapter(TrainingConfig)
_DEFAULTS = {
    name: field.default
    for name, field in TrainingConfig.__dataclass_fields__.items()
    if field.default is not MISSING
}
_NETWORK_OPTIONS = (
    "kernel_size",
    "convolutions",
    "padding",
    "downsampling",
    "norm_position",
    "output",
    "norm_momentum",
    "activation",
    "cell",
)
ALWAYS_WRITTEN = ("epochs", "batch_size", "learning_rate", "noise", "noise_level", "seed")
_WRITING_ORDER = (
    *(name for name in (*CHOICES, *BOUNDS) if name not in ALWAYS_WRITTEN),
    *ALWAYS_WRITTEN,
)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _written(value: str | float) -> str:
    """Writes a value so that reading it gives the same one, and short where it can be."""
    if isinstance(value, str):
        return value
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))
