"""A saved model's own files: no network is converted."""

from __future__ import annotations

from core.errors import ModelUnusable
from core.export.format import QuickFormat, needs_network
from core.models.saved_model import CARD_FILE, SavedModel
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.networks.older_keras import opens_in_older


def _needs_litert(model: SavedModel) -> str:
    if model.is_ensemble:
        return needs_network(model)
    return "" if LITERT_FILE in model.card.files else "This model has no LiteRT file."


def _keras_file(model: SavedModel) -> bytes:
    """Returns the Keras file; one that was saved long ago is made to open in older versions."""
    try:
        return opens_in_older(model.read(KERAS_FILE))
    except ValueError as error:
        raise ModelUnusable(f"{model.name}: {KERAS_FILE} cannot be read: {error}.") from error


KERAS = QuickFormat(
    name="keras",
    title="Keras file",
    ending=".keras",
    unavailable=needs_network,
    make=_keras_file,
)
LITERT = QuickFormat(
    name="litert",
    title="LiteRT file",
    ending=".tflite",
    unavailable=_needs_litert,
    make=lambda model: model.read(LITERT_FILE),
)
CARD = QuickFormat(
    name="card",
    title="card",
    ending=f"-{CARD_FILE}",
    mime="application/json",
    make=lambda model: model.read(CARD_FILE),
)
