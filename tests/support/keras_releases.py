"""Older releases of Keras, installed beside this environment, each in a folder of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

RELEASES = ("3.8.0", "3.12.0")


def release(version: str, folder: Path) -> Path:
    """Returns the folder with a release; installs it where it is not yet there.

    Its own dependencies are those of this environment. Without a registry of packages the test is
    skipped, or fails where older releases are required.
    """
    target = folder / f"keras-{version}"
    if target.exists():
        return target
    draft = Path(tempfile.mkdtemp(dir=folder))
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(draft),
    ]
    # The environment's own constraints name another release.
    environment = {key: value for key, value in os.environ.items() if key != "PIP_CONSTRAINT"}
    done = subprocess.run(
        [*command, f"keras=={version}"], capture_output=True, text=True, env=environment
    )
    if done.returncode:
        shutil.rmtree(draft)
        words = f"Keras {version} cannot be installed: {done.stderr[-500:]}"
        if os.environ.get("DIGIT_LAB_REQUIRE_KERAS_RELEASES") == "1":
            pytest.fail(words, pytrace=False)
        pytest.skip(words)
    try:
        draft.rename(target)
    except OSError:  # another process was quicker
        shutil.rmtree(draft)
    return target
