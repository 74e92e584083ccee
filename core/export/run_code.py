"""The run that made a saved model, as code: a script and a notebook."""

from __future__ import annotations

from core.export.format import QuickFormat, needs_network
from core.export.keras_script import keras_code
from core.export.notebook import MIME, notebook
from core.models.saved_model import SavedModel
from core.training.card import NetworkCard
from core.training.events import Finished
from core.training.history import History


def _needs_run(model: SavedModel) -> str:
    if model.is_ensemble:
        return needs_network(model)
    if model.card.fine_tuned is not None:
        return "It was taught a person's handwriting, which no code can make again."
    return ""


def history_of(model: SavedModel) -> History:
    """Returns what a card tells of how the run ended; it does not tell learning rates changed."""
    card = model.card
    assert isinstance(card, NetworkCard)
    kept = card.entries.get("kept_epoch")
    kept_epoch = max(0, kept) if isinstance(kept, int) else 0
    finished = None
    if card.epochs_done is not None and card.ending == "diverged":
        finished = Finished("diverged", card.epochs_done, kept_epoch)
    elif card.epochs_done is not None and card.ending == "stopped":
        finished = Finished("stopped", card.epochs_done, kept_epoch)
    return History(card.config.epochs, finished=finished)


def _script(model: SavedModel) -> bytes:
    return keras_code(model.config, history_of(model)).encode()


def _notebook(model: SavedModel) -> bytes:
    text = notebook(model.config, history_of(model), model.figures, model=model.name)
    return text.encode()


SCRIPT = QuickFormat(
    name="script",
    title="Keras script",
    ending="-train.py",
    mime="text/x-python",
    unavailable=_needs_run,
    make=_script,
)
NOTEBOOK = QuickFormat(
    name="notebook",
    title="notebook",
    ending=".ipynb",
    mime=MIME,
    unavailable=_needs_run,
    make=_notebook,
)
