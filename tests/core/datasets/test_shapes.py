import numpy as np
import pytest

from core.datasets.shapes import NAMES, corners, draw
from core.noise.shapes import FLIPPED_PIXELS, GAP


@pytest.mark.parametrize("name", NAMES)
def test_every_shape_is_a_thin_line_within_the_picture(name):
    assert np.hypot(*corners(name).T).max() == pytest.approx(1)
    pictures = np.stack([draw(name, np.random.default_rng(seed)) for seed in range(50)])
    lit = (pictures == 255).mean(axis=(1, 2))
    assert set(np.unique(pictures)) == {0, 255}
    assert lit.min() > 0.03
    assert lit.max() < 0.35


def test_a_gap_takes_a_connected_piece_and_leaves_the_rest():
    x = np.stack([draw("circle", np.random.default_rng(seed)) for seed in range(200)])
    x = (x[..., np.newaxis] / 255).astype(np.float32)
    gap = GAP.apply(x, level=0.25, random_state=0)
    assert (gap <= x).all()
    assert gap.sum() / x.sum() == pytest.approx(0.75, abs=0.03)
    assert GAP.level_text(0.25) == "0.25 (90°)"
    flipped = FLIPPED_PIXELS.apply(x, level=0.1, random_state=0)
    assert (flipped != x).mean() == pytest.approx(0.1, abs=0.01)
