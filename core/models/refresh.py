"""Saved models of earlier versions, with their Keras files as this version writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import ModelUnusable
from core.models.saved_model import SavedModel
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE
from core.networks.older_keras import opens_in_older


def refresh(store: ModelStore, model: SavedModel) -> bool:
    """Writes a model's Keras file so that older versions of Keras open it, where it is not so yet.

    Weights, the LiteRT file and everything else on the card stay as they are.

    Args:
        store: where the model is.
        model: the model.

    Returns:
        Whether anything had to be written.

    Raises:
        ModelUnusable: if a file cannot be read or written.
    """
    if KERAS_FILE not in model.card.files:
        return False
    files = {file: model.read(file) for file in model.card.files}
    try:
        older = opens_in_older(files[KERAS_FILE])
    except ValueError as error:
        raise ModelUnusable(f"{model.name}: {KERAS_FILE} cannot be read: {error}.") from error
    if older == files[KERAS_FILE]:
        return False
    rewrite(store, model, files | {KERAS_FILE: older})
    return True


def rewrite(
    store: ModelStore, model: SavedModel, files: Mapping[str, bytes], **entries: Any
) -> SavedModel:
    """Saves a model in its own place, with other files or other entries on its card.

    Args:
        store: where the model is.
        model: the model.
        files: the bytes of all its files.
        entries: those that change; checksums follow the files.

    Raises:
        ModelUnusable: if that cannot be written.
    """
    command = model.card.command.removesuffix(f" --name {model.name}")  # saving adds it
    card = model.card.with_entries(command=command, **entries)
    return store.save(model.name, files, card, replace=True)
