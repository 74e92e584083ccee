"""The local cluster of worker processes, as a program of its own: `python -m core.workers.cluster`.

It runs apart from the server for two reasons: the scheduler then takes no time from the pages,
and no worker is started from a page's script, which Python would have the worker run again. The
first line it prints is its address. It ends when its standard input closes, that is with the
process that started it, however that one ends.

How many workers there are follows the machine, and was found by `python -m benchmarks.workers` on
two cores; the README has its figures:

- One worker is kept for short work, a noise curve say, which must never wait for a run.
- There is one for runs to each core, up to `MAX_RUNS`. A small network keeps little more than one
  core busy, so two of them at once are over in little more than half of the time that they would
  take one after the other; large ones, which keep both busy, gain less, but lose nothing.
- There are no more than half of the memory has room for, at `WORKER_BYTES` each. A worker that has
  had nothing to do is far smaller: TensorFlow is loaded by the first run that it is given.
- Each does one thing at a time: it has one Dask thread. TensorFlow has its usual threads, one to
  each core. With fewer, dense networks train faster and convolutional ones slower, and a person
  who waits for a convolutional one waits longest.
- The server's clicks come first because workers are nice, not because cores are left idle.

DIGIT_LAB_WORKERS sets another number; with 1, short work waits for runs.
"""

from __future__ import annotations

import os
import sys
import tempfile

from core.settings import settings

# Below the pages' priority: a click is answered at once although a network is being trained.
NICENESS = 10
MAX_RUNS = 8  # at a time
WORKER_BYTES = 1_000_000_000  # of one worker while it trains, with something to spare


def workers_for(cores: int, memory: int) -> int:
    """Returns how many workers suit a machine.

    Args:
        cores: that this process may use.
        memory: of the machine, in bytes.
    """
    wanted = 1 + min(cores, MAX_RUNS)
    return max(2, min(wanted, memory // 2 // WORKER_BYTES))


def main() -> None:
    """Starts the cluster, prints its address, and waits for the end of standard input."""
    if hasattr(os, "nice"):
        # First: loading Dask takes a second, too.
        os.nice(max(0, NICENESS - os.nice(0)))

    import dask

    # A killed task fails instead of silently starting over, and training is never "stolen".
    dask.config.set(
        {
            "distributed.scheduler.allowed-failures": 0,
            "distributed.scheduler.work-stealing": False,
            # Dask would have the workers give memory back at every turn and compute on one core.
            "distributed.nanny.pre-spawn-environ": {},
            "distributed.worker.memory.terminate": False,
            "distributed.worker.memory.pause": False,
            "distributed.worker.memory.spill": False,
            # Nobody looks at Dask's own pictures of where a worker's time goes, and taking one a
            # hundred times a second costs a run some of it.
            "distributed.worker.profile.enabled": False,
            "distributed.admin.system-monitor.interval": "10s",
            "distributed.admin.tick.limit": "60s",
            "distributed.logging.distributed": "error",
        }
    )
    from dask.system import CPU_COUNT
    from distributed import LocalCluster
    from distributed.system import MEMORY_LIMIT

    # TensorFlow writes the code that it makes into temporary files, and leaves them there.
    with tempfile.TemporaryDirectory(
        prefix="digit-lab-workers-", ignore_cleanup_errors=True
    ) as own:
        cluster = LocalCluster(
            n_workers=settings().workers or workers_for(CPU_COUNT, MEMORY_LIMIT),
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            host="127.0.0.1",
            silence_logs=50,
            env={"TMPDIR": own},
        )
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
        cluster.close(timeout=2)


if __name__ == "__main__":
    main()
