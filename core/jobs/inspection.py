"""A network inspected in a worker: its activations, and four maps of what it looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.explain.forward import LayerOutput
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE
from core.workers.context import JobContext
from core.workers.job import Job, JobSpec
from core.workers.process_lock import PROCESS_LOCK

if TYPE_CHECKING:
    from core.explain.maps import Probe

Values = NDArray[np.float32]

MAPS = ("saliency", "integrated_gradients", "grad_cam", "occlusion")  # in the order of the work
MODELS_KEPT = 4
PATCH, STRIDE = 4, 2  # of the square that covers a part of a picture, in pixels


@dataclass(frozen=True, eq=False)
class Map:
    """What one way of asking found.

    Args:
        name: one of MAPS.
        values: float32, shape of the input or coarser; None where the way leads nowhere, as
            Grad-CAM without a convolution.
        answers: int64, shape of `values`: the class read when each place is covered; of
            occlusion only, else None.
        score: of the class for the input; of integrated gradients only, else 0.
        baseline: its score for the empty input; likewise.
    """

    name: str
    values: Values | None
    answers: NDArray[np.int64] | None = None
    score: float = 0.0
    baseline: float = 0.0


@dataclass(frozen=True, eq=False)
class ActivationsJob(JobSpec[Sequence[LayerOutput]]):
    """What every layer of a network makes of one input: a person waits before an empty diagram.

    Args:
        folder: of the saved models.
        name: of the model, which must not be an ensemble.
        version: tells apart what a name held.
        x: float32, shape of one input.
    """

    urgent: ClassVar[bool] = True
    folder: str
    name: str
    version: str
    x: Values

    @classmethod
    def of(cls, store: ModelStore, name: str, x: Values) -> ActivationsJob:
        """Describes the work on a model of a store."""
        return cls(store.folder, name, store.get(name).version, x)

    def run(self, context: JobContext) -> Sequence[LayerOutput]:
        """Returns the layers' outputs, in order."""
        from core.explain import maps

        return maps.activations(_probe(self.folder, self.name, self.version), self.x)


@dataclass(frozen=True, eq=False)
class MapsJob(JobSpec[Sequence[Map]]):
    """What a network looked at for one class: a person waits before empty maps.

    Each `Map` is an event as well.

    Args:
        folder: of the saved models.
        name: of the model, which must not be an ensemble.
        version: tells apart what a name held.
        x: float32, shape of one input.
        target: the class whose score is explained.
    """

    urgent: ClassVar[bool] = True
    folder: str
    name: str
    version: str
    x: Values
    target: int

    @classmethod
    def of(cls, store: ModelStore, name: str, x: Values, target: int) -> MapsJob:
        """Describes the work on a model of a store."""
        return cls(store.folder, name, store.get(name).version, x, target)

    def run(self, context: JobContext) -> Sequence[Map]:
        """Makes the maps, one after the other."""
        done = []
        for found in _each_map(_probe(self.folder, self.name, self.version), self.x, self.target):
            context.check_stopped()
            context.emit(found)
            done.append(found)
        return done


def maps_of(job: Job[Sequence[Map]]) -> dict[str, Map]:
    """Returns the maps made so far, by name."""
    return {found.name: found for found in job.result or job.events(Map)}


def _each_map(probe: Probe, x: Values, target: int) -> Iterator[Map]:
    from core.explain import maps

    yield Map("saliency", maps.saliency(probe.scores, x, target))
    yield Map("grad_cam", maps.grad_cam(probe, x, target))
    shared = maps.integrated_gradients(probe.scores, x, target)
    yield Map("integrated_gradients", shared.values, score=shared.score, baseline=shared.baseline)
    covered = maps.occlusion(probe.scores, x, target, patch=PATCH, stride=STRIDE)
    yield Map("occlusion", covered.drops, covered.answers)


@lru_cache(maxsize=MODELS_KEPT)
def _probe(folder: str, name: str, version: str) -> Probe:
    """Returns a network to be looked into; `version` tells apart what a name held."""
    from core.explain import maps
    from core.networks.keras_files import read_network

    data = ModelStore(folder).get(name).read(KERAS_FILE)
    with PROCESS_LOCK:
        return maps.Probe.of(read_network(data))
