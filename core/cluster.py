"""The local cluster of worker processes, as a program of its own: `python -m core.cluster`.

It runs apart from the server for two reasons: the scheduler then takes no time from the pages,
and no worker is started from a page's script, which Python would have the worker run again. The
first line it prints is its address. It ends when its standard input closes, that is with the
process that started it, however that one ends.

How many workers and threads there are follows the machine, as `python -m benchmarks.workers`
measures it:

- One worker is kept for short work, which must never wait for a run: a noise curve, say.
- One is for runs, and one more for every two cores beyond two. More runs at a time would not be
  over sooner, for they share the cores, but each would take longer and its memory besides.
- None more than half of the memory has room for, as each may grow to `WORKER_BYTES`.
- Each worker has one Dask thread, so that it does one thing at a time. TensorFlow has as many
  threads as there are cores in it: a run that is alone then takes the whole machine. Workers give
  way to the server by their niceness, not by leaving cores idle.

DIGIT_LAB_WORKERS sets another number; with 1, short work waits for runs.
"""

from __future__ import annotations

import os
import sys

from core.limits import Limits

# Below the pages' priority: a click is answered at once although a network is being trained.
NICENESS = 10
WORKER_BYTES = 1_000_000_000  # of one worker while it trains


def workers_for(cores: int, memory: int) -> int:
    """Returns how many workers suit a machine.

    Args:
        cores: that this process may use.
        memory: of the machine, in bytes.
    """
    wanted = 1 + max(1, cores // 2)
    return max(2, min(wanted, memory // 2 // WORKER_BYTES))


def main() -> None:
    """Starts the cluster, prints its address, and waits for the end of standard input."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)  # first: loading Dask takes a second, too

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

    cluster = LocalCluster(
        n_workers=Limits.from_environment().workers or workers_for(CPU_COUNT, MEMORY_LIMIT),
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        host="127.0.0.1",
        silence_logs=50,
    )
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
    cluster.close(timeout=2)


if __name__ == "__main__":
    main()
