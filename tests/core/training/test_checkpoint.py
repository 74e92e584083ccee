import numpy as np
import pytest

from core.errors import InvalidInput
from core.training.checkpoint import Checkpoint, Position, position_of

STATE = Checkpoint(
    Position(3, 7, 1.25, 99, 12.5, 0.01, (0.5, float("nan"), 0.25)),
    model=(np.arange(6, dtype=np.float32).reshape(2, 3), np.array([1, 2], np.int64)),
    optimizer=(np.float32(0.5) * np.ones(3, np.float32),),
    last=(np.zeros(2, np.float32),),
)


def test_a_checkpoint_survives_as_bytes():
    read = Checkpoint.from_bytes(STATE.to_bytes())
    assert repr(read.position) == repr(STATE.position)  # a NaN equals nothing
    assert repr(position_of(STATE.to_bytes())) == repr(STATE.position)
    for name in ("model", "optimizer", "last", "best"):
        before, after = getattr(STATE, name), getattr(read, name)
        assert len(before) == len(after)
        for left, right in zip(before, after, strict=True):
            assert left.dtype == right.dtype
            assert np.array_equal(left, right)


@pytest.mark.parametrize("data", [b"", b"something else", STATE.to_bytes()[:400]])
def test_anything_else_is_refused(data):
    with pytest.raises(InvalidInput, match="cannot be read"):
        Checkpoint.from_bytes(data)
    with pytest.raises(InvalidInput, match="cannot be read"):
        position_of(data)
