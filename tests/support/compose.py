"""compose.yaml without an engine: read as Docker Compose reads it, and its services run here."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.running_app import REPOSITORY, free_port, tail
from tests.support.image import environment, read_image, unpack
from tests.support.patience import PATIENCE, wait_until

_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def read_compose(**variables: str) -> dict[str, Any]:
    """Returns compose.yaml with its anchors merged and its variables filled in.

    Args:
        variables: the environment.

    Raises:
        KeyError: if one is missing that has no default.
    """

    def value(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        if given := variables.get(name, ""):
            return given
        if kind == "-":
            return default
        raise KeyError(f"{name}: {default}")

    def filled(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: filled(each) for key, each in part.items()}
        if isinstance(part, list):
            return [filled(each) for each in part]
        if not isinstance(part, str) or "${" not in part:
            return part
        text = _VARIABLE.sub(value, part)
        return int(text) if text.isdigit() else text

    text = (REPOSITORY / "compose.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = filled(yaml.safe_load(text))
    return read


class Composed:
    """Services of compose.yaml as processes of this machine, under its names and ports.

    Args:
        services: of the file.
        folder: for what the image holds, for data and logs.
        database: its address from `@` on.
    """

    def __init__(self, services: dict[str, Any], folder: Path, database: str) -> None:
        self._services, self._folder, self._database = services, folder, database
        self._processes: list[subprocess.Popen[bytes]] = []
        self._app, self._data = folder / "app", folder / "data"
        for each in (self._app, self._data):
            each.mkdir()
        unpack(self._app)
        self._scheduler, self._server = str(free_port()), str(free_port())
        self.address = f"http://localhost:{self._server}"

    def start(self, name: str, *, command: list[str] | None = None, **more: str) -> None:
        """Starts a service, and waits until its own health check is content.

        Args:
            name: of the service.
            command: what it runs. Defaults to what the files say.
            more: of its environment.
        """
        service, image, health = self._services[name], read_image(), str(free_port())

        def here(word: str) -> str:
            word = word.replace("scheduler:8786", f"localhost:{self._scheduler}")
            word = re.sub("^8786$", self._scheduler, word.replace("8787", health))
            return word.replace("@database/digit_lab", f"@{self._database}")

        given = {key: here(str(value)) for key, value in service.get("environment", {}).items()}
        given |= {"STREAMLIT_SERVER_PORT": self._server, **more}
        variables = environment(image, self._data, given)
        check = service["healthcheck"]["test"][1:] if "healthcheck" in service else image.health
        words = [here(word) for word in command or service.get("command", image.command)]
        with (self._folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(words, cwd=self._app, env=variables, stdout=log, stderr=log)
        self._processes.append(process)

        def answers() -> bool:
            asked = [here(word) for word in check]
            done = subprocess.run(asked, cwd=self._app, env=variables, capture_output=True)
            return process.poll() is not None or done.returncode == 0

        wait_until(answers, f"{name} is not healthy: {self.log(name)}")
        assert process.poll() is None, self.log(name)

    def log(self, name: str) -> str:
        """Returns the end of what a service has written."""
        return tail((self._folder / f"{name}.log").read_text(encoding="utf-8"))

    def stop(self) -> None:
        """Ends all services as Docker does, those that need others first."""
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
