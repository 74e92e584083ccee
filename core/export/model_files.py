"""A saved model's own files as they are on disk: nothing is converted."""

from __future__ import annotations

from core.export.format import QuickFormat, needs_network
from core.models.saved_model import CARD_FILE, SavedModel
from core.networks.formats import KERAS_FILE, LITERT_FILE


def _needs_litert(model: SavedModel) -> str:
    if model.is_ensemble:
        return needs_network(model)
    return "" if LITERT_FILE in model.card.files else "This model has no LiteRT file."


KERAS = QuickFormat(
    name="keras",
    title="Keras file",
    ending=".keras",
    unavailable=needs_network,
    make=lambda model: model.read(KERAS_FILE),
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
