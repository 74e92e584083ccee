"""A recipe: ready-made settings of a training run, and what they teach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.networks.architecture import Architecture


@dataclass(frozen=True)
class Recipe:
    """One choice that sets everything; each setting can be changed afterwards.

    Args:
        name: short and stable; used in URLs and commands.
        title: display name.
        lesson: one sentence about what it teaches.
        architecture: the network.
        settings: further fields of `core.training.config.TrainingConfig`; the others keep their
            defaults. The noise defaults to the task's usual one.
        by_source: settings that differ on some data sets, keyed by their names.
        slow_motion: whether its epochs are so short that a first run is better watched with a wait
            between them. Defaults to False.
    """

    name: str
    title: str
    lesson: str
    architecture: Architecture
    settings: Mapping[str, Any] = field(default_factory=dict)
    by_source: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    slow_motion: bool = False
