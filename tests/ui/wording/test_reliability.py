import pytest

from core.metrics.reliability import ReliabilityBin
from ui.wording.reliability import verdict


@pytest.mark.parametrize(
    ("bins", "error", "said"),
    [
        ([(0.9, 5)], 0.4, "higher than its accuracy: it is **overconfident**."),
        ([(0.6, 10)], 0.4, "lower than its accuracy: it is **underconfident**."),
        ([(0.8, 8)], 0, "You can trust its confidence"),
        ([(0.9, 5), (0.6, 10)], 0.4, "too high in some ranges, too low in others"),
    ],
)
def test_it_is_said_whether_confidence_can_be_trusted(bins, error, said):
    found = [ReliabilityBin(0, 1, confidence, correct, 10) for confidence, correct in bins]
    assert said in verdict(found, error)
