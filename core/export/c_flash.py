"""What a C project takes of a real microcontroller, where its compiler is at hand."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

COMPILER = "arm-none-eabi-gcc"
_SECONDS = 120  # a network of several megabytes takes ten


def flash_on_arm(files: Mapping[str, bytes]) -> int | None:
    """Returns the bytes of flash that code and constants take on a Cortex-M4.

    Args:
        files: of the project, by their paths.

    Returns:
        None where the compiler is not on this machine, or cannot do it.
    """
    if not (shutil.which("make") and shutil.which(COMPILER)):
        return None
    with tempfile.TemporaryDirectory() as folder:
        for path, data in files.items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        project = Path(folder, next(iter(files)).partition("/")[0])
        try:
            done = subprocess.run(
                ["make", "-s", "size"],
                cwd=project,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=True,
            )
            text, data_bytes = done.stdout.splitlines()[-1].split()[:2]
            return int(text) + int(data_bytes)
        except (OSError, subprocess.SubprocessError, ValueError, IndexError):
            return None
