"""A saved model's card in a person's words: what is inside, how it came about, what it can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.errors import InvalidInput
from core.inference.calibration import Calibration
from core.metrics.accuracy import Accuracy, percent
from core.models.saved_model import SavedModel
from core.noise.base import Noise
from core.tasks.base import Task
from core.training.card import ImportedCard
from core.training.config import AUGMENTATIONS, BOUNDS, CHOICES, TrainingConfig

ENDINGS: Mapping[str, str] = {
    "complete": "all epochs done",
    "stopped": "stopped by hand, the newest weights kept",
    "early": "stopped early, the best weights kept",
}
# Told elsewhere on the card, or in words of their own.
_TOLD_APART = {"epochs", "noise_level", "seed", "share"}


@dataclass(frozen=True)
class CardRow:
    """One line of a readable card.

    Args:
        title: what is told.
        words: the value, plain text.
    """

    title: str
    words: str


def made_of(model: SavedModel) -> list[CardRow]:
    """Returns what is inside: the layers and their size, or who votes."""
    if model.is_ensemble:
        return [
            CardRow("What it is", model.summary),
            CardRow("Test-time augmentation", "five copies" if model.card.shifts else "none"),
        ]
    card = model.card
    inside = card.imported.layers if isinstance(card, ImportedCard) else model.architecture.summary
    rows = [CardRow("Network", inside)]
    if (count := model.card.parameters) is not None:
        rows.append(CardRow("Parameters (weights)", f"{count:,}"))
    return rows


def alone_of(model: SavedModel) -> list[Accuracy]:
    """Returns what each member of an ensemble can do alone; nothing where the card lacks it."""
    figures = [model.card.alone.get(name) for name in model.members]
    return [figure[0] for figure in figures if figure] if all(figures) else []


def training_of(model: SavedModel) -> list[CardRow]:
    """Returns how a network was trained; settings that change nothing are left out."""
    card = model.card
    noise, level = model.noise
    if isinstance(card, ImportedCard):
        return [
            CardRow("Imported from", card.imported.file),
            CardRow("SHA-256 of that file", card.imported.sha256),
            CardRow("Training", "nobody here knows; it may have seen the test examples"),
            CardRow("Measured on", source_words(model.task, card.source)),
            CardRow("With the noise", noise_words(noise, level)),
            *(CardRow("Found out", finding) for finding in card.imported.findings),
            CardRow("Imported on", created_words(model)),
        ]
    rows = [CardRow("Data", source_words(model.task, card.source))]
    rows.append(CardRow("Noise on the data", noise_words(noise, level)))
    if not model.is_ensemble:
        config = model.config
        if card.examples and (count := card.examples.train) is not None:
            rows.append(CardRow("Training examples", f"{count:,}"))
        rows.append(CardRow("Epochs", _epochs(model, config)))
        choices = {"optimizer": "Optimiser", "schedule": "Schedule"}
        rows += [
            CardRow(title, CHOICES[name][getattr(config, name)]) for name, title in choices.items()
        ]
        rows += [
            CardRow(bounds.title, f"{getattr(config, name):g}")
            for name, bounds in BOUNDS.items()
            if name not in _TOLD_APART and _counts(config, name)
        ]
        rows.append(CardRow("Seed", str(config.seed)))
        if tuned := card.fine_tuned:
            base = (tuned.base and tuned.base.name) or "another network"
            own = tuned.samples and tuned.samples.learned
            digits = "a person's own digits" if own is None else f"{own} of a person's own digits"
            rows.append(CardRow("Fine-tuned", f"from {base}, on {digits}"))
        if (seconds := card.training_seconds) is not None:
            rows.append(CardRow("Training took", f"{seconds:,.1f} s"))
    rows.append(CardRow("Made on", created_words(model)))
    if card.versions:
        listed = ", ".join(f"{name} {number}" for name, number in card.versions.items())
        rows.append(CardRow("Made with", listed))
    return rows


def calibration_of(calibration: Calibration) -> list[CardRow]:
    """Returns what the network's confidence is corrected by, and what that does."""
    rows = [
        CardRow("Temperature", f"{calibration.temperature:g}"),
        CardRow("Refuses below a confidence of", percent(calibration.threshold, 1)),
    ]
    before, after = calibration.error_before, calibration.error_after
    if before is not None and after is not None:
        words = f"{percent(before)} before temperature scaling, {percent(after)} after it"
        rows.append(CardRow("Calibration error", words))
    rows += [CardRow("Digits wrongly refused", str(rate)) for rate in calibration.refused]
    rows += [CardRow("Non-digits read as digits", str(rate)) for rate in calibration.accepted]
    return rows


def source_words(task: Task, name: str) -> str:
    """Returns a data set's title; its bare name where this server does not know it."""
    try:
        return task.source(name).title
    except InvalidInput:
        return name


def noise_words(noise: Noise | None, level: float) -> str:
    """Returns a noise with its level."""
    return f"{noise.title} at {level:g}" if noise is not None and level else "none"


def created_words(model: SavedModel) -> str:
    """Returns the day on which a model was made, as 2026-11-21; "unknown" if no card says it."""
    try:
        return f"{datetime.fromisoformat(model.card.created or ''):%Y-%m-%d}"
    except ValueError:
        return "unknown"


def size_words(size: int) -> str:
    """Writes bytes as people do; "–" for none."""
    if size == 0:
        return "–"
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"


def _epochs(model: SavedModel, config: TrainingConfig) -> str:
    card = model.card
    done = config.epochs if card.epochs_done is None else card.epochs_done
    words = f"{done} of {config.epochs}"
    if ending := ENDINGS.get(card.ending or ""):
        words += f", {ending}"
    return words


def _counts(config: TrainingConfig, name: str) -> bool:
    """Returns whether a setting has done anything."""
    if name == "momentum":
        return config.optimizer == "sgd"
    if name in AUGMENTATIONS or BOUNDS[name].default == 0:
        return bool(getattr(config, name))
    return True
