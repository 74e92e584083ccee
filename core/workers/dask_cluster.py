"""The cluster that does the work: one of our own, or the one that DASK_SCHEDULER names."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from core.errors import WorkersUnavailable
from core.paths import PROJECT
from core.settings import settings

if TYPE_CHECKING:
    from distributed import Client

START_SECONDS = 60.0
_ADDRESS = re.compile(r"(tcp|tls)://[^\s/]+:\d+")


def scheduler_address() -> str | None:
    """Returns the address that DASK_SCHEDULER names, or None for a cluster of our own.

    Raises:
        WorkersUnavailable: if it is no address.
    """
    named = settings().dask_scheduler
    if named and not _ADDRESS.fullmatch(named):
        raise WorkersUnavailable(
            f"Expected DASK_SCHEDULER to be an address such as tcp://host:8786. Received: {named}"
        )
    return named


def start_cluster() -> subprocess.Popen[str]:
    """Starts a local cluster, a process whose standard input keeps it alive."""
    return subprocess.Popen(
        [sys.executable, "-m", "core.workers.cluster"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def address_of(process: subprocess.Popen[str]) -> str:
    """Waits until a local cluster has started, and returns the address of its scheduler.

    Raises:
        WorkersUnavailable: if it ends before that.
    """
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    if not address:
        raise WorkersUnavailable("The worker processes could not be started.")
    return address


def connect(address: str) -> Client:
    """Returns a client of the cluster at an address, whether it has workers by now or not.

    Raises:
        WorkersUnavailable: if nothing answers there.
    """
    from distributed import Client

    try:
        return Client(address, timeout=START_SECONDS / 4, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise WorkersUnavailable(
            f"No scheduler of worker processes answers at {address}."
        ) from error


def await_workers(client: Client) -> None:
    """Waits until a cluster has a worker.

    Raises:
        WorkersUnavailable: if none comes within START_SECONDS.
    """
    try:
        client.wait_for_workers(1, timeout=START_SECONDS)
    except TimeoutError as error:
        raise WorkersUnavailable("No worker process is running.") from error


def end_cluster(process: subprocess.Popen[str]) -> None:
    """Closes the cluster's standard input, which ends it, and makes sure that it did."""
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def addresses(client: Client) -> list[str]:
    """Returns the addresses of the workers."""
    return sorted(client.nthreads())


def training_addresses(client: Client) -> list[str]:
    """Returns those of the workers for training runs: all but one, or the only one."""
    every = addresses(client)
    return every[:-1] or every
