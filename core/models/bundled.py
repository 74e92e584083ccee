"""The bundled models in another folder of models than the project's own.

A server in a container keeps its models on a volume, which begins empty and outlives the image.
Those that come with Digit Lab are put there at each start, and renewed after an update.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from core.errors import ModelUnusable
from core.files import exchange, read_file, reason
from core.models.saved_model import BUNDLED, CARD_FILE
from core.paths import PROJECT

SOURCE = PROJECT / "saved_models"


def install_bundled(root: Path, *, source: Path = SOURCE) -> list[str]:
    """Copies the bundled models that a folder lacks, or has of another version.

    Each is put in its place whole or not at all, also where several servers do so at once.

    Args:
        root: the folder, which is made if need be.
        source: where they come from. Defaults to the project's own folder.

    Returns:
        The names of those that were copied.

    Raises:
        ModelUnusable: if the folder cannot be written to.
    """
    if root.resolve() == source.resolve():
        return []
    try:
        root.mkdir(parents=True, exist_ok=True)
        return [name for name in BUNDLED if _install(source / name, root / name)]
    except OSError as error:
        raise ModelUnusable(
            f"The models' folder {root} cannot be written to ({reason(error)})."
        ) from error


def _install(model: Path, target: Path) -> bool:
    """Copies one model and returns True, unless it is there already."""
    if _card(target) == _card(model):
        return False
    draft = Path(tempfile.mkdtemp(prefix=".saving-", dir=target.parent))
    old = draft.with_name(f"{draft.name}.{target.name}-old")
    try:
        shutil.copytree(model, draft, dirs_exist_ok=True)
        if not (target.exists() and exchange(draft, target)):
            if target.exists():
                target.rename(old)
            draft.rename(target)
    except OSError:
        if _card(target) != _card(model):  # unless another server was quicker
            raise
    finally:
        for leftover in (draft, old):
            shutil.rmtree(leftover, ignore_errors=True)
    return True


def _card(model: Path) -> bytes | None:
    """Returns a model's card, which holds the checksums of its files; None where it has none."""
    try:
        return read_file(model / CARD_FILE)
    except FileNotFoundError:
        return None
