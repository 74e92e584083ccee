"""The local cluster of worker processes, as a program of its own: `python -m core.cluster`.

It runs apart from the server for two reasons: the scheduler then takes no time from the pages,
and no worker is started from a page's script, which Python would have the worker run again. The
first line it prints is its address. It ends when its standard input closes, that is with the
process that started it, however that one ends.
"""

from __future__ import annotations

import os
import sys

from core.limits import Limits

# Below the pages' priority: a click is answered at once although a network is being trained.
NICENESS = 10


def main() -> None:
    """Starts the cluster, prints its address, and waits for the end of standard input."""
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
            "distributed.admin.tick.limit": "60s",
            "distributed.logging.distributed": "error",
        }
    )
    from distributed import LocalCluster

    if hasattr(os, "nice"):
        os.nice(NICENESS)
    cluster = LocalCluster(
        n_workers=Limits.from_environment().workers,
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
