"""Saved networks as plans, and which cannot be: those from outside may have any layers."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from core.errors import DigitLabError
from core.export.format import needs_network
from core.models.keras_layers import read_layers
from core.models.saved_model import SavedModel
from core.models.store import ModelStore
from core.networks.plan import Step, plan_network
from core.training.card import NetworkCard


def plan_of(model: SavedModel) -> tuple[Step, ...]:
    """Returns a network's steps from an input to probabilities.

    Args:
        model: any but an ensemble, which has no network of its own.

    Raises:
        ModelUnusable: if its file is damaged, or a layer cannot be written as a program.
    """
    return plan_network(read_layers(model), model.task.input_shape, name=model.name)


def needs_plan(model: SavedModel) -> str:
    """Says why a model cannot be written as a program; empty if it can.

    What was trained here always can. Into a network from outside it looks once.
    """
    if (why := needs_network(model)) or isinstance(model.card, NetworkCard):
        return why
    return _why_no_plan(model.folder, model.version)


@lru_cache(maxsize=64)
def _why_no_plan(folder: Path, version: str) -> str:
    """Looks into a network; the version is there so that another one is looked into anew."""
    try:
        plan_of(ModelStore(folder.parent).get(folder.name))
    except DigitLabError as error:
        return str(error)
    return ""
