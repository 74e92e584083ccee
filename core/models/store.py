"""The folder of saved models.

A model is added whole or not at all, and a damaged one is listed with the reason.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import DigitLabError, InvalidInput, ModelExists, ModelProtected, ModelUnusable
from core.files import exchange, read_file, reason
from core.inference.ensemble import MAX_MEMBERS, check_weights
from core.models.saved_model import BUNDLED, CARD_FILE, SavedModel, UnusableModel, check_name
from core.networks.formats import KERAS_FILE, LITERT_FILE, checksum
from core.settings import settings
from core.training.card import CARD_FORMAT, Card, EnsembleCard, parse_card

# A model that is being replaced is looked for so often, at this distance.
TRIES, WAIT_SECONDS = 100, 0.01
_OLD = "-old"  # ends the name of a folder that is giving way


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


class ModelStore:
    """The models in one folder.

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
        if not (name.startswith(".") and name.endswith(_OLD)):
            return False
        if name.removesuffix(_OLD).rpartition(".")[2] in found:
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
            for file in (CARD_FILE, KERAS_FILE, LITERT_FILE):
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

    def save(
        self,
        name: str,
        files: Mapping[str, bytes],
        card: Card,
        *,
        replace: bool = False,
        own: bool = False,
    ) -> SavedModel:
        """Adds a model, whole or not at all.

        Everything is written to a hidden folder first, which then takes its name in one step, also
        where another model had it.

        Args:
            name: see NAME_RULE.
            files: the bytes of KERAS_FILE and LITERT_FILE; none for an ensemble.
            card: what `core.training.fit` says of the run; name and checksums are added here.
            replace: whether a model of that name gives way. Defaults to False.
            own: whether a person saves it on a page, where nobody could delete it if it had the
                name of a bundled model. The command line makes those. Defaults to False.

        Raises:
            InvalidInput: if the name has another form, or is that of one of its own members.
            ModelExists: if there is a model of that name; it stays as it was.
            ModelProtected: if it is a person's own, and the name that of a bundled model.
            ModelUnusable: if the folder cannot be written to, or a member of it is gone.
        """
        check_name(name)
        if isinstance(card, EnsembleCard) and name in (member.name for member in card.members):
            raise InvalidInput(f"An ensemble cannot take the place of its own member {name}.")
        target = self.root / name
        if target.exists() and not replace:
            raise ModelExists(f"There is a model called {name!r} already. Choose another name.")
        if own and name in BUNDLED:
            raise ModelProtected(
                f"{name!r} is kept for a model that comes with Digit Lab. Choose another name."
            )
        added = {
            "format": CARD_FORMAT,
            "name": name,
            "command": f"{card.command} --name {name}",
            "files": {file: checksum(data) for file, data in files.items()},
        }
        model = SavedModel(name, target, card.with_entries(**added))
        if model.is_ensemble:
            self._check_members(model)  # one may have gone since they were measured
        text = json.dumps(model.card.entries, indent=2)
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=".saving-", dir=self.root))
        except OSError as error:
            raise ModelUnusable(
                f"The models' folder cannot be written to ({reason(error)})."
            ) from error
        old = draft.with_name(f"{draft.name}.{name}{_OLD}")
        try:
            for file, data in files.items():
                (draft / file).write_bytes(data)
            (draft / CARD_FILE).write_text(text + "\n", encoding="utf-8")
            draft.chmod(0o755)
            if not (replace and target.exists() and exchange(draft, target)):
                if replace and target.exists():
                    target.rename(old)
                draft.rename(target)
        except OSError as error:
            if target.exists() and not replace:  # someone else was quicker
                raise ModelExists(f"There is a model called {name!r} already.") from error
            raise ModelUnusable(f"The model could not be saved ({reason(error)}).") from error
        finally:
            if old.exists() and not target.exists():  # the new one could not take its place
                old.rename(target)
            for leftover in (draft, old):
                shutil.rmtree(leftover, ignore_errors=True)
        return self.get(name)

    def ensembles_with(self, name: str) -> tuple[str, ...]:
        """Returns the names of the usable ensembles in which a model votes."""
        return tuple(model.name for model in self.models() if name in model.members)

    def rename(self, name: str, new_name: str) -> SavedModel:
        """Gives a model another name, wholly or not at all.

        A copy under the new name comes first and the old folder goes last, so that there is a
        whole model at every moment. The new card tells the new name, also in its command.

        Args:
            name: of a model that can be used.
            new_name: see NAME_RULE.

        Raises:
            InvalidInput: if the new name has another form.
            ModelProtected: if either is the name of a bundled model, or an ensemble needs it.
            ModelExists: if there is a model of the new name; both stay as they were.
            ModelUnusable: if there is no usable model of that name, or the folder cannot be
                written to.
        """
        check_name(new_name)
        model = self.get(name)
        self._check_free(name, "renamed")
        files = {file: model.read(file) for file in model.card.files}
        command = model.card.command.removesuffix(f" --name {name}")
        new = self.save(new_name, files, model.card.with_entries(command=command), own=True)
        try:
            self._remove(name)
        except ModelUnusable:
            with contextlib.suppress(ModelUnusable):
                self._remove(new_name)
            raise
        return new

    def delete(self, name: str) -> None:
        """Removes a model, or a folder that cannot be used, at once and for good.

        Raises:
            ModelProtected: if it comes with Digit Lab, or an ensemble needs it.
            ModelUnusable: if there is none of that name, or the folder cannot be written to.
        """
        if name not in self.names():  # so that no path leads out of the folder
            raise ModelUnusable(f"There is no model called {name[:80]!r}.")
        self._check_free(name, "deleted")
        self._remove(name)

    def _check_free(self, name: str, what: str) -> None:
        """Raises ModelProtected where a model must stay as it is."""
        if name in BUNDLED:
            raise ModelProtected(f"{name!r} comes with Digit Lab and cannot be {what}.")
        if ensembles := self.ensembles_with(name):
            raise ModelProtected(
                f"{name!r} cannot be {what}: it votes in {', '.join(ensembles)}, which would no"
                " longer work. Delete that first."
            )

    def _remove(self, name: str) -> None:
        """Takes a folder out of the list in one step, and then off the disk."""
        target = self.root / name
        hidden = self.root / f".deleting-{uuid.uuid4().hex}"
        try:
            target.rename(hidden)
        except OSError as error:
            raise ModelUnusable(f"{name} could not be removed ({reason(error)}).") from error
        if hidden.is_symlink():  # a link goes, and not what it leads to
            hidden.unlink(missing_ok=True)
        else:
            shutil.rmtree(hidden, ignore_errors=True)

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
            model = SavedModel(name, folder, parse_card(card))
            _check_files(model)
            if model.is_ensemble:
                if votes:  # not looked into: one that names itself has no end
                    raise ModelUnusable("It is an ensemble.")
                self._check_members(model)
        except FileNotFoundError:
            return UnusableModel(name, f"It holds no {CARD_FILE}.")
        except OSError as error:
            return UnusableModel(name, f"Its {CARD_FILE} cannot be read ({reason(error)}).")
        except DigitLabError as error:
            return UnusableModel(name, str(error))
        except Exception as error:  # a foreign file can be wrong in any way
            why = f"{type(error).__name__}: {error}"
            return UnusableModel(name, f"Its {CARD_FILE} cannot be understood ({why}).")
        return model

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
    if set(model.card.files) != (set() if model.is_ensemble else {KERAS_FILE, LITERT_FILE}):
        raise ModelUnusable(f"Its card does not name {KERAS_FILE} and {LITERT_FILE}.")
    for file in model.card.files:
        model.read(file)
