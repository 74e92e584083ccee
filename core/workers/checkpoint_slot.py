"""A job's newest checkpoint, held by the scheduler: it outlives the worker.

The worker saves into the slot; the server, told that it did, fetches the checkpoint from there.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed import Client

PATIENCE_SECONDS = 10.0


def checkpoint_name(job_id: str) -> str:
    """Returns the name of the variable with a job's checkpoint, and of the topic about it."""
    return f"checkpoint-{job_id}"


class CheckpointSlot:
    """One job's slot. It holds one checkpoint, numbered from 1.

    Args:
        client: of the cluster.
        job_id: of the job.
    """

    def __init__(self, client: Client, job_id: str) -> None:
        self._client = client
        self._name = checkpoint_name(job_id)

    def save(self, number: int, data: bytes) -> None:
        """Puts a checkpoint in, in place of the one before."""
        from distributed import Variable

        Variable(self._name, client=self._client).set((number, data))

    def latest(self) -> tuple[int, bytes] | None:
        """Returns the newest checkpoint with its number; None if the cluster is gone."""
        from distributed import Variable

        try:
            variable = Variable(self._name, client=self._client)
            number, data = variable.get(timeout=PATIENCE_SECONDS)
        except Exception:  # whatever Dask raises then; what was read before is in the database
            return None
        return int(number), bytes(data)

    def discard(self) -> None:
        """Frees the memory."""
        from distributed import Variable

        with contextlib.suppress(Exception):
            Variable(self._name, client=self._client).delete()
