"""Cards: what is known of a trained model, beside its files and in the database.

A card may come from anywhere. What has passed `parse_card` can be used by every page and command
without another thought: one wrong entry would else break a page for everybody who opens it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictBool,
    TypeAdapter,
    field_validator,
    model_validator,
)

from core.datasets.tables import storage as tables
from core.datasets.tables.description import Record, is_table, parse_record
from core.errors import InvalidInput
from core.inference.calibration import Calibration
from core.inference.ensemble import VOTES
from core.metrics.accuracy import Accuracy
from core.metrics.paired import PairedAnswers
from core.networks.formats import SCHEMES
from core.noise.base import Noise
from core.schema import OneOf, parse
from core.tasks.base import Task, get_task
from core.training.config import ALWAYS_WRITTEN, BOUNDS, TrainingConfig

CARD_FORMAT: Literal[1] = 1
# Weights, seconds, examples: more than any network has, and little enough to be added up.
LARGEST = 10**15
MAX_DEPTH = 50  # entries within entries
# Test data that cards of older versions call by another name.
_RENAMED = {
    "pen strokes of 6 people never learned from": "pen strokes by 6 writers kept for testing"
}

Count = Annotated[int, Field(ge=0, le=LARGEST, strict=True)]
Share = Annotated[float, Field(ge=0, le=1, strict=True)]
Seconds = Annotated[float, Field(ge=0, le=LARGEST, strict=True)]


class _Part(BaseModel):
    """A part of a card. Entries that nothing uses are left alone: a newer version may add some."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Examples(_Part):
    """How many examples there were, as far as it is known."""

    train: Count | None = None
    validation: Count | None = None


class Base(_Part):
    """The network that a fine-tuning began with."""

    name: str | None = None


class Samples(_Part):
    """How many samples of their own a person gave."""

    learned: Count | None = None
    kept_aside: Count | None = None


class FineTuned(_Part):
    """How a network was taught a person's handwriting.

    Args:
        base: the network that it began with.
        samples: how many there were.
        learned: digests of the pictures that it has learned from.
        kept_aside: digests of those that it was tested on, now or before.
        before: accuracy on the person's samples and on the base data, before.
        after: the same afterwards.
        pairs: the network before, first, and after, on the same examples in the same order, and on
            each of the parts; none on cards made before it was counted.
        own_parts: before and after on parts of the person's samples, where signs were taught.
        signs_refused: how many of the signs kept aside get no answer: too little confidence.
    """

    base: Base | None = None
    samples: Samples | None = None
    learned: tuple[str, ...] = ()
    kept_aside: tuple[str, ...] = ()
    before: tuple[Accuracy, ...] = ()
    after: tuple[Accuracy, ...] = ()
    pairs: tuple[PairedAnswers, ...] = ()
    own_parts: tuple[tuple[Accuracy, Accuracy], ...] = ()
    signs_refused: Count = 0


class Int8(_Part):
    """The network in whole numbers, and what that cost: see `core.export.int8`.

    Args:
        scheme: how it is quantised, one of `core.networks.formats.SCHEMES`.
        before: accuracies of the network as it was trained, on test data.
        after: the same of the quantised one, on the same examples in the same order.
        pairs: the network as it was trained, first, and the quantised one, on each of them.
        exact: accuracy before and after on the noise that it was trained on, where theory gives it.
    """

    scheme: Annotated[str, OneOf(SCHEMES)]
    before: tuple[Accuracy, ...] = Field(min_length=1)
    after: tuple[Accuracy, ...]
    pairs: tuple[PairedAnswers, ...]
    exact: tuple[Share, Share] | None = None

    @model_validator(mode="after")
    def _check_parts(self) -> Int8:
        if not len(self.before) == len(self.after) == len(self.pairs):
            raise InvalidInput("Its int8 figures do not belong together.")
        return self


class Card(_Part):
    """What every card says. Where an older one lacks an entry, or it is null, it is not known.

    Args:
        format: of the card; only that of a saved model has one.
        task: name of the task.
        source: name of the data set.
        noise: name of the noise on the data, or "none".
        noise_level: its level.
        seed: of what is random in data and training.
        figures: accuracies on test data, the most important first.
        calibration: what the probabilities are corrected by.
        command: the command that makes the model again.
        created: date and time, ISO 8601.
        files: checksums of the files beside the card, by name.
        parameters: weights of the network.
        examples: what it was trained on.
        epochs_done: epochs of training.
        training_seconds: how long it was trained.
        ending: how training ended: see `core.training.events.Ending`.
        fine_tuned: how it was taught a person's handwriting.
        shifts: whether an ensemble answers with test-time augmentation.
        alone: an ensemble's members' own figures, by name.
        pairs: the ensemble, first, and each member on the same examples, by name, in the order of
            the figures; none on cards made before it was counted.
        versions: of the libraries that made it.
        table: how a raw row becomes an input, where it has learned from a table's rows.
        int8: the network in whole numbers, where somebody has made it.
    """

    format: Literal[1] | None = None
    task: str
    source: str
    noise: str = "none"
    noise_level: Annotated[float, BOUNDS["noise_level"]] = 0.0
    seed: Annotated[int, BOUNDS["seed"]] = 0
    figures: tuple[Accuracy, ...]
    calibration: Calibration | None = None
    command: str
    created: str | None = None
    files: Mapping[str, str] = {}
    parameters: Count | None = None
    examples: Examples | None = None
    epochs_done: Count | None = None
    training_seconds: Seconds | None = None
    ending: str | None = None
    fine_tuned: FineTuned | None = None
    shifts: StrictBool = False
    alone: Mapping[str, tuple[Accuracy, ...]] = {}
    pairs: Mapping[str, tuple[PairedAnswers, ...]] = {}
    versions: Mapping[str, Any] | None = None
    table: Record | None = None
    int8: Int8 | None = None
    _entries: Mapping[str, Any] = PrivateAttr(default_factory=dict)

    @field_validator("figures", "alone", "calibration", mode="before")
    @classmethod
    def _rename_data(cls, entry: Any) -> Any:
        return _renamed(entry)

    @model_validator(mode="after")
    def _check_noise(self) -> Card:
        task = get_task(self.task)
        if self.noise != "none":
            task.noise(self.noise).check_level(self.noise_level)
        return self

    @property
    def entries(self) -> Mapping[str, Any]:
        """All entries as they were written, with those that nothing here knows."""
        return self._entries

    def with_entries(self, **changes: Any) -> AnyCard:
        """Returns the card with other entries, checked anew.

        Raises:
            InvalidInput: if one of them is wrong.
        """
        return parse_card({**self.entries, **changes})

    def get_task(self) -> Task:
        """Returns the task that `task` names."""
        return get_task(self.task)

    def get_noise(self) -> tuple[Noise | None, float]:
        """Returns the noise on the data, None for clean data, and its level."""
        return None if self.noise == "none" else self.get_task().noise(self.noise), self.noise_level


class NetworkCard(Card):
    """The card of one network: its training configuration, and what came of it."""

    _config: TrainingConfig = PrivateAttr()

    @property
    def config(self) -> TrainingConfig:
        """The run that made the network."""
        return self._config


class Member(_Part):
    """A network that votes.

    Args:
        name: of the saved model.
        version: of its answers when the ensemble was made.
    """

    name: str
    version: str


class EnsembleCard(Card):
    """The card of several networks that vote.

    Args:
        vote: one of `core.inference.ensemble.VOTES`.
        members: the networks.
        weights: how much each counts in a weighted vote.
    """

    vote: Annotated[str, OneOf(VOTES)]
    members: tuple[Member, ...]
    weights: tuple[float, ...] = ()


class Imported(_Part):
    """Where a network from outside comes from.

    Args:
        file: what its file was called.
        sha256: checksum of that file, in hexadecimal.
        format: what the file was.
        layers: what is inside, in one line.
        kind: what it mainly consists of.
        findings: what was found out when it was fitted to the task, as sentences.
    """

    file: str
    sha256: str
    format: Literal["keras", "litert"]
    layers: str
    kind: Literal["convolutional", "dense", "recurrent"]
    findings: tuple[str, ...] = ()


class ImportedCard(Card):
    """The card of a network from outside: nothing is known of its training.

    Its source and noise are those that it was measured on.

    Args:
        imported: where it comes from.
    """

    imported: Imported


AnyCard: TypeAlias = NetworkCard | EnsembleCard | ImportedCard


@dataclass(frozen=True)
class TrainedModel:
    """What a run leaves behind, ready for `ModelStore.save`.

    Args:
        files: the bytes of the model's files by their names; none for an ensemble.
        card: what the run was and what was measured of it.
    """

    files: Mapping[str, bytes]
    card: AnyCard


_NETWORK, _ENSEMBLE = TypeAdapter(NetworkCard), TypeAdapter(EnsembleCard)
_IMPORTED = TypeAdapter(ImportedCard)


def parse_card(entries: object) -> AnyCard:
    """Checks every entry of a card that anything uses.

    Args:
        entries: as `json.loads` returns them.

    Raises:
        InvalidInput: with a sentence about the first entry that is wrong.
    """
    if not isinstance(entries, Mapping):
        raise InvalidInput("This is not a model's card: it is not an object with entries.")
    # It is shown as it is: what is nested too deeply, or half a character, would end the page.
    _check_depth(entries)
    try:
        json.dumps(entries, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"This card cannot be written as JSON ({error}).") from error
    if entries.get("format", CARD_FORMAT) != CARD_FORMAT:
        raise InvalidInput(f"Its card has format {entries['format']}, not {CARD_FORMAT}.")
    _learn_table(entries)
    card: AnyCard
    if "members" in entries:
        card = parse(_ENSEMBLE, entries, "the card of an ensemble")
    elif "imported" in entries:
        card = parse(_IMPORTED, entries, "the card of an imported network")
    else:
        card = parse(_NETWORK, entries, "the card of a network")
        for name in ALWAYS_WRITTEN:
            if name not in entries:
                raise InvalidInput(f"This is not the card of a network: it has no entry {name!r}.")
        card._config = TrainingConfig.parse(entries)
    card._entries = entries
    return card


def _learn_table(entries: Mapping[Any, Any]) -> None:
    """Makes a person's own table known, of which the card holds all but the rows."""
    name = entries.get("task")
    if entries.get("table") is None or not isinstance(name, str) or not is_table(name):
        return
    record = parse_record(entries["table"])
    if record.name != name:
        raise InvalidInput("The table on its card is another than the one that it names.")
    tables.learn(record)


def _renamed(entry: Any) -> Any:
    """Returns a part of a card with today's names of test data in it."""
    if isinstance(entry, list):
        return [_renamed(each) for each in entry]
    if isinstance(entry, Mapping):
        return {
            name: _RENAMED.get(value, value)
            if name == "data" and isinstance(value, str)
            else _renamed(value)
            for name, value in entry.items()
        }
    return entry


def _check_depth(value: Any, left: int = MAX_DEPTH) -> None:
    if not left:
        raise InvalidInput(f"Its card has entries within entries, more than {MAX_DEPTH} deep.")
    if isinstance(value, Mapping):
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        _check_depth(inner, left - 1)
