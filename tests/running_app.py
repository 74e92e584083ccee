"""The app in a process of its own, for tests with a browser and for the README's pictures."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.support.patience import PATIENCE, wait_until_gone

REPOSITORY = Path(__file__).resolve().parents[1]
# What Python runs, before the port.
STREAMLIT = ("-m", "streamlit", "run", "app.py", "--server.port")
LOG_LINES_SHOWN = 60


class RunningApp:
    """One server of the app on a free port; it can be started again there after its end.

    Args:
        models: folder of the saved models.
        folder: where its database, uploads and log are.
        program: what Python runs, before the port. Defaults to Streamlit with the app.
    """

    def __init__(
        self,
        models: Path,
        folder: Path,
        program: Sequence[str] = STREAMLIT,
    ) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.log_file = folder / "server.log"
        self._command = [sys.executable, *program, str(self.port)]
        self._environment = {
            **os.environ,
            "DIGIT_LAB_MODELS": str(models),
            "DIGIT_LAB_UPLOADS": str(folder / "uploads"),
            "DATABASE_URL": f"sqlite:///{folder / 'runs.sqlite3'}",
            "PYTHONPATH": str(REPOSITORY),
        }
        self.process = self._begin()

    def start(self) -> None:
        """Starts the server again and waits until it answers."""
        self.process = self._begin()
        self.wait_until_healthy()

    def _begin(self) -> subprocess.Popen[bytes]:
        with self.log_file.open("ab") as log:
            return subprocess.Popen(
                self._command,
                cwd=REPOSITORY,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_until_healthy(self) -> None:
        """Waits until it answers; raises RuntimeError with the log's end if it does not."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the app ended at its start:\n{self._end_of_log()}")
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                # Nobody listens yet. Waiting on the process itself notices its end at once.
                try:
                    self.process.wait(timeout=0.1)
                except subprocess.TimeoutExpired:
                    continue
        raise RuntimeError(f"no answer from the app in {PATIENCE:.0f} s:\n{self._end_of_log()}")

    def descendants(self) -> list[psutil.Process]:
        """Returns the processes that it has started, workers included."""
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def stop(self) -> None:
        """Ends exactly this process and those that it started, and waits until all are gone."""
        mine = self.descendants()
        self.process.terminate()
        try:
            self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        wait_until_gone(mine)

    def _end_of_log(self) -> str:
        return tail(self.log_file.read_text(encoding="utf-8", errors="replace"))


@contextmanager
def running_app(models: Path, folder: Path) -> Iterator[RunningApp]:
    """Starts the app, waits until it answers, and ends it; see `RunningApp`."""
    app = RunningApp(models, folder)
    try:
        app.wait_until_healthy()
        yield app
    finally:
        app.stop()


def tail(log: str) -> str:
    """Returns the last lines of a log."""
    return "\n".join(log.splitlines()[-LOG_LINES_SHOWN:])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
