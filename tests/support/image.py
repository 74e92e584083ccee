"""The container's image without an engine: what its Dockerfile says, and what it would hold."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from docker.utils.build import exclude_paths
from dockerfile_parse import DockerfileParser

from tests.running_app import REPOSITORY

WORKDIR, DATA = "/app", "/data"
IN_HERE = Path(sys.executable).parent  # the programs that the image's packages bring


@dataclass
class Image:
    """One stage with those that it is built on.

    Attributes:
        base: the image that comes from elsewhere.
        runs: the commands of RUN, with the stage they stand in.
        copies: the words of COPY, with the same.
        environment: of every process.
        user: who runs them.
        command: what is run.
        health: what says whether it is well.
    """

    base: str = ""
    runs: list[tuple[str, str]] = field(default_factory=list)
    copies: list[tuple[str, list[str]]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    user: str = "root"
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)


def read_image(packages: str = "all") -> Image:
    """Reads the Dockerfile's last stage, as built with PACKAGES."""
    parser = DockerfileParser(fileobj=BytesIO((REPOSITORY / "Dockerfile").read_bytes()))
    stages: dict[str, Image] = {}
    name, image = "", Image()
    for step in parser.structure:
        value = step["value"].replace("${PACKAGES}", packages)
        match step["instruction"]:
            case "FROM":
                origin, _, name = value.partition(" AS ")
                before = stages.get(origin, Image(base=origin))
                image = Image(
                    before.base,
                    [*before.runs],
                    [*before.copies],
                    {**before.environment},
                    before.user,
                )
                stages[name] = image
            case "RUN":
                image.runs.append((name, value))
            case "COPY":
                image.copies.append((name, shlex.split(value)))
            case "ENV":
                image.environment |= dict(word.split("=", 1) for word in shlex.split(value))
            case "USER":
                image.user = value
            case "CMD":
                image.command = json.loads(value)
            case "HEALTHCHECK":
                image.health = json.loads(value.partition("CMD ")[2])
    return image


def context(folder: Path = REPOSITORY) -> list[str]:
    """Returns the files that `docker build` sees, as `.dockerignore` has them."""
    lines = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    # Which two files an engine needs itself; they are not copied.
    seen = exclude_paths(str(folder), patterns) - {"Dockerfile", ".dockerignore"}
    return sorted(path for path in seen if (folder / path).is_file())


def unpack(folder: Path) -> None:
    """Copies into a folder what the image holds of the project."""
    for path in context():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / path, target)


def environment(image: Image, data: Path, more: Mapping[str, str] = {}) -> dict[str, str]:
    """Returns the environment of the image's processes, with its data in a folder, and more.

    Nothing comes from this process but where programs are.
    """
    own = {name: value.replace(DATA, str(data)) for name, value in image.environment.items()}
    return {"PATH": f"{IN_HERE}:{os.environ['PATH']}", "HOME": str(data), **own, **more}
