"""What people want of runs that are under way here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.runs.live import LiveRun
from core.runs.lives import Lives
from core.training.events import Failed, Note, PaceChanged
from core.workers.commands import COMMAND, Command, Signal

STOPPED_EARLY = "It was stopped before it had begun."


class Orders:
    """Obeys.

    Args:
        lives: the runs.
        wake: has somebody look at them.
    """

    def __init__(self, lives: Lives, wake: Callable[[], None]) -> None:
        self._lives = lives
        self._wake = wake

    def command(self, live: LiveRun, command: Command, note: str) -> None:
        """Obeys a command for a run that is under way here."""
        with self._lives.lock:
            if not live.info.under_way:
                return
            if note:
                live.add(Note(note))
            if isinstance(command, Signal) and command.kind in ("slow", "fast"):
                live.add(PaceChanged(command.kind == "slow"))  # a next job begins with it
                if live.job is not None:
                    live.job.send(command)
            elif live.job is not None:
                if live.info.state == "paused":
                    live.pending.append(command)
                live.job.send(command)
                return
            elif live.info.state != "queued":
                live.pending.append(command)
                if not live.stays_paused:
                    self._lives.enqueue(live)
            elif command.kind == "stop" and live.checkpoint is None:
                live.add(Failed(STOPPED_EARLY), state="failed")
            else:
                live.pending.append(command)
        self._wake()

    def obey(self, run_id: str, content: dict[str, Any]) -> None:
        """Does what another server was asked for."""
        if "name" in content:
            self.rename(run_id, content["name"])
        live = self._lives.get(run_id)
        if live is not None and "command" in content:
            self.command(live, COMMAND.validate_python(content["command"]), content["note"])

    def rename(self, run_id: str, name: str) -> None:
        """Notes a run's new name."""
        with self._lives.lock:
            live = self._lives.get(run_id)
            if live is not None:
                live.info = replace(live.info, name=name)
