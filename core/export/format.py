"""What a format is in which a saved model can be taken away; `core.export.formats` lists them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from core.models.saved_model import SavedModel
from core.networks.formats import KERAS_FILE
from core.training.card import Int8


class Report(Protocol):
    """Tells how far the making of a file is; raises Abandoned where it shall stop."""

    def __call__(self, note: str, done: int = 0, total: int = 0) -> None:
        """Tells it.

        Args:
            note: what is being done.
            done: how much of it is done. Defaults to 0.
            total: how much there is to do. Defaults to 0: unknown.
        """
        ...


def can_always(model: SavedModel) -> str:
    """Says of every model that it can be given."""
    return ""


def needs_network(model: SavedModel) -> str:
    """Says why a model has no Keras network of its own; empty if it has one."""
    if model.is_ensemble:
        return "An ensemble has no network of its own: take its members one by one."
    if KERAS_FILE not in model.card.files:
        return "This model has no Keras file, from which this one would be made."
    return ""


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format in which a saved model can be taken away.

    Args:
        name: on the command line, such as "onnx".
        title: of what is made, for a sentence: "Making the … ".
        ending: of the file's name, after the model's: ".onnx", "-int8.tflite".
        mime: the file's media type.
        unavailable: says why a model cannot be given so; empty if it can. It must be quick, and
            must not look into the network. Defaults to every model.
    """

    name: str
    title: str
    ending: str
    mime: str = "application/octet-stream"
    unavailable: Callable[[SavedModel], str] = can_always

    def file_name(self, model: SavedModel) -> str:
        """Returns what the file is called on the person's computer."""
        return f"{model.name}{self.ending}"


@dataclass(frozen=True, kw_only=True)
class QuickFormat(Format):
    """One that is made in the server, in moments, without TensorFlow.

    Args:
        make: makes the file, only when somebody asks for it; raises ModelUnusable or another
            DigitLabError where that fails.
    """

    make: Callable[[SavedModel], bytes]


@dataclass(frozen=True)
class Exported:
    """A file that was made, or that is kept beside the card.

    Args:
        data: the file.
        notes: what was measured of it, a sentence each. Defaults to nothing.
        int8: what quantising has cost, if that was done. Defaults to None.
    """

    data: bytes
    notes: tuple[str, ...] = ()
    int8: Int8 | None = None


def nothing_kept(model: SavedModel) -> Exported | None:
    """Finds no such file beside the card."""
    return None


@dataclass(frozen=True, kw_only=True)
class WorkerFormat(Format):
    """One that takes long, or takes TensorFlow: made in a worker, by `core.jobs.export`.

    Args:
        make: makes the file. What takes long to import is imported in it.
        kept: finds a file that was made before, beside the card. Defaults to none.
    """

    make: Callable[[SavedModel, Report], Exported]
    kept: Callable[[SavedModel], Exported | None] = nothing_kept
