"""The making of an ensemble of saved networks, in a worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.datasets import uploads
from core.models.ensemble_builder import check_members, ensemble_card
from core.models.store import ModelStore
from core.training.card import TrainedModel
from core.workers.context import JobContext
from core.workers.job import JobSpec


@dataclass(frozen=True)
class EnsembleJob(JobSpec[TrainedModel]):
    """The making of an ensemble. Its progress counts answers; the note names who gives them.

    Args:
        task: name of what it reads.
        folder: of the saved models.
        members: names of the networks.
        vote: one of `core.inference.ensemble.VOTES`.
        weights: one for each, or none to have them fitted. Defaults to none.
        test_time_augmentation: whether each sees five shifted copies. Defaults to False.
        source: name of the data set. Defaults to that of the first member.
        upload: the file that this is, if a person has uploaded it. Defaults to none.
    """

    kept: ClassVar[bool] = True
    task: str
    folder: str
    members: tuple[str, ...]
    vote: str
    weights: tuple[float, ...] = ()
    test_time_augmentation: bool = False
    source: str = ""
    upload: bytes | None = None

    @classmethod
    def of(
        cls,
        store: ModelStore,
        members: Sequence[str],
        *,
        vote: str,
        weights: Sequence[float] = (),
        test_time_augmentation: bool = False,
        source: str = "",
    ) -> EnsembleJob:
        """Describes an ensemble of networks in a store; the arguments are those of the class.

        Raises:
            InvalidInput: if they cannot vote together, which needs no worker to be seen.
            ModelUnusable: if one is gone or damaged.
        """
        networks = [store.get(name) for name in members]
        task = check_members(
            networks,
            vote=vote,
            weights=weights,
            test_time_augmentation=test_time_augmentation,
        )
        return cls(
            task.name,
            store.folder,
            tuple(members),
            vote,
            tuple(weights),
            test_time_augmentation,
            source,
            uploads.to_carry(source or networks[0].card.source),
        )

    def run(self, context: JobContext) -> TrainedModel:
        """Measures the networks, alone and together."""
        context.check_stopped()  # it may have been, while it waited
        uploads.unpack(self.upload)
        store = ModelStore(self.folder)

        def report(member: str, done: int, total: int) -> None:
            context.check_stopped()
            context.report(done, total, note=member)

        card = ensemble_card(
            [store.get(name) for name in self.members],
            vote=self.vote,
            weights=self.weights,
            test_time_augmentation=self.test_time_augmentation,
            source=self.source,
            on_progress=report,
        )
        return TrainedModel({}, card)
