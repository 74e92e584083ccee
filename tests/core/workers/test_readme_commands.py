"""The README's commands for a cluster of one's own, as they stand there."""

import contextlib
import os
import re
import shlex
import socket
import subprocess
import sys

import pytest

from core.paths import PROJECT
from core.tasks.base import tasks
from core.workers.dask_cluster import connect
from tests.support.patience import PATIENCE

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def commands(start):
    return [
        line.partition("  #")[0].strip() for line in README.splitlines() if line.startswith(start)
    ]


@contextlib.contextmanager
def started(command, folder, environment):
    with (folder / f"{len(command)}.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=os.environ | environment, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()


def tls(folder):
    """Makes the README's certificate; returns the environment that it names."""
    (line,) = re.findall(r"`(openssl req [^`]+)`", README.replace("\n", " "))
    try:
        subprocess.run(shlex.split(line), cwd=folder, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl, which makes the certificate, is not on this machine")
    pairs = [pair for line in commands("export DASK_") for pair in line.split()[1:]]
    assert len(pairs) == 7
    return {name: str(folder / file) for name, _, file in (pair.partition("=") for pair in pairs)}


def dask_setting(variable):
    """Returns the name in Dask's configuration, as Dask itself reads it from the environment."""
    words = variable.removeprefix("DASK_").lower().split("__")
    return ".".join(word.replace("_", "-") for word in words)


def where_it_runs():
    from core.paths import PROJECT
    from core.tasks.base import tasks

    return str(PROJECT), len(tasks())


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["tcp", "tls"])
def test_a_worker_of_the_readme_s_cluster_finds_the_project(tmp_path, protocol):
    import dask

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = tls(tmp_path) if protocol == "tls" else {}
    scheduler, worker = (
        [sys.executable, *shlex.split(line.replace("tcp://host:8786", address))[1:], *extra]
        for address in [f"{protocol}://127.0.0.1:{port}"]
        for line, extra in zip(
            commands(".venv/bin/python -m dask"),
            (
                ["--protocol", protocol, "--port", str(port), "--host", "127.0.0.1"],
                ["--local-directory", str(tmp_path)],
            ),
            strict=True,
        )
    )
    quiet = ["--no-dashboard"]
    with (
        started(scheduler + quiet, tmp_path, environment),
        started(worker + quiet, tmp_path, environment),
        dask.config.set({dask_setting(name): value for name, value in environment.items()}),
    ):
        client = connect(f"{protocol}://127.0.0.1:{port}")
        try:
            found = client.submit(where_it_runs).result(timeout=PATIENCE)
        finally:
            client.close()
    assert found == (str(PROJECT), len(tasks()))
