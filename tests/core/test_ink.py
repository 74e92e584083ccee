import cv2
import numpy as np
import pytest

from core import mnist
from core.errors import NothingDrawn, UnreadableImage
from core.ink import BOX, SIZE, to_network_input
from core.store import ModelStore
from core.task import task


def drawing(size=320, left=0.3, top=0.2, height=0.6, thickness=20):
    """A seven, black on white: uint8, shape (size, size)."""
    image = np.full((size, size), 255, np.uint8)
    points = np.array([(0, 0), (0.6, 0), (0.25, 1)]) * height + (left, top)
    cv2.polylines(image, [(points * size).astype(np.int32)], False, 0, thickness, cv2.LINE_AA)
    return image


def rgba(grey, alpha=255):
    return np.dstack([grey, grey, grey, np.broadcast_to(np.uint8(alpha), grey.shape)])


def ink_on_nothing(shade):
    """The seven in one shade on a transparent ground."""
    return np.dstack([np.full((320, 320), shade, np.uint8)] * 3 + [255 - drawing()])


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((320, 320), np.uint8),
        np.full((320, 320, 4), 255, np.uint8),
        np.full((5, 7, 3), 0.5, np.float32),
        np.zeros((1, 1), bool),
        np.zeros((320, 320, 4), np.uint8),
        np.full((40, 40), 30_000, np.uint16),
        np.random.default_rng(0).integers(250, 256, (99, 99), dtype=np.uint8),
    ],
)
def test_a_picture_without_ink_is_nothing_drawn(image):
    with pytest.raises(NothingDrawn):
        to_network_input(image)


@pytest.mark.parametrize(
    "image",
    [
        255 - drawing(),
        rgba(drawing()),
        drawing() > 127,
        drawing().astype(np.uint16) * 257,
        drawing().astype(np.float32) / 255,
        drawing()[..., np.newaxis],
        drawing() // 2 + 100,
        ink_on_nothing(0),
        ink_on_nothing(255),
    ],
    ids=[
        "light on dark",
        "RGBA",
        "bool",
        "16 bit",
        "float",
        "one channel",
        "grey",
        "black",
        "white",
    ],
)
def test_the_same_drawing_in_other_forms_gives_the_same_input(image):
    expected = to_network_input(drawing())
    assert np.abs(to_network_input(image) - expected).mean() < 0.01


@pytest.mark.parametrize(
    "image",
    [
        drawing(),
        drawing(left=0.02, top=0.02, height=0.25, thickness=8),
        drawing(left=0.4, top=0.05, height=0.9, thickness=30),
        drawing(size=1500, thickness=90),
        drawing(size=60, thickness=4),
        np.pad(drawing(), ((0, 0), (400, 100)), constant_values=255),
    ],
    ids=["plain", "small in a corner", "huge", "large canvas", "tiny canvas", "wide canvas"],
)
def test_size_and_place_make_no_difference(image):
    x = to_network_input(image)
    assert x.shape == (SIZE, SIZE, 1)
    assert x.dtype == np.float32
    assert x.min() == 0
    assert x.max() == pytest.approx(1, abs=0.01)
    rows, columns = np.nonzero(x[..., 0] > 0.05)
    assert BOX - 1 <= rows.max() - rows.min() + 1 <= BOX
    assert np.ptp(columns) < np.ptp(rows)  # the aspect ratio is kept
    weights = x[..., 0] / x.sum()
    middle = (SIZE - 1) / 2
    assert (weights.sum(axis=1) @ np.arange(SIZE)) == pytest.approx(middle, abs=0.51)
    assert (weights.sum(axis=0) @ np.arange(SIZE)) == pytest.approx(middle, abs=0.51)


def test_a_thin_line_is_widened_to_what_the_networks_know():
    thin, usual = (to_network_input(drawing(thickness=t)).sum() for t in (3, 24))
    assert thin > 0.6 * usual


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 3)])
def test_ink_of_any_shape_fits(shape):
    image = np.zeros((60, 60), np.uint8)
    image[5 : 5 + shape[0], 5 : 5 + shape[1]] = 255
    x = to_network_input(image)
    assert x.shape == (SIZE, SIZE, 1)
    assert x.max() > 0.5


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((0, 5), np.uint8),
        np.zeros((2, 2, 5), np.uint8),
        np.zeros(9, np.uint8),
        np.zeros((9, 9), np.int64),
        np.full((9, 9), np.nan),
        np.full((9, 9), 255.0),
        np.full((9, 9), -0.5),
        np.broadcast_to(np.uint8(0), (10_000, 10_000)),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(image):
    with pytest.raises(UnreadableImage):
        to_network_input(image)


@pytest.mark.skipif(mnist.missing() is not None, reason="MNIST is not on this machine")
def test_mnist_comes_through_almost_as_it_was():
    examples = task("handwritten").source("mnist").examples(1000)
    predictor = ModelStore().get("handwritten-cnn").predictor()
    again = np.stack([to_network_input(x, background=0) for x in examples.x])
    before, after = (
        (predictor.predict(x).argmax(axis=1) == examples.y).mean() for x in (examples.x, again)
    )
    assert after >= before - 0.005
