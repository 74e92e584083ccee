import pytest

from core.workers.cluster import workers_for

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("cores", "memory", "workers"),
    [
        (1, 8 * GB, 2),
        (2, 8 * GB, 3),
        (4, 16 * GB, 5),
        (64, 256 * GB, 9),
        (4, 8 * GB, 4),  # the memory is the narrower bound
        (4, 2 * GB, 2),  # one for runs and one for short work there must be
    ],
)
def test_workers_follow_cores_and_memory(cores, memory, workers):
    assert workers_for(cores, memory) == workers
