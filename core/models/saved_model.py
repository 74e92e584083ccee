"""Saved models: a folder each, holding the network twice and a card that says what it is.

`model.keras` is the network for further training, `model.tflite` the same for quick answers, and
`card.json` tells task, architecture, data, seed, figures, versions, date and the command that
makes it again. The card carries checksums, so that a damaged file is noticed before it is used.

An ensemble is a folder with nothing but a card, which names the networks that vote.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data import Dataset
from core.errors import InvalidInput, ModelUnusable
from core.inference.calibration import Calibration
from core.inference.ensemble import VOTES
from core.metrics.accuracy import Accuracy, percent
from core.networks.architecture import Architecture
from core.networks.formats import LITERT_FILE, checksum
from core.noise.base import Noise
from core.tasks.base import Task, get_task

CARD_FILE = "card.json"
NAME_RULE = "1 to 60 lower-case letters, digits and hyphens, beginning with a letter or digit"
# The models that come with Digit Lab: nobody can rename or delete them on a page.
BUNDLED: tuple[str, ...] = (
    "handwritten",
    "handwritten-cnn",
    "handwritten-dense",
    "handwritten-ensemble",
    "handwritten-kernel-5",
    "handwritten-kernel-7",
    "handwritten-large",
    "handwritten-mnist",
    "seven-segment",
    "seven-segment-extra",
    "seven-segment-flip",
    "seven-segment-missing",
    "seven-segment-one-fault",
)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def check_name(name: str) -> str:
    """Returns the name if it can be a model's, or raises InvalidInput saying what can."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"A model's name has {NAME_RULE}. Received: {name[:80]!r}")
    return name


@dataclass(frozen=True)
class SavedModel:
    """A model that can be used.

    Args:
        name: of its folder.
        folder: where its files are.
        card: what `card.json` says, checked.
    """

    name: str
    folder: Path
    card: Mapping[str, Any]

    @property
    def task(self) -> Task:
        """The task that the network was trained for."""
        return get_task(self.card["task"])

    @property
    def is_ensemble(self) -> bool:
        """Whether it is several networks that vote, without a network of its own."""
        return "members" in self.card

    @property
    def members(self) -> tuple[str, ...]:
        """Names of the networks that vote; none where it is one network."""
        return tuple(str(member["name"]) for member in self.card.get("members", ()))

    @property
    def weights(self) -> tuple[float, ...]:
        """How much each member's answer counts in a weighted vote; none for any other."""
        weights = self.card["weights"] if self.card.get("vote") == "weighted" else ()
        return tuple(float(weight) for weight in weights)

    @property
    def architecture(self) -> Architecture:
        """What is inside the network, which must not be an ensemble."""
        return Architecture.from_json(self.card["architecture"])

    @property
    def summary(self) -> str:
        """What it is made of, in one line."""
        if self.is_ensemble:
            looks = ", each with test-time augmentation" if self.card.get("shifts") else ""
            members = self.members
            if self.weights:
                pairs = zip(members, self.weights, strict=True)
                members = tuple(f"{name} ({percent(weight, 1)})" for name, weight in pairs)
            return f"{VOTES[self.card['vote']].lower()} of {', '.join(members)}{looks}"
        return f"{self.architecture.summary}; seed {self.card['seed']}"

    @property
    def is_bundled(self) -> bool:
        """Whether it comes with Digit Lab and cannot be renamed or deleted."""
        return self.name in BUNDLED

    @property
    def size(self) -> int:
        """Bytes of its network files, as many as can be found; 0 for an ensemble."""
        total = 0
        for file in self.card["files"]:
            with contextlib.suppress(OSError):
                total += (self.folder / file).stat().st_size
        return total

    @property
    def figures(self) -> tuple[Accuracy, ...]:
        """Measured accuracies, the most important first."""
        return tuple(Accuracy.from_json(entry) for entry in self.card["figures"])

    @property
    def calibration(self) -> Calibration:
        """What the network's probabilities are corrected by."""
        return Calibration.from_json(self.card.get("calibration"))

    @property
    def version(self) -> str:
        """Changes whenever the answers do, so that caches notice."""
        answering = self.card["members"] if self.is_ensemble else self.card["files"][LITERT_FILE]
        deciding = [answering, *(self.card.get(key) for key in ("vote", "shifts", "calibration"))]
        deciding += self.weights
        return checksum(json.dumps(deciding, sort_keys=True).encode())

    @property
    def noise(self) -> tuple[Noise | None, float]:
        """The noise on the data that it was trained on, None for clean data, and its level."""
        name = self.card.get("noise", "none")
        noise = None if name == "none" else self.task.noise(name)
        return noise, float(self.card.get("noise_level", 0))

    def held_out(self, source: str | None = None, *, seed: int | None = None) -> Dataset:
        """Loads data to judge by, with the same noise as what the model was trained on.

        Args:
            source: name of the data set. Defaults to the card's.
            seed: of what is random in it. Defaults to the card's.

        Raises:
            InvalidInput: if there is no such data set.
            DataUnavailable: if the data is not there.
        """
        chosen = int(self.card.get("seed", 0)) if seed is None else seed
        return self.task.source(source or self.card["source"]).held_out(*self.noise, chosen)

    def read(self, file: str) -> bytes:
        """Returns one of the model's files.

        Raises:
            ModelUnusable: if it is gone or no longer what the card says.
        """
        try:
            data = (self.folder / file).read_bytes()
        except OSError as error:
            raise ModelUnusable(f"{self.name}: {file} cannot be read.") from error
        if file in self.card["files"] and checksum(data) != self.card["files"][file]:
            raise ModelUnusable(f"{self.name}: {file} is damaged (its checksum is wrong).")
        return data


@dataclass(frozen=True)
class UnusableModel:
    """A folder among the models that holds none that can be used, and why."""

    name: str
    reason: str
