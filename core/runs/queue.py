"""The order in which waiting runs start: nobody waits for all the runs of somebody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A run that waits for a worker.

    Args:
        run_id: of the run.
        owner: whose it is.
        number: its place in the order of asking.
        urgent: whether it goes on after its worker was lost. Defaults to False.
    """

    run_id: str
    owner: str
    number: int
    urgent: bool = False


def starting_order(
    waiting: Iterable[Waiting], *, busy: Iterable[str], turns: Mapping[str, int]
) -> list[str]:
    """Returns the ids of waiting runs in the order in which they will start.

    First come those whose worker was lost, then those whose owner has the fewest runs before them,
    then those whose owner's turn is longest ago, then those that were asked for first.

    Args:
        waiting: the runs, in any order.
        busy: the owner of each run that has a worker.
        turns: when a run of each owner was last handed over: the larger, the later; none for
            somebody new.
    """
    before = Counter(busy)
    ranked = []
    for run in sorted(waiting, key=lambda run: run.number):
        rank = (not run.urgent, before[run.owner], turns.get(run.owner, 0), run.number)
        ranked.append((rank, run.run_id))
        before[run.owner] += 1
    return [run_id for _, run_id in sorted(ranked)]
