import shutil

import pytest

from core.errors import ModelUnusable
from core.models import bundled
from core.models.bundled import SOURCE, install_bundled
from core.models.saved_model import BUNDLED
from core.models.store import ModelStore


@pytest.fixture
def source(tmp_path):
    """Two of the bundled models, which a test may change."""
    folder = tmp_path / "source"
    for name in ("seven-segment", "parity"):
        shutil.copytree(SOURCE / name, folder / name)
    return folder


@pytest.fixture(autouse=True)
def two_are_bundled(monkeypatch):
    monkeypatch.setattr(bundled, "BUNDLED", ("seven-segment", "parity"))


def test_an_empty_folder_gets_all_and_then_nothing_more(source, tmp_path):
    root = tmp_path / "volume" / "models"
    assert install_bundled(root, source=source) == ["seven-segment", "parity"]
    assert {model.name for model in ModelStore(root).models()} == {"seven-segment", "parity"}
    assert install_bundled(root, source=source) == []
    assert {path.name for path in root.iterdir()} == {"seven-segment", "parity"}


@pytest.mark.parametrize("exchanges", [True, False])
def test_an_update_renews_what_has_changed_and_leaves_a_person_s_own(
    source, tmp_path, monkeypatch, exchanges
):
    if not exchanges:  # a network's file system cannot
        monkeypatch.setattr(bundled, "exchange", lambda one, other: False)
    root = tmp_path / "models"
    install_bundled(root, source=source)
    shutil.copytree(source / "parity", root / "my-own")
    card = source / "parity" / "card.json"
    card.write_text(card.read_text().replace('"parity"', '"parity" '))
    assert install_bundled(root, source=source) == ["parity"]
    assert (root / "parity" / "card.json").read_bytes() == card.read_bytes()
    assert (root / "my-own" / "card.json").read_bytes() != card.read_bytes()
    assert {path.name for path in root.iterdir()} == {"seven-segment", "parity", "my-own"}


def test_the_project_s_own_folder_stays_as_it_is(source):
    assert install_bundled(source, source=source) == []


def test_a_folder_that_cannot_be_written_to_is_a_sentence(source, tmp_path):
    (tmp_path / "models").write_text("a file in its place")
    with pytest.raises(ModelUnusable, match="cannot be written to"):
        install_bundled(tmp_path / "models", source=source)


def test_all_that_is_bundled_is_there_to_be_copied():
    assert all((SOURCE / name / "card.json").is_file() for name in BUNDLED)
