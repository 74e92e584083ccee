"""Saved models: a folder each, with the network and a card that describes it."""

from core.models.loader import load_classifier
from core.models.saved_model import SavedModel, UnusableModel, check_name
from core.models.store import ModelStore

__all__ = ["ModelStore", "SavedModel", "UnusableModel", "check_name", "load_classifier"]
