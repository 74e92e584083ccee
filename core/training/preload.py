"""Loads TensorFlow in a worker, before the first run asks for it."""

from __future__ import annotations


def load() -> None:
    """Imports what trains, which takes seconds. Runs in a worker."""
    import core.training.fit  # noqa: F401
