"""The API alone: no pages, no workers, no TensorFlow."""

from __future__ import annotations

import contextlib
import gc
import signal
import socket
import sys
import time

import psutil

from core.api.hosts import HostGuard
from core.api.sockets import listen
from core.errors import InvalidInput


def serve(host: str, port: int) -> None:
    """Serves until it is told to stop, and then answers what is under way first.

    Args:
        host: the address to listen at.
        port: the port; 0 for any that is free.

    Raises:
        InvalidInput: if nothing can listen there.
    """
    import uvicorn

    from core.api.app import create_app
    from core.api.managers import OwnManagers
    from core.settings import settings

    managers = OwnManagers(settings())
    try:
        listening = listen(host, port)
    except OSError as error:
        raise InvalidInput(f"Nothing can listen at {host}, port {port} ({error}).") from error
    config = uvicorn.Config(
        HostGuard(create_app(managers=managers, log=log_request)),
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=settings().api_seconds,
    )
    # When the server has ended in good order, uvicorn sends itself the signal again.
    signal.signal(signal.SIGTERM, lambda *_: None)
    place = f"[{host}]" if ":" in host else host

    class Announced(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            # What is loaded now stays: looking through it for garbage would delay answers.
            gc.collect()
            gc.freeze()
            print(f"{_figures()} http://{place}:{listening.getsockname()[1]}/v1/docs", flush=True)

    Announced(config).run(sockets=[listening])
    managers.close()


def _figures() -> str:
    """Says how long the start took, and how much memory it needed."""
    process = psutil.Process()
    seconds = _age(process)
    megabytes = process.memory_info().rss / 1e6
    computing = time.process_time()  # how long it takes where nothing else goes on
    return (
        f"Digit Lab's API was ready after {seconds:.1f} s ({computing:.1f} s of processor time),"
        f" with {megabytes:.0f} MB:"
    )


def _age(process: psutil.Process) -> float:
    """Returns for how many seconds a process has been there.

    The kernel counts from the computer's start, a moment that it tells in whole seconds.
    """
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return time.time() - float(process.create_time())
    begun = float(process.create_time()) - float(psutil.boot_time())
    return time.clock_gettime(time.CLOCK_BOOTTIME) - begun


def log_request(line: bytes) -> None:
    """Writes a request's line on standard output, which may be closed."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
