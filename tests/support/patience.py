"""How long tests wait. The bound ends a test that hangs; it says nothing about speed."""

import time
from collections.abc import Callable, Iterable

import psutil

PATIENCE = 120.0  # seconds, for whatever must happen: also on a machine with other work to do


def wait_until(condition: Callable[[], object], what: str = "it did not happen") -> None:
    """Waits for something that another thread or process does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def wait_until_gone(processes: Iterable[psutil.Process]) -> None:
    """Waits for the end of processes, and kills those that outlast the patience.

    Raises:
        AssertionError: if some had to be killed.
    """
    _, alive = psutil.wait_procs(list(processes), timeout=PATIENCE)
    for process in alive:
        process.kill()
    assert not alive, f"still there after {PATIENCE:.0f} s: {alive}"
