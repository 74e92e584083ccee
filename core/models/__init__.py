"""Saved models: a folder each, with the network and a card that describes it."""

from core.models.store import ModelStore, SavedModel, UnusableModel, check_name

__all__ = ["ModelStore", "SavedModel", "UnusableModel", "check_name"]
