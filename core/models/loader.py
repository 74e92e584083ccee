"""Saved models made ready to answer."""

from __future__ import annotations

from core.inference.ensemble import Ensemble
from core.inference.predictor import Classifier, Predictor
from core.models.saved_model import SavedModel
from core.models.store import ModelStore
from core.networks.formats import LITERT_FILE
from core.training.card import EnsembleCard


def load_classifier(model: SavedModel, *, calibrated: bool = True) -> Classifier:
    """Loads a saved model; keep the result, loading takes longer than answering.

    Args:
        model: a network, or an ensemble whose members are in the folder beside it.
        calibrated: whether probabilities are corrected. Defaults to True.

    Raises:
        ModelUnusable: if a file is gone or damaged, or a member cannot be used.
    """
    calibration = model.calibration if calibrated else None
    if isinstance(model.card, EnsembleCard):
        store = ModelStore(model.folder.parent)
        return Ensemble(
            [load_classifier(store.get(name)) for name in model.members],
            vote=model.card.vote,
            weights=model.weights,
            test_time_augmentation=model.card.shifts,
            calibration=calibration,
        )
    return Predictor(
        model.read(LITERT_FILE),
        input_shape=model.task.input_shape,
        num_classes=len(model.task.classes),
        calibration=calibration,
    )
