"""The folder of saved models as it is found: the models, and what is wrong with other folders."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from core.errors import DigitLabError, ModelUnusable
from core.files import read_file, reason
from core.inference.ensemble import MAX_MEMBERS, check_weights
from core.models.ownership import OWNER_FILE, owner_of
from core.models.saved_model import CARD_FILE, SavedModel, UnusableModel
from core.networks.formats import INT8_FILE, KERAS_FILE, LITERT_FILE
from core.settings import settings
from core.training.card import EnsembleCard, parse_card

# A model that is being replaced is looked for so often, at this distance.
TRIES, WAIT_SECONDS = 100, 0.01
OLD = "-old"  # ends the name of a folder that is giving way


@dataclass(frozen=True)
class Survey:
    """What a store holds.

    Args:
        models: that can be used, the tasks' default ones first.
        unusable: folders that cannot be used, each with the reason.
    """

    models: tuple[SavedModel, ...]
    unusable: tuple[UnusableModel, ...]

    def of(self, task_name: str) -> tuple[SavedModel, ...]:
        """Returns the usable models of one task, its default one first."""
        return tuple(model for model in self.models if model.card.task == task_name)


class ModelReader:
    """The models in one folder, to be looked at; `core.models.store` adds what changes them.

    Args:
        root: the folder. Defaults to that of the settings.
    """

    def __init__(self, root: str | Path | None = None) -> None:
        self.root = Path(root or settings().models)
        self._seen: tuple[object, Survey] | None = None
        self._reading = threading.Lock()

    @property
    def folder(self) -> str:
        """The folder's absolute path, by which a job in another process opens the same store."""
        return str(self.root.resolve())

    def names(self) -> tuple[str, ...]:
        """Returns the folders' names, usable or not, in alphabetical order.

        No names if the folder of them all is missing or cannot be read; `check` says which.
        """
        found: list[str] = []
        for _ in range(TRIES):
            try:
                found = os.listdir(self.root)
            except OSError:
                return ()
            if not any(self._gives_way(name, found) for name in found):
                break
            time.sleep(WAIT_SECONDS)  # its successor is about to take its name
        named = (name for name in found if not name.startswith("."))
        # A link that leads to itself is no folder; `os.scandir` would raise for it.
        return tuple(sorted(name for name in named if os.path.isdir(self.root / name)))

    def check(self) -> None:
        """Looks whether the models' folder is there and can be read.

        Raises:
            ModelUnusable: if not; the sentence names the folder, and is for the command line.
        """
        try:
            os.listdir(self.root)
        except FileNotFoundError as error:
            raise ModelUnusable(f"There is no folder of models at {self.root}.") from error
        except OSError as error:
            raise ModelUnusable(
                f"The models' folder {self.root} cannot be read ({reason(error)})."
            ) from error

    def _gives_way(self, name: str, found: Collection[str]) -> bool:
        """Whether a folder lies aside for a moment, until its successor has its name."""
        if not (name.startswith(".") and name.endswith(OLD)):
            return False
        if name.removesuffix(OLD).rpartition(".")[2] in found:
            return False
        try:  # one that was left behind by a crash is not waited for
            return time.time() - os.stat(self.root / name).st_ctime < 1
        except OSError:
            return False

    def survey(self) -> Survey:
        """Reads every folder once, and sorts out what can be used."""
        models: list[SavedModel] = []
        unusable: list[UnusableModel] = []
        for found in map(self._look, self.names()):
            if isinstance(found, SavedModel):
                models.append(found)
            else:
                unusable.append(found)
        models.sort(key=lambda model: (model.name != model.task.default_model, model.name))
        return Survey(tuple(models), tuple(unusable))

    def current(self) -> Survey:
        """Returns what `survey` returns, and reads the folders only if a file has changed."""
        with self._reading:  # who asks while another reads gets what that one finds
            fingerprint = self.fingerprint()  # before the survey: a change during it counts as one
            if self._seen is None or self._seen[0] != fingerprint:
                self._seen = (fingerprint, self.survey())
            return self._seen[1]

    def models(self, task_name: str | None = None) -> tuple[SavedModel, ...]:
        """Returns the usable models, of one task or of all; the task's default one first."""
        return self.survey().of(task_name) if task_name else self.survey().models

    def fingerprint(self) -> tuple[tuple[str, int], ...]:
        """Returns what changes whenever a model is added, changed or removed; cheap to ask."""
        marks = []
        for name in self.names():
            for file in (CARD_FILE, KERAS_FILE, LITERT_FILE, OWNER_FILE):
                try:
                    marks.append(
                        (f"{name}/{file}", os.stat(f"{self.root}/{name}/{file}").st_mtime_ns)
                    )
                except OSError:
                    marks.append((f"{name}/{file}", 0))
        return tuple(marks)

    def get(self, name: str) -> SavedModel:
        """Returns one model.

        Raises:
            ModelUnusable: if there is none of that name, or it cannot be used.
        """
        if not self._listed(name):
            usable = ", ".join(model.name for model in self.models()) or "none"
            raise ModelUnusable(f"There is no model called {name!r}. Models here: {usable}.")
        found = self._look(name)
        if isinstance(found, UnusableModel):
            raise ModelUnusable(f"{name}: {found.reason}")
        return found

    def ensembles_with(self, name: str) -> tuple[str, ...]:
        """Returns the names of the usable ensembles in which a model votes."""
        return tuple(model.name for model in self.models() if name in model.members)

    def _look(self, name: str, *, votes: bool = False) -> SavedModel | UnusableModel:
        """Reads a folder; where it `votes` in an ensemble, it must be a network by itself.

        One that is replaced meanwhile may be found with a card and files that do not belong
        together, or not at all, and is read again.
        """
        for _ in range(TRIES):
            before = self._mark(name)
            found = self._read(name, votes=votes)
            if isinstance(found, SavedModel):
                break
            if self._mark(name) == before and (before or not self._listed(name)):
                break
        return found

    def _listed(self, name: str) -> bool:
        """Whether there is a folder of that name; a list may be taken while it is replaced."""
        if name in self.names():
            return True
        time.sleep(WAIT_SECONDS)
        return name in self.names()

    def _mark(self, name: str) -> tuple[int, int] | None:
        """Returns what changes when a folder is replaced; None if there is none."""
        try:
            found = os.stat(self.root / name)
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def _read(self, name: str, *, votes: bool) -> SavedModel | UnusableModel:
        folder = self.root / name
        try:
            card = json.loads(read_file(folder / CARD_FILE).decode("utf-8"))
            model = SavedModel(name, folder, parse_card(card), owner_of(folder))
            _check_files(model)
            if model.is_ensemble:
                if votes:  # not looked into: one that names itself has no end
                    raise ModelUnusable("It is an ensemble.")
                self._check_members(model)
        except FileNotFoundError:
            return self._unusable(name, f"It holds no {CARD_FILE}.")
        except OSError as error:
            return self._unusable(name, f"Its {CARD_FILE} cannot be read ({reason(error)}).")
        except DigitLabError as error:
            return self._unusable(name, str(error))
        except Exception as error:  # a foreign file can be wrong in any way
            why = f"{type(error).__name__}: {error}"
            return self._unusable(name, f"Its {CARD_FILE} cannot be understood ({why}).")
        return model

    def _unusable(self, name: str, why: str) -> UnusableModel:
        return UnusableModel(name, why, owner_of(self.root / name))

    def _check_members(self, model: SavedModel) -> None:
        """Looks at the networks that vote: all must be here, and still be what they were."""
        card = model.card
        assert isinstance(card, EnsembleCard)
        if card.vote == "weighted":
            check_weights(card.weights, len(card.members))
        if card.shifts and len(model.task.input_shape) != 3:
            raise ModelUnusable(f"{model.task.title} are not pictures: they cannot be moved.")
        if not 2 <= len(model.members) <= MAX_MEMBERS or len(set(model.members)) < len(
            model.members
        ):
            raise ModelUnusable(f"An ensemble has 2 to {MAX_MEMBERS} different members.")
        for entry in card.members:
            if entry.name not in self.names():
                raise ModelUnusable(f"Its member {entry.name} is not here.")
            member = self._look(entry.name, votes=True)
            if isinstance(member, UnusableModel):
                raise ModelUnusable(f"Its member {entry.name} cannot be used.")
            if member.task is not model.task or member.version != entry.version:
                raise ModelUnusable(f"Its member {entry.name} is not the one that it was.")


def _check_files(model: SavedModel) -> None:
    """Checks every file that a card names, and that it is a saved model's."""
    if model.card.format is None:
        raise ModelUnusable("Its card has no format.")
    named = set(model.card.files) - {INT8_FILE}
    if model.is_imported and named == {LITERT_FILE}:
        pass  # it was imported from such a file, which tells nothing of layers
    elif named != (set() if model.is_ensemble else {KERAS_FILE, LITERT_FILE}):
        raise ModelUnusable(f"Its card does not name {KERAS_FILE} and {LITERT_FILE}.")
    for file in model.card.files:
        model.read(file)
