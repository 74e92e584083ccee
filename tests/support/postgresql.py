"""A PostgreSQL server of the tests' own, in a folder that goes with it."""

import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from core.database import Database
from tests.support.patience import wait_until

DEBIAN = Path("/usr/lib/postgresql")  # has the programs of each version, which are on no PATH
NOBODY = "nobody"  # PostgreSQL refuses to run as root
USER, PASSWORD = "lab", "open sesame"
_TEMPLATE = "digit_lab"


def programs() -> Path | None:
    """Returns the folder with `initdb` and `postgres`, or None if they are not on this machine."""
    found = shutil.which("initdb")
    if found and shutil.which("postgres"):
        return Path(found).parent
    versions = [path.parent for path in DEBIAN.glob("*/bin/initdb")]
    return max(versions, key=lambda path: float(path.parent.name), default=None)


class PostgreSQL:
    """A server, reached by a socket in its folder.

    Args:
        programs: the folder with PostgreSQL's programs.
    """

    def __init__(self, programs: Path) -> None:
        # Not pytest's folder for temporary files: that belongs to root alone where it runs as root.
        self._folder = Path(tempfile.mkdtemp(prefix="digit-lab-postgresql-"))
        self._programs = programs
        self._numbers = itertools.count(1)
        self._who: dict[str, Any] = {"user": NOBODY} if os.geteuid() == 0 else {}
        if self._who:
            shutil.chown(self._folder, NOBODY)
        self._log = self._folder / "log"
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        data = str(self._folder / "data")
        self._do("initdb", "-D", data, "-U", USER, "-A", "scram-sha-256", "--pwfile", str(secret))
        self._data = data
        self.start()
        self._run(f"CREATE DATABASE {_TEMPLATE}")
        Database(self.url(_TEMPLATE)).close()  # its tables are made once

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        options = ["-c", "listen_addresses=", "-c", "fsync=off", "-k", str(self._folder)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, *options],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                **self._who,
            )

        def answers():
            assert self._process.poll() is None, self._log.read_text()
            with contextlib.suppress(psycopg.OperationalError):
                self._run("SELECT 1")
                return True

        wait_until(answers, "PostgreSQL does not answer")

    def stop(self) -> None:
        """Ends it, whoever is connected."""
        self._process.send_signal(2)
        self._process.wait()

    def close(self) -> None:
        """Ends it and removes its folder."""
        self.stop()
        shutil.rmtree(self._folder)

    def url(self, name: str, *, password: str = PASSWORD) -> str:
        """Returns a database's address as PostgreSQL's own programs write it."""
        return f"postgres://{USER}:{quote(password)}@/{name}?host={quote(str(self._folder))}"

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """Makes a database, with Digit Lab's tables in it, and yields its address."""
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        try:
            yield self.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextlib.contextmanager
    def empty_database(self) -> Iterator[str]:
        """The same as `database`, without tables."""
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _do(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        done = subprocess.run(
            command, cwd=self._folder, capture_output=True, text=True, **self._who
        )
        assert done.returncode == 0, done.stderr

    def _run(self, statement: str) -> None:
        address = self.url("postgres").replace("postgres://", "postgresql://")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)
