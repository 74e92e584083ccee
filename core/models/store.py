"""The folder of saved models.

A model is added whole or not at all, and a damaged one is listed with the reason. It belongs to the
visitor who saved it, who alone may rename, replace or delete it on a page. What the command line
saved is nobody's and stays as it is there. Whoever can run commands on this machine may change all
but the bundled models: they could delete the files as well.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path

from core.errors import InvalidInput, ModelExists, ModelProtected, ModelUnusable, NotYourModel
from core.files import exchange, reason
from core.models.ownership import OWNER_FILE, Owner, owner_of
from core.models.reader import OLD, ModelReader
from core.models.saved_model import (
    BUNDLED,
    CARD_FILE,
    SavedModel,
    check_name,
    check_not_bundled,
)
from core.networks.formats import checksum
from core.training.card import CARD_FORMAT, Card, EnsembleCard


class ModelStore(ModelReader):
    """The models in one folder.

    Args:
        root: the folder. Defaults to that of the settings.
    """

    def save(
        self,
        name: str,
        files: Mapping[str, bytes],
        card: Card,
        *,
        replace: bool = False,
        owner: str | None = None,
    ) -> SavedModel:
        """Adds a model, whole or not at all.

        Everything is written to a hidden folder first, which then takes its name in one step, also
        where another model had it.

        Args:
            name: see NAME_RULE.
            files: the bytes of KERAS_FILE and LITERT_FILE; none for an ensemble.
            card: what `core.training.fit` says of the run; name and checksums are added here.
            replace: whether a model of that name gives way. Defaults to False.
            owner: the id of the visitor who saves it on a page. Defaults to the command line: a
                new model is then nobody's, and one that is replaced stays whose it was.

        Raises:
            InvalidInput: if the name has another form, or is that of one of its own members.
            ModelExists: if there is a model of that name; it stays as it was.
            ModelProtected: if a visitor saves it, and the name is that of a bundled model.
            NotYourModel: if a visitor replaces a model that is not their own.
            ModelUnusable: if the folder cannot be written to, or a member of it is gone.
        """
        check_name(name)
        if owner is not None and name in BUNDLED:
            self._check_new(name, replace=replace)
            check_not_bundled(name)
        if replace and (self.root / name).exists():
            self._check_owner(name, "replaced", owner)
            return self._add(name, files, card, owner_of(self.root / name), replace=True)
        return self._add(name, files, card, Owner.of(owner) if owner is not None else None)

    def _check_new(self, name: str, *, replace: bool) -> None:
        if (self.root / name).exists() and not replace:
            raise ModelExists(f"There is a model called {name!r} already. Choose another name.")

    def _add(
        self,
        name: str,
        files: Mapping[str, bytes],
        card: Card,
        owner: Owner | None,
        *,
        replace: bool = False,
    ) -> SavedModel:
        """Does what `save` does, for an owner who may."""
        if isinstance(card, EnsembleCard) and name in (member.name for member in card.members):
            raise InvalidInput(f"An ensemble cannot take the place of its own member {name}.")
        target = self.root / name
        self._check_new(name, replace=replace)
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
        old = draft.with_name(f"{draft.name}.{name}{OLD}")
        try:
            for file, data in files.items():
                (draft / file).write_bytes(data)
            (draft / CARD_FILE).write_text(text + "\n", encoding="utf-8")
            if owner is not None:
                (draft / OWNER_FILE).write_bytes(owner.to_bytes())
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

    def rename(self, name: str, new_name: str, *, by: str | None) -> SavedModel:
        """Gives a model another name, wholly or not at all.

        A copy under the new name comes first and the old folder goes last, so that there is a
        whole model at every moment. The new card tells the new name, also in its command. It stays
        whose it was.

        Args:
            name: of a model that can be used.
            new_name: see NAME_RULE.
            by: the id of the visitor who wants it; None for the command line.

        Raises:
            InvalidInput: if the new name has another form.
            ModelProtected: if either is the name of a bundled model, or an ensemble needs it.
            NotYourModel: if it is not the visitor's own.
            ModelExists: if there is a model of the new name; both stay as they were.
            ModelUnusable: if there is no usable model of that name, or the folder cannot be
                written to.
        """
        check_name(new_name)
        model = self.get(name)
        self._check_free(name, "renamed", by)
        self._check_new(new_name, replace=False)
        check_not_bundled(new_name)
        files = {file: model.read(file) for file in model.card.files}
        command = model.card.command.removesuffix(f" --name {name}")
        new = self._add(new_name, files, model.card.with_entries(command=command), model.owner)
        try:
            self._remove(name)
        except ModelUnusable:
            with contextlib.suppress(ModelUnusable):
                self._remove(new_name)
            raise
        return new

    def delete(self, name: str, *, by: str | None) -> None:
        """Removes a model, or a folder that cannot be used, at once and for good.

        Args:
            name: of the model.
            by: the id of the visitor who wants it; None for the command line.

        Raises:
            ModelProtected: if it comes with Digit Lab, or an ensemble needs it.
            NotYourModel: if it is not the visitor's own.
            ModelUnusable: if there is none of that name, or the folder cannot be written to.
        """
        if name not in self.names():  # so that no path leads out of the folder
            raise ModelUnusable(f"There is no model called {name[:80]!r}.")
        self._check_free(name, "deleted", by)
        self._remove(name)

    def _check_owner(self, name: str, what: str, by: str | None) -> None:
        """Raises NotYourModel where a visitor wants to change what is not their own."""
        owner = owner_of(self.root / name)
        if by is None or (owner is not None and owner.matches(by)):
            return
        whose = "is nobody's" if owner is None else "belongs to somebody else"
        raise NotYourModel(
            f"{name!r} {whose}: on a page only whoever saved a model can have it {what}. Everybody"
            " can use it."
        )

    def _check_free(self, name: str, what: str, by: str | None) -> None:
        """Raises ModelProtected where a model must stay as it is."""
        if name in BUNDLED:
            raise ModelProtected(f"{name!r} comes with Digit Lab and cannot be {what}.")
        self._check_owner(name, what, by)
        if ensembles := self.ensembles_with(name):
            raise ModelProtected(
                f"{name!r} cannot be {what}: it votes in {', '.join(ensembles)}, which would no"
                " longer work. That must be deleted first."
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
