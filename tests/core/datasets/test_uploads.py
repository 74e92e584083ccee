"""Uploaded files: kept whole, or not at all."""

import os

import pytest

from core import files
from core.datasets import uploads
from core.errors import DataUnavailable


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_UPLOADS", str(tmp_path / "uploads"))
    return tmp_path / "uploads"


def test_a_file_is_kept_under_the_same_name_each_time(folder):
    name = uploads.keep(b"some data")
    assert uploads.keep(b"some data") == name
    assert [path.name for path in folder.iterdir()] == [name]
    assert uploads.content(name) == b"some data"


@pytest.mark.parametrize("step", ["replace", "write"])
def test_of_a_file_that_could_not_be_written_nothing_stays(folder, monkeypatch, step):
    def full(*arguments):
        raise OSError(28, "No space left on device", str(folder))

    if step == "replace":
        monkeypatch.setattr(os, "replace", full)
    else:
        named = files.tempfile.NamedTemporaryFile

        def nearly_full(**options):
            file = named(**options)
            file.write(b"half of it")
            file.flush()
            file.write = full
            return file

        monkeypatch.setattr(files.tempfile, "NamedTemporaryFile", nearly_full)
    with pytest.raises(DataUnavailable) as raised:
        uploads.keep(b"some data")
    assert str(raised.value) == "The file could not be kept (No space left on device)."
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_in_its_place_is_not_waited_for(folder):
    name = uploads.keep(b"some data")
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(DataUnavailable, match="upload it again"):
        uploads.content(name)
