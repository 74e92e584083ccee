"""The saved models that the API answers with, loaded when they are first asked for."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.api.problems import Refused, shown
from core.errors import ModelUnusable
from core.inference.predictor import Classifier
from core.models.loader import load_classifier
from core.models.reader import Survey
from core.models.saved_model import SavedModel
from core.models.store import ModelStore
from core.tasks.base import Task, get_task

VERSION = "1"  # a folder holds one version of a model
# The folder is looked through at most so often: that takes longer than an answer.
LOOK_SECONDS = 1.0
# Longer work gets a thread, which takes a tenth of a millisecond to begin.
AT_ONCE_SECONDS = 0.002
NUMBER_SECONDS = 2e-7  # about what it takes to read one
_SOME = 16  # rows, by which the time for each further one is found
MAX_LOADED = 40  # networks in memory; a bundled one takes about 1 MB


@dataclass(frozen=True)
class Served:
    """A model that is ready to answer.

    Args:
        model: what its card says.
        classifier: answers.
        row_seconds: how long it takes for one row.
        further_seconds: how much longer for each further row.
        under_way: what threads are asking it now.
    """

    model: SavedModel
    classifier: Classifier
    row_seconds: float
    further_seconds: float
    under_way: set[object] = field(default_factory=set)

    @classmethod
    def of(cls, model: SavedModel) -> Served:
        """Loads a model, and times it.

        Raises:
            ModelUnusable: if it cannot be used.
        """
        classifier = load_classifier(model)
        one, some = (_seconds(classifier, rows, model) for rows in (1, _SOME))
        return cls(model, classifier, one, max(0.0, some - one) / (_SOME - 1))

    def answers_at_once(self, numbers: int) -> bool:
        """Returns whether a request may be answered where others wait: it is done in no time.

        Args:
            numbers: most that can be in the request.
        """
        further = numbers / math.prod(self.model.task.input_shape) - 1
        seconds = self.row_seconds + max(0.0, further) * self.further_seconds
        return not self.under_way and seconds + numbers * NUMBER_SECONDS < AT_ONCE_SECONDS

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns the probabilities: float32, shape (n, classes), for (n, *input_shape)."""
        with np.errstate(all="ignore"):  # what is not a number gives what is not a number
            return self.classifier.predict(x)


def _seconds(classifier: Classifier, rows: int, model: SavedModel) -> float:
    """Returns how long a network takes for some rows."""
    x = np.zeros((rows, *model.task.input_shape), np.float32)
    times = []
    for _ in range(4):  # the first one also prepares it
        begun = time.perf_counter()
        classifier.predict(x)
        times.append(time.perf_counter() - begun)
    return min(times)


class ServedModels:
    """The models in one folder, safe to share between threads.

    Args:
        store: the folder.
    """

    def __init__(self, store: ModelStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._loaded: OrderedDict[str, Served] = OrderedDict()
        self._survey: Survey | None = None
        self._by_name: dict[str, SavedModel] = {}
        self._looked = 0.0

    def survey(self) -> Survey:
        """Returns what is in the folder, as it was at most a second ago."""
        with self._lock:
            now = time.monotonic()
            if self._survey is None or now - self._looked > LOOK_SECONDS:
                self._survey = self._store.current()
                self._by_name = {model.name: model for model in self._survey.models}
                self._looked = now
            return self._survey

    def find(self, name: str, version: str | None = None) -> SavedModel:
        """Returns a model that can be used.

        Args:
            name: its folder's.
            version: the one that is asked for. Defaults to any.

        Raises:
            Refused: if there is none, or not in that version.
        """
        survey = self.survey()
        model = self._by_name.get(name)
        if version is not None and not (version.isascii() and version.isdecimal()):
            raise Refused(400, f"A version is a whole number. Received: {shown(version)}")
        if model is None:
            why = next((each.reason for each in survey.unusable if each.name == name), None)
            raise Refused(
                404,
                f"Servable not found for request: Latest({name[:80]}). "
                + (f"It cannot be used: {why}" if why else "GET /v1/models lists the models."),
            )
        if version is not None and version.lstrip("0") != VERSION:
            raise Refused(
                404,
                f"Servable not found for request: Specific({name}, {version[:20]})."
                f" The only version is {VERSION}.",
            )
        return model

    def ready(self, name: str) -> Served | None:
        """Returns a model that is loaded, if the folder was looked through just now."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            return None
        found = self._loaded.get(name)
        return found if found is not None and found.model is self._by_name.get(name) else None

    def get(self, name: str, version: str | None = None) -> Served:
        """Returns a model ready to answer; see `find`."""
        return self.load(self.find(name, version))

    def for_task(self, task_name: str, name: str | None) -> Served:
        """Returns the named model, or the task's default one, or any that can do the task.

        Raises:
            Refused: if there is none, or it does something else.
        """
        task = get_task(task_name)
        if name is None:
            usable = self.survey().of(task.name)
            return self.load(usable[0]) if usable else self.get(task.default_model)
        model = self.find(name)
        if model.task is not task:
            raise Refused(400, f"{name} reads {_lower(model.task)}, not {_lower(task)}.")
        return self.load(model)

    def load(self, model: SavedModel) -> Served:
        """Returns a model ready to answer; one that was replaced meanwhile is loaded anew."""
        with self._lock:
            found = self._loaded.get(model.name)
            if found is not None and found.model is model:
                return found
        if found is not None and found.model.version == model.version:
            loaded = replace(found, model=model)  # the folder changed, and not this model
        else:
            try:
                loaded = Served.of(model)
            except ModelUnusable as error:
                raise Refused(404, str(error)) from error
        with self._lock:
            self._loaded[model.name] = loaded
            self._loaded.move_to_end(model.name)
            while len(self._loaded) > MAX_LOADED:
                self._loaded.popitem(last=False)
        return loaded


def _lower(task: Task) -> str:
    return task.title[0].lower() + task.title[1:]
