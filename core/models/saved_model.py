"""Saved models: a folder each, holding the network twice and a card that says what it is.

`model.keras` is the network for further training, `model.tflite` the same for quick answers, and
`card.json` tells task, architecture, data, seed, figures, versions, date and the command that
makes it again. The card carries checksums, so that a damaged file is noticed before it is used.

An ensemble is a folder without a network: its card names those that vote. Where a visitor has saved
a model, `owner.json` says whose it is: see `core.models.ownership`.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from core.data import Dataset
from core.errors import InvalidInput, ModelProtected, ModelUnusable
from core.files import read_file, reason
from core.inference.calibration import Calibration
from core.inference.ensemble import VOTES
from core.metrics.accuracy import Accuracy, percent
from core.models.ownership import Owner
from core.networks.architecture import Architecture
from core.networks.formats import KERAS_FILE, LITERT_FILE, checksum
from core.noise.base import Noise
from core.tasks.base import Task
from core.training.card import AnyCard, EnsembleCard, ImportedCard, NetworkCard
from core.training.config import TrainingConfig

CARD_FILE = "card.json"
NAME_RULE = "1 to 60 lower-case letters, digits and hyphens, beginning with a letter or digit"
# The models that come with Digit Lab: nobody can rename or delete them on a page.
BUNDLED: tuple[str, ...] = (
    "even-odd",
    "gestures",
    "handwritten",
    "handwritten-cnn",
    "handwritten-dense",
    "handwritten-ensemble",
    "handwritten-kernel-5",
    "handwritten-kernel-7",
    "handwritten-large",
    "handwritten-mnist",
    "handwritten-tiny",
    "next-number",
    "next-number-dense",
    "parity",
    "seven-segment",
    "seven-segment-extra",
    "seven-segment-flip",
    "seven-segment-missing",
    "seven-segment-one-fault",
    "shapes",
)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def check_name(name: str) -> str:
    """Returns the name if it can be a model's, or raises InvalidInput saying what can."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"A model's name has {NAME_RULE}. Received: {name[:80]!r}")
    return name


def check_not_bundled(name: str) -> None:
    """Raises ModelProtected if the name belongs to a model that comes with Digit Lab."""
    if name in BUNDLED:
        raise ModelProtected(
            f"{name!r} is kept for a model that comes with Digit Lab. Choose another name."
        )


@dataclass(frozen=True)
class SavedModel:
    """A model that can be used.

    Args:
        name: of its folder.
        folder: where its files are.
        card: what `card.json` says, checked.
        owner: whose it is. Defaults to nobody.
    """

    name: str
    folder: Path
    card: AnyCard
    owner: Owner | None = None

    @property
    def task(self) -> Task:
        """The task that the network was trained for."""
        return self.card.get_task()

    @property
    def is_ensemble(self) -> bool:
        """Whether it is several networks that vote, without a network of its own."""
        return isinstance(self.card, EnsembleCard)

    @property
    def is_imported(self) -> bool:
        """Whether it is a network from outside, of whose training nothing is known."""
        return isinstance(self.card, ImportedCard)

    @property
    def has_layers(self) -> bool:
        """Whether its layers can be looked at: not those of an ensemble, nor of a LiteRT file."""
        return KERAS_FILE in self.card.files

    @property
    def members(self) -> tuple[str, ...]:
        """Names of the networks that vote; none where it is one network."""
        card = self.card
        return tuple(m.name for m in card.members) if isinstance(card, EnsembleCard) else ()

    @property
    def weights(self) -> tuple[float, ...]:
        """How much each member's answer counts in a weighted vote; none for any other."""
        card = self.card
        return card.weights if isinstance(card, EnsembleCard) and card.vote == "weighted" else ()

    @property
    def config(self) -> TrainingConfig:
        """The run that made the network, which must be one that was trained here."""
        assert isinstance(self.card, NetworkCard)
        return self.card.config

    @property
    def architecture(self) -> Architecture:
        """What is inside the network, which must be one that was trained here."""
        return self.config.architecture

    @property
    def summary(self) -> str:
        """What it is made of, in one line."""
        if isinstance(self.card, EnsembleCard):
            looks = ", each with test-time augmentation" if self.card.shifts else ""
            members = self.members
            if self.weights:
                pairs = zip(members, self.weights, strict=True)
                members = tuple(f"{name} ({percent(weight, 1)})" for name, weight in pairs)
            return f"{VOTES[self.card.vote].lower()} of {', '.join(members)}{looks}"
        if isinstance(self.card, ImportedCard):
            return f"{self.card.imported.layers}; imported from {self.card.imported.file}"
        return f"{self.architecture.summary}; seed {self.card.seed}"

    @property
    def is_bundled(self) -> bool:
        """Whether it comes with Digit Lab and cannot be renamed or deleted."""
        return self.name in BUNDLED

    def belongs_to(self, person: str) -> bool:
        """Whether a visitor of this id has saved it."""
        return self.owner is not None and self.owner.matches(person)

    @property
    def size(self) -> int:
        """Bytes of its network files, as many as can be found; 0 for an ensemble."""
        total = 0
        for file in self.card.files:
            with contextlib.suppress(OSError):
                total += (self.folder / file).stat().st_size
        return total

    @property
    def figures(self) -> tuple[Accuracy, ...]:
        """Measured accuracies, the most important first."""
        return self.card.figures

    @property
    def calibration(self) -> Calibration:
        """What the network's probabilities are corrected by."""
        return self.card.calibration or Calibration()

    @property
    def version(self) -> str:
        """Changes whenever the answers do, so that caches notice."""
        entries = self.card.entries
        answering = entries["members"] if self.is_ensemble else entries["files"][LITERT_FILE]
        deciding = [answering, *(entries.get(key) for key in ("vote", "shifts", "calibration"))]
        deciding += self.weights
        return checksum(json.dumps(deciding, sort_keys=True).encode())

    @property
    def noise(self) -> tuple[Noise | None, float]:
        """The noise on the data that it was trained on, None for clean data, and its level."""
        return self.card.get_noise()

    def held_out(self, source: str | None = None, *, seed: int | None = None) -> Dataset:
        """Loads data to judge by, with the same noise as what the model was trained on.

        Args:
            source: name of the data set. Defaults to the card's.
            seed: of what is random in it. Defaults to the card's.

        Raises:
            InvalidInput: if there is no such data set.
            DataUnavailable: if the data is not there.
        """
        chosen = self.card.seed if seed is None else seed
        return self.task.source(source or self.card.source).held_out(*self.noise, chosen)

    def read(self, file: str) -> bytes:
        """Returns one of the model's files.

        Raises:
            ModelUnusable: if it is gone or no longer what the card says.
        """
        try:
            data = read_file(self.folder / file)
        except OSError as error:
            raise ModelUnusable(f"{self.name}: {file} cannot be read ({reason(error)}).") from error
        if file in self.card.files and checksum(data) != self.card.files[file]:
            raise ModelUnusable(f"{self.name}: {file} is damaged (its checksum is wrong).")
        return data


@dataclass(frozen=True)
class UnusableModel:
    """A folder among the models that holds none that can be used.

    Args:
        name: of the folder.
        reason: why it cannot be used.
        owner: whose it is. Defaults to nobody.
    """

    name: str
    reason: str
    owner: Owner | None = None

    def belongs_to(self, person: str) -> bool:
        """Whether a visitor of this id has saved it."""
        return self.owner is not None and self.owner.matches(person)
