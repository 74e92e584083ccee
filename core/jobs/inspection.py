"""Looking inside a network in a worker: its activations, and four maps of what it looked at."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.explain.forward import LayerOutput
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE
from core.workers.context import Reporter
from core.workers.pool import Job, Workers
from core.workers.process_lock import PROCESS_LOCK

if TYPE_CHECKING:
    from core.explain.maps import Probe

Values = NDArray[np.float32]

MAPS = ("saliency", "integrated_gradients", "grad_cam", "occlusion")  # in the order of the work
MODELS_KEPT = 4
PATCH, STRIDE = 4, 2  # of the square that covers a part of a picture, in pixels


@dataclass(frozen=True)
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

    def to_json(self) -> dict[str, Any]:
        """Returns plain values, the arrays as text."""
        return {
            "name": self.name,
            "values": None if self.values is None else _pack(self.values),
            "answers": None if self.answers is None else self.answers.tolist(),
            "score": self.score,
            "baseline": self.baseline,
        }

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> Map:
        """Reads what `to_json` wrote."""
        values, answers = entry["values"], entry["answers"]
        return cls(
            entry["name"],
            None if values is None else _unpack(values),
            None if answers is None else np.array(answers, np.int64),
            entry["score"],
            entry["baseline"],
        )


@dataclass(frozen=True)
class Activations:
    """What every layer of a network makes of one input, as soon as it is known.

    Args:
        job: the work.
    """

    job: Job

    @classmethod
    def start(cls, workers: Workers, store: ModelStore, name: str, x: Values) -> Activations:
        """Hands the work to the workers, as urgent: a person waits before an empty diagram.

        Args:
            workers: the worker processes.
            store: where the model is.
            name: of the model, which must not be an ensemble.
            x: float32, shape of one input.
        """
        version = store.get(name).version
        folder = str(store.root.resolve())
        return cls(workers.submit(_activations, folder, name, version, x, urgent=True))

    @property
    def outputs(self) -> tuple[LayerOutput, ...]:
        """The layers in order; none before the work is done."""
        return tuple(self.job.result or ())


@dataclass(frozen=True)
class Maps:
    """What a network looked at for one class, as far as it is known.

    Args:
        job: the work.
    """

    job: Job

    @classmethod
    def start(cls, workers: Workers, store: ModelStore, name: str, x: Values, target: int) -> Maps:
        """Hands the work to the workers, as urgent: a person waits before empty maps.

        Args:
            workers: the worker processes.
            store: where the model is.
            name: of the model, which must not be an ensemble.
            x: float32, shape of one input.
            target: the class whose score is explained.
        """
        version = store.get(name).version
        folder = str(store.root.resolve())
        return cls(workers.submit(_maps, folder, name, version, x, target, urgent=True))

    @property
    def found(self) -> dict[str, Map]:
        """The maps known so far, by name."""
        told = (event for event in self.job.events if event["kind"] == "map")
        maps = map(Map.from_json, self.job.result or told)
        return {found.name: found for found in maps}


def _activations(
    reporter: Reporter, folder: str, name: str, version: str, x: Values
) -> list[LayerOutput]:
    from core.explain import maps

    return maps.activations(_probe(folder, name, version), x)


def _maps(
    reporter: Reporter, folder: str, name: str, version: str, x: Values, target: int
) -> list[dict[str, Any]]:
    done = []
    for found in _each_map(_probe(folder, name, version), x, target):
        entry = found.to_json()
        reporter.tell({"kind": "map"} | entry)
        done.append(entry)
    return done


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

    data = ModelStore(Path(folder)).get(name).read(KERAS_FILE)
    with PROCESS_LOCK:
        return maps.Probe.of(read_network(data))


def _pack(values: Values) -> dict[str, Any]:
    data = np.ascontiguousarray(values, np.float32).tobytes()
    return {"shape": list(values.shape), "data": base64.b64encode(data).decode("ascii")}


def _unpack(entry: dict[str, Any]) -> Values:
    data = base64.b64decode(entry["data"])
    return np.frombuffer(data, np.float32).reshape(entry["shape"])
