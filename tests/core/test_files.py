"""Files as they may be found, folders exchanged, and as many open as are needed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.files import exchange, read_file, reason

REPOSITORY = Path(__file__).resolve().parents[2]


def test_a_file_is_read_and_what_is_none_is_refused_at_once(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    assert read_file(tmp_path / "file") == b"content"
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "missing")
    with pytest.raises(OSError, match="not a file"):
        read_file(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_that_takes_a_file_s_place_at_the_last_moment_is_not_waited_for(
    tmp_path, monkeypatch
):
    file, pipe = tmp_path / "file", tmp_path / "pipe"
    file.write_bytes(b"content")
    os.mkfifo(pipe)
    stat = os.stat
    monkeypatch.setattr("os.stat", lambda path, **options: stat(file, **options))
    with pytest.raises(OSError, match="not a file"):
        read_file(pipe)


def test_a_reason_names_no_path():
    assert reason(PermissionError(13, "Permission denied", "/srv/lab")) == "Permission denied"
    assert reason(OSError("disk gone")) == "disk gone"
    assert reason(TimeoutError()) == "TimeoutError"


@pytest.mark.skipif(not sys.platform.startswith(("linux", "darwin")), reason="it cannot be done")
def test_two_folders_take_each_other_s_name(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / folder.name).touch()
    if not exchange(one, other):
        pytest.skip("this file system cannot do it")
    assert [path.name for path in one.iterdir()] == ["other"]
    assert [path.name for path in other.iterdir()] == ["one"]
    with pytest.raises(FileNotFoundError):
        exchange(one, tmp_path / "missing")


OPEN = """
import logging, resource, sys
from ui.services import server
logging.basicConfig(format="%(message)s")
soft, hard, wanted = (int(word) for word in sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
server.OPEN_FILES = wanted
server.load_ahead()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "then", "told"),
    [
        (256, 1024, 800, "800 1024", False),  # as many as are enough
        (256, 512, 800, "512 512", True),  # as many as there may be
        (900, 1024, 800, "900 1024", False),  # never fewer than before
    ],
)
def test_a_server_may_have_many_files_open_or_says_so(soft, hard, wanted, then, told):
    words = [sys.executable, "-c", OPEN, str(soft), str(hard), str(wanted)]
    process = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert process.stdout.strip().splitlines()[-1] == then
    assert ("Digit Lab may have only 512 files open at a time." in process.stderr) == told
