"""Saved models: a folder each, holding the network twice and a card that says what it is.

`model.keras` is the network for further training, `model.tflite` the same for quick answers, and
`card.json` tells task, architecture, data, seed, figures, versions, date and the command that
makes it again. The card carries checksums, so that a damaged file is noticed before it is used.

An ensemble is a folder with nothing but a card, which names the networks that vote.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data import Dataset
from core.errors import (
    DigitLabError,
    InvalidInput,
    ModelExists,
    ModelProtected,
    ModelUnusable,
)
from core.inference.calibration import Calibration
from core.inference.ensemble import MAX_MEMBERS, VOTES, Ensemble, check_vote, check_weights
from core.inference.predictor import Classifier, Predictor
from core.metrics.accuracy import Accuracy, percent
from core.models.card_schema import CARD_FORMAT, check_entries
from core.networks.architecture import Architecture
from core.networks.formats import KERAS_FILE, LITERT_FILE, checksum
from core.noise.base import Noise
from core.paths import PROJECT
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

    def predictor(self, *, calibrated: bool = True) -> Classifier:
        """Loads the network for answering; keep the result, loading takes longer than asking.

        Args:
            calibrated: whether probabilities are corrected. Defaults to True.
        """
        calibration = self.calibration if calibrated else None
        if self.is_ensemble:
            store = ModelStore(self.folder.parent)
            return Ensemble(
                [store.get(name).predictor() for name in self.members],
                vote=self.card["vote"],
                weights=self.weights,
                test_time_augmentation=bool(self.card.get("shifts")),
                calibration=calibration,
            )
        return Predictor(
            self.read(LITERT_FILE),
            input_shape=self.task.input_shape,
            num_classes=len(self.task.classes),
            calibration=calibration,
        )


@dataclass(frozen=True)
class UnusableModel:
    """A folder among the models that holds none that can be used, and why."""

    name: str
    reason: str


class ModelStore:
    """The models in one folder.

    Args:
        root: the folder. Defaults to the one named by DIGIT_LAB_MODELS, else `saved_models`
            beside the code.
    """

    def __init__(self, root: Path | None = None) -> None:
        named = os.environ.get("DIGIT_LAB_MODELS")
        self.root = root or (Path(named) if named else PROJECT / "saved_models")

    def names(self) -> tuple[str, ...]:
        """Returns the folders' names, usable or not, in alphabetical order."""
        try:
            folders = [entry.name for entry in self.root.iterdir() if entry.is_dir()]
        except OSError:
            return ()
        return tuple(sorted(name for name in folders if not name.startswith(".")))

    def models(self, task_name: str | None = None) -> tuple[SavedModel, ...]:
        """Returns the usable models, of one task or of all; the task's default one first."""
        found = [entry for entry in map(self._look, self.names()) if isinstance(entry, SavedModel)]
        wanted = [model for model in found if task_name in (None, model.card["task"])]
        return tuple(
            sorted(wanted, key=lambda model: (model.name != model.task.default_model, model.name))
        )

    def unusable(self) -> tuple[UnusableModel, ...]:
        """Returns the folders that cannot be used, each with the reason."""
        found = map(self._look, self.names())
        return tuple(entry for entry in found if isinstance(entry, UnusableModel))

    def fingerprint(self) -> tuple[tuple[str, int], ...]:
        """Returns what changes whenever a model is added, changed or removed; cheap to ask."""
        marks = []
        for name in self.names():
            for file in (CARD_FILE, KERAS_FILE, LITERT_FILE):
                try:
                    marks.append((f"{name}/{file}", (self.root / name / file).stat().st_mtime_ns))
                except OSError:
                    marks.append((f"{name}/{file}", 0))
        return tuple(marks)

    def get(self, name: str) -> SavedModel:
        """Returns one model.

        Raises:
            ModelUnusable: if there is none of that name, or it cannot be used.
        """
        if name not in self.names():
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
        card: Mapping[str, Any],
        *,
        replace: bool = False,
        own: bool = False,
    ) -> SavedModel:
        """Adds a model, whole or not at all.

        Everything is written to a hidden folder first, which then takes its name in one step.

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
        if name in (member["name"] for member in card.get("members", ())):
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
            "command": f"{card['command']} --name {name}",
            "files": {file: checksum(data) for file, data in files.items()},
        }
        model = SavedModel(name, target, {**card, **added})
        if model.is_ensemble:
            self._check_members(model)  # one may have gone since they were measured
        text = json.dumps(model.card, indent=2)
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=".saving-", dir=self.root))
        except OSError as error:
            raise ModelUnusable(f"The models' folder cannot be written to ({error}).") from error
        old = draft.with_name(f"{draft.name}-old")
        try:
            for file, data in files.items():
                (draft / file).write_bytes(data)
            (draft / CARD_FILE).write_text(text + "\n", encoding="utf-8")
            draft.chmod(0o755)
            if replace and target.exists():
                target.rename(old)
            draft.rename(target)
        except OSError as error:
            if target.exists() and not replace:  # someone else was quicker
                raise ModelExists(f"There is a model called {name!r} already.") from error
            raise ModelUnusable(f"The model could not be saved ({error}).") from error
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
        files = {file: model.read(file) for file in model.card["files"]}
        command = str(model.card["command"]).removesuffix(f" --name {name}")
        new = self.save(new_name, files, {**model.card, "command": command}, own=True)
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
            raise ModelUnusable(f"{name} could not be removed ({error}).") from error
        if hidden.is_symlink():  # a link goes, and not what it leads to
            hidden.unlink(missing_ok=True)
        else:
            shutil.rmtree(hidden, ignore_errors=True)

    def _look(self, name: str, *, votes: bool = False) -> SavedModel | UnusableModel:
        """Reads a folder; where it `votes` in an ensemble, it must be a network by itself."""
        folder = self.root / name
        try:
            card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
            model = SavedModel(name, folder, card)
            _check_card(model)
            if model.is_ensemble:
                if votes:  # not looked into: one that names itself has no end
                    raise ModelUnusable("It is an ensemble.")
                self._check_members(model)
        except FileNotFoundError:
            return UnusableModel(name, f"It holds no {CARD_FILE}.")
        except DigitLabError as error:
            return UnusableModel(name, str(error))
        except Exception as error:  # a foreign file can be wrong in any way
            reason = f"{type(error).__name__}: {error}"
            return UnusableModel(name, f"Its {CARD_FILE} cannot be understood ({reason}).")
        return model

    def _check_members(self, model: SavedModel) -> None:
        """Looks at the networks that vote: all must be here, and still be what they were."""
        if check_vote(model.card["vote"]) == "weighted":
            check_weights(model.card["weights"], len(model.members))
        if model.card.get("shifts") and len(model.task.input_shape) != 3:
            raise ModelUnusable(f"{model.task.title} are not pictures: they cannot be moved.")
        if not 2 <= len(model.members) <= MAX_MEMBERS or len(set(model.members)) < len(
            model.members
        ):
            raise ModelUnusable(f"An ensemble has 2 to {MAX_MEMBERS} different members.")
        for entry in model.card["members"]:
            if entry["name"] not in self.names():
                raise ModelUnusable(f"Its member {entry['name']} is not here.")
            member = self._look(entry["name"], votes=True)
            if isinstance(member, UnusableModel):
                raise ModelUnusable(f"Its member {entry['name']} cannot be used.")
            if member.task is not model.task or member.version != entry["version"]:
                raise ModelUnusable(f"Its member {entry['name']} is not the one that it was.")


def _check_card(model: SavedModel) -> None:
    """Checks everything that is used of a card once, and every file that it names."""
    check_entries(model.card)
    if set(model.card["files"]) != (set() if model.is_ensemble else {KERAS_FILE, LITERT_FILE}):
        raise ModelUnusable(f"Its card does not name {KERAS_FILE} and {LITERT_FILE}.")
    for file in model.card["files"]:
        model.read(file)
