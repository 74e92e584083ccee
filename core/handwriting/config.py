"""Transfer learning: what can be chosen, which samples are kept aside, and the result.

Nothing here imports TensorFlow, so the server can describe it. `core.handwriting.fine_tuning` does
the work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import StrictBool, TypeAdapter
from pydantic.dataclasses import dataclass as checked_dataclass

from core.errors import InvalidInput
from core.handwriting.arrays import DIGITS, LABELS, Pictures, SampleLabels, digest
from core.metrics.accuracy import Accuracy, Change, change
from core.metrics.paired import PairedAnswers
from core.models.saved_model import SavedModel
from core.networks.architecture import Architecture, Layer
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.noise.augmentation import Augmentation
from core.schema import Bounds
from core.tasks.base import Task, get_task
from core.training.card import FineTuned, NetworkCard
from core.training.config import BOUNDS as TRAINING_BOUNDS

TASK = "handwritten"
SIGNS_TASK = "handwritten-signs"
MIN_SAMPLES = 10
HELD_BACK_SHARE = 4  # one of so many
MIN_TO_HOLD_BACK = 4  # samples of a digit, so that something is left to learn from
BATCH_SIZE = 32
MIN_STEPS = 50  # of an epoch: a handful of samples is gone through several times
# People do not write the same digit twice in the same way; more than this would be another hand.
AUGMENTATION = Augmentation(rotation=8, shift=0.04, zoom=0.08)
OWN_DATA = "own samples kept aside"
OWN_SIGNS = "own signs kept aside"
OWN_DIGITS = "own digits kept aside"

BOUNDS: Mapping[str, Bounds] = {
    "frozen": Bounds(
        0, 50, 0, "Frozen layers", "Layers from the front that stay as they are.", whole=True
    ),
    "share": Bounds(
        0.1, 1, 0.5, "Share of own samples", "Part of each batch that is the person's own writing."
    ),
    "epochs": Bounds(
        1, 30, 5, "Epochs", "How often the network goes through the samples.", whole=True
    ),
    "learning_rate": Bounds(
        0.00001, 0.01, 0.0003, "Learning rate", "How large each step is; smaller ones forget less."
    ),
    "seed": TRAINING_BOUNDS["seed"],
}


def usual_rate(*, signs: bool) -> float:
    """Returns the learning rate to begin with: what is new must go further than what is adapted."""
    return 0.003 if signs else BOUNDS["learning_rate"].default


@checked_dataclass(frozen=True, kw_only=True)
class TransferConfig:
    """All that decides a fine-tuning, beside the network and the samples.

    Args:
        source: name of the base data that is mixed in. Defaults to the best that is there.
        frozen: layers with weights, from the front, that do not learn. Defaults to 0.
        share: part of each batch that is own samples, 0.1..1. Defaults to 0.5.
        epochs: how often the own samples are gone through. Defaults to 5.
        learning_rate: of the optimiser, Adam. Defaults to 0.0003.
        seed: of order, mix, augmentation and the weights of new outputs. Defaults to 0.
        signs: whether the network learns the person's two signs too. Defaults to False.

    Raises:
        InvalidInput: if a value lies outside BOUNDS, or there is no such data.
    """

    source: str = ""
    frozen: Annotated[int, BOUNDS["frozen"]] = 0
    share: Annotated[float, BOUNDS["share"]] = 0.5
    epochs: Annotated[int, BOUNDS["epochs"]] = 5
    learning_rate: Annotated[float, BOUNDS["learning_rate"]] = 0.0003
    seed: Annotated[int, BOUNDS["seed"]] = 0
    signs: StrictBool = False

    def __post_init__(self) -> None:
        if not self.source:
            object.__setattr__(self, "source", get_task(TASK).available_source().name)
        get_task(TASK).source(self.source)

    @property
    def own_per_batch(self) -> int:
        """Own samples in a batch of BATCH_SIZE; at least one."""
        return max(1, round(self.share * BATCH_SIZE))

    @property
    def task(self) -> Task:
        """What the network can do afterwards."""
        return get_task(SIGNS_TASK if self.signs else TASK)

    def command(self, base: str) -> str:
        """Returns the command that does the same again with the samples as a file."""
        return (
            f"python -m core fine-tune {base} --samples handwriting.npz --data {self.source}"
            f" --frozen {self.frozen} --share {self.share!r} --epochs {self.epochs}"
            f" --learning-rate {self.learning_rate!r} --seed {self.seed}{' --signs' * self.signs}"
        )


TRANSFER_CONFIG = TypeAdapter(TransferConfig)


def learning_layers(architecture: Architecture, task: Task) -> list[Layer]:
    """Lists the layers that can be frozen or learn, first to last.

    Batch normalisation is no layer of its own here: it goes with the one before it.
    """
    layers = architecture.layers(task.input_shape, len(task.classes))
    return [layer for layer in layers if layer.parameters and "normalisation" not in layer.name]


@dataclass(frozen=True)
class BaseNetwork:
    """The network that a fine-tuning begins with, as it can travel to a worker.

    Args:
        name: of the saved model.
        card: what its card says.
        files: the bytes of KERAS_FILE and LITERT_FILE.
    """

    name: str
    card: NetworkCard
    files: Mapping[str, bytes]

    @classmethod
    def of(cls, model: SavedModel, *, signs: bool = False) -> BaseNetwork:
        """Reads a saved model.

        Args:
            model: the saved model.
            signs: whether it is to learn two signs too. Defaults to False.

        Raises:
            InvalidInput: if it reads something else than handwriting, is an ensemble or from
                outside, or knows signs and would forget them.
            ModelUnusable: if its files are gone or damaged.
        """
        if model.card.task == SIGNS_TASK and not signs:
            raise InvalidInput(f"{model.name} reads two signs as well: teach it with the signs.")
        if model.card.task not in (TASK, SIGNS_TASK):
            raise InvalidInput(f"{model.name} does not read handwritten digits.")
        if model.is_imported:
            raise InvalidInput(
                f"{model.name} comes from outside: teaching a network further needs to know how it"
                " was trained."
            )
        if not isinstance(model.card, NetworkCard):
            raise InvalidInput(f"{model.name} is an ensemble; choose one of its networks.")
        files = {file: model.read(file) for file in (KERAS_FILE, LITERT_FILE)}
        return cls(model.name, model.card, files)

    @property
    def reads_signs(self) -> bool:
        """Whether it has outputs for two signs."""
        return self.card.task == SIGNS_TASK


@dataclass(frozen=True)
class SampleSplit:
    """A person's samples, parted into what is learned and what is kept aside.

    Args:
        x: uint8, shape (n, 28, 28), to learn from.
        y: uint8, shape (n,), their labels.
        held_x: uint8, shape (m, 28, 28), never learned from.
        held_y: uint8, shape (m,), their labels.
        learned: short marks of all own pictures that the network has learned from by then.
        kept_aside: short marks of those that it was judged by, now or before.
    """

    x: Pictures
    y: SampleLabels
    held_x: Pictures
    held_y: SampleLabels
    learned: tuple[str, ...]
    kept_aside: tuple[str, ...]


def are_enough(counts: Sequence[int], *, signs: bool = False) -> bool:
    """Returns whether so many samples can be learned from and tested on.

    Args:
        counts: of each digit, then of the signs A and B.
        signs: whether signs are learned. One is enough, but each that there are samples of needs
            MIN_TO_HOLD_BACK. Defaults to False: then their samples do not count.
    """
    if signs:
        return sum(counts) >= MIN_SAMPLES and _signs_are_enough(counts)
    counts = counts[:DIGITS]
    return sum(counts) >= MIN_SAMPLES and max(counts) >= MIN_TO_HOLD_BACK


def _signs_are_enough(counts: Sequence[int]) -> bool:
    drawn = [count for count in counts[DIGITS:] if count]
    return bool(drawn) and min(drawn) >= MIN_TO_HOLD_BACK


def prepare(
    x: Pictures, y: SampleLabels, tuned: FineTuned | None, *, signs: bool = False
) -> SampleSplit:
    """Keeps about a quarter of the samples of each digit and sign aside, to judge by.

    Which they are depends on the pictures alone, not on their order or on a seed. What the network
    has learned from in an earlier fine-tuning is never kept aside, for it would be judged by what
    it knows; what was kept aside before is kept aside again.

    Args:
        x: uint8, shape (n, 28, 28).
        y: uint8, shape (n,), the labels 0..11.
        tuned: how the network that will learn was fine-tuned before, if it was.
        signs: whether signs are learned. Defaults to False: their samples are left out.

    Raises:
        InvalidInput: if there are too few samples, or none that can be kept aside.
    """
    if not signs:
        x, y = x[y < DIGITS], y[y < DIGITS]
    x, y, marks = _in_order(x, y)
    if signs and not _signs_are_enough(np.bincount(y, minlength=LABELS).tolist()):
        raise InvalidInput(
            f"To teach a sign, give at least {MIN_TO_HOLD_BACK} samples of it, and"
            f" {MIN_TO_HOLD_BACK} of the other one, or none."
        )
    if len(y) < MIN_SAMPLES:
        raise InvalidInput(
            f"There are {len(y)} samples, too few to learn from. At least {MIN_SAMPLES} are needed;"
            " ten of each digit are a good start."
        )
    tuned = tuned or FineTuned()
    known, aside = frozenset(tuned.learned), set(tuned.kept_aside)
    held = np.array([mark in aside for mark in marks])
    for label in np.unique(y):
        mine = np.flatnonzero(y == label)  # in the order of their marks, which is as good as random
        new = [n for n in mine if marks[n] not in known and not held[n]]
        if len(mine) >= MIN_TO_HOLD_BACK:
            least = 0 if held[mine].any() else 1
            held[new[: max(least, round(len(new) / HELD_BACK_SHARE))]] = True
    if not held.any():
        raise InvalidInput(
            "This network has learned from all of these samples before, so none is left to judge"
            " by. Add new ones, or begin with the network that it came from."
            if known
            else "Some samples are kept aside to see whether the network gets better. For that,"
            f" give at least {MIN_TO_HOLD_BACK} of one digit."
        )
    aside |= {marks[n] for n in np.flatnonzero(held)}
    # The same picture under two labels must not be on both sides.
    train = np.array([mark not in aside for mark in marks])
    if not train.any():
        raise InvalidInput("All samples are the same picture, so there is nothing to learn from.")
    learned = known | {marks[n] for n in np.flatnonzero(train)}
    return SampleSplit(
        x[train], y[train], x[held], y[held], tuple(sorted(learned)), tuple(sorted(aside))
    )


def _in_order(x: Pictures, y: SampleLabels) -> tuple[Pictures, SampleLabels, list[str]]:
    """Returns each sample once, ordered by what they are and not by when they came."""
    marked = {
        (int(label), digest(picture)): n
        for n, (picture, label) in enumerate(zip(x, y, strict=True))
    }
    keys = sorted(marked)
    order = np.array([marked[key] for key in keys], int)
    return x[order], y[order], [mark[:16] for _, mark in keys]


def batches(
    lesson_size: int, base_size: int, config: TransferConfig
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draws which examples are in each batch of each epoch.

    Own samples are gone through in turns, each turn in a new order; base examples are new ones as
    long as there are any.

    Args:
        lesson_size: own samples to learn from.
        base_size: training examples of the base data.
        config: of the fine-tuning.

    Returns:
        int64 indices of own samples, shape (epochs, steps, own), and of base examples, shape
        (epochs, steps, base), where own + base is BATCH_SIZE.
    """
    own = config.own_per_batch
    steps = max(MIN_STEPS, -(-lesson_size // own))
    generator = np.random.default_rng([config.seed, 1])
    shape = (config.epochs, steps)
    return (
        _turns(lesson_size, config.epochs * steps * own, generator).reshape(*shape, own),
        _turns(base_size, config.epochs * steps * (BATCH_SIZE - own), generator).reshape(
            *shape, BATCH_SIZE - own
        ),
    )


def _turns(size: int, count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    turns = [generator.permutation(size) for _ in range(-(-count // size))]
    return np.concatenate([np.empty(0, np.int64), *turns])[:count]


@dataclass(frozen=True)
class Outcome:
    """What a fine-tuning came to: figures of the same examples before and after.

    Args:
        own_before: on the person's samples that were kept aside.
        own_after: the same afterwards.
        base_before: on the base data's test examples.
        base_after: the same afterwards.
        own_pair: the network before, first, and after, on the person's samples. Defaults to
            unknown, as on older cards.
        base_pair: the same on the base data's test examples.
        own_parts: before and after on the person's signs and on their digits, as far as any were
            kept aside, where signs were taught; otherwise empty.
        part_pairs: the network before, first, and after, on each of these parts, where it is known.
        signs_refused: how many of the signs that were kept aside get too little confidence for an
            answer afterwards. Defaults to 0.
    """

    own_before: Accuracy
    own_after: Accuracy
    base_before: Accuracy
    base_after: Accuracy
    own_pair: PairedAnswers | None = None
    base_pair: PairedAnswers | None = None
    own_parts: tuple[tuple[Accuracy, Accuracy], ...] = ()
    part_pairs: tuple[PairedAnswers, ...] = ()
    signs_refused: int = 0

    @classmethod
    def of(cls, tuned: FineTuned | None) -> Outcome:
        """Reads the figures off a card's part about fine-tuning.

        Raises:
            InvalidInput: if it lacks them.
        """
        if tuned is None or (len(tuned.before), len(tuned.after)) != (2, 2):
            raise InvalidInput("This card does not tell what fine-tuning came to.")
        known = len(tuned.pairs) == 2 + len(tuned.own_parts)
        own_pair, base_pair = tuned.pairs[:2] if known else (None, None)
        return cls(
            tuned.before[0],
            tuned.after[0],
            tuned.before[1],
            tuned.after[1],
            own_pair,
            base_pair,
            part_pairs=tuned.pairs[2:] if known else (),
            own_parts=tuned.own_parts,
            signs_refused=tuned.signs_refused,
        )

    @property
    def own_change(self) -> Change:
        """Whether the network reads the person's own samples better than before."""
        return _change(self.own_before, self.own_after, self.own_pair)

    @property
    def base_change(self) -> Change:
        """Whether it reads the base data as well as before."""
        return _change(self.base_before, self.base_after, self.base_pair)

    @property
    def rows(self) -> Sequence[tuple[Accuracy, Accuracy]]:
        """Before and after, the person's own samples first."""
        own = self.own_parts or ((self.own_before, self.own_after),)
        return (*own, (self.base_before, self.base_after))


def _change(before: Accuracy, after: Accuracy, pair: PairedAnswers | None) -> Change:
    """Compares by McNemar's test, or by the wider intervals where the pairs are not known."""
    if pair is None:
        return change(before, after)
    match pair.ahead, pair.is_decided:
        case None, _:
            return Change.SAME
        case "second", decided:
            return Change.BETTER if decided else Change.PERHAPS_BETTER
        case _, decided:
            return Change.WORSE if decided else Change.PERHAPS_WORSE
