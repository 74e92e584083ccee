import cv2
import numpy as np
import pytest

from core.datasets import mnist
from core.errors import NothingDrawn, UnreadableImage
from core.imaging.extraction import ink_of, to_grey
from core.imaging.normalize import (
    BOX,
    SIZE,
    crop,
    drop_specks,
    normalise,
    shrink_plainly,
    stroke_width,
    thin,
    to_network_input,
)
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.tasks.base import get_task


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
    examples = get_task("handwritten").source("mnist").examples(2_000)
    predictor = load_classifier(ModelStore().get("handwritten-cnn"))
    again = np.stack([to_network_input(x, background=0) for x in examples.x])
    before, after = (
        (predictor.predict(x).argmax(axis=1) == examples.y).mean() for x in (examples.x, again)
    )
    assert after >= before - 0.01


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [(60, 30, (20, 10)), (40, 200, (4, 20)), (90, 90, (20, 20)), (8, 4, (20, 10))],
)
def test_the_longer_side_is_20_and_the_proportions_stay(height, width, expected):
    image = np.zeros((300, 300), np.uint8)
    image[17 : 17 + height, 40 : 40 + width] = 255
    rows, columns = np.nonzero(to_network_input(image)[..., 0] > 0.5)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == expected


def test_a_picture_full_of_ink_is_read_only_where_the_paper_is_known():
    image = np.full((30, 12), 200, np.uint8)
    with pytest.raises(NothingDrawn):
        to_network_input(image)
    rows, columns = np.nonzero(to_network_input(image, background=0)[..., 0])
    assert np.ptp(rows) + 1 == 20
    assert np.ptp(columns) < 8


def test_a_lopsided_digit_stays_inside():
    image = np.zeros((100, 100), np.uint8)
    image[10:90, 10:14] = image[10:14, 10:90] = 90
    image[10:42, 10:42] = 255  # its weight lies in one corner
    rows, columns = np.nonzero(to_network_input(image)[..., 0] > 0.2)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (BOX, BOX)
    assert (rows.max(), columns.max()) == (SIZE - 1, SIZE - 1)


@pytest.mark.parametrize(
    ("shade", "strong"), [(128, (10, 10)), (25, (20, 20))], ids=["pale", "a trace"]
)
def test_a_pale_stroke_belongs_to_the_digit_but_a_trace_does_not(shade, strong):
    image = np.zeros((120, 120), np.uint8)
    image[20:60, 40:80] = 255
    image[60:100, 40:80] = shade
    rows, columns = np.nonzero(to_network_input(image)[..., 0] > 0.9)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == strong


def test_colours_are_weighed_as_the_eye_sees_them():
    for channel, grey in enumerate((0.299, 0.587, 0.114)):
        image = np.zeros((1, 1, 3), np.uint8)
        image[..., channel] = 255
        assert to_grey(image).item() == pytest.approx(grey)


@pytest.mark.parametrize(
    ("ink", "paper"), [((0, 0, 160), (255, 255, 0)), ((255, 80, 80), (20, 20, 60))]
)
def test_coloured_ink_on_coloured_paper_is_read(ink, paper):
    share = (drawing() / 255)[..., np.newaxis]
    image = np.round(share * paper + (1 - share) * ink).astype(np.uint8)
    assert np.abs(to_network_input(image) - to_network_input(drawing())).mean() < 0.01


@pytest.mark.timeout(60)  # these once took hours
@pytest.mark.parametrize("shape", [(1, 40_000), (40_000, 1), (3, 8_000_000), (4000, 4000)])
def test_a_thin_line_in_a_huge_picture_is_read_without_delay(shape):
    image = np.zeros(shape, np.uint8)
    rows, columns = shape
    cv2.line(image, (columns // 4, rows // 4), (columns * 3 // 4, rows * 3 // 4), 255)
    x = to_network_input(image)
    assert x.shape == (SIZE, SIZE, 1)
    assert x.max() == pytest.approx(1, abs=0.01)


def test_a_thin_line_looks_alike_in_pictures_of_any_size():
    small, large = (to_network_input(drawing(size=s, thickness=2)) for s in (300, 3000))
    assert np.abs(small - large).mean() < 0.02


@pytest.mark.parametrize(
    ("ink", "paper"),
    [((255, 240, 60), (255, 255, 255)), ((200, 60, 40), (60, 130, 60)), ((90, 90, 255), (0, 0, 0))],
    ids=["yellow on white", "red on green of the same grey", "blue on black"],
)
def test_ink_that_differs_in_colour_only_is_found(ink, paper):
    share = (drawing() / 255)[..., np.newaxis]
    image = np.round(share * paper + (1 - share) * ink).astype(np.uint8)
    assert np.abs(to_network_input(image) - to_network_input(drawing())).mean() < 0.01


def test_a_highlight_beside_dark_ink_is_no_ink():
    image = np.where(drawing() < 128, 20, 180).astype(np.uint8)
    image[280:, 280:] = 255
    ink = ink_of(image)
    assert ink[300, 300] == 0
    assert ink.max() == 1


def with_specks(image, places, side=6):
    image = image.copy()
    for row, column in places:
        image[row : row + side, column : column + side] = 0
    return image


def test_specks_do_not_move_or_shrink_the_digit():
    spotted = with_specks(drawing(), [(5, 5), (300, 8), (8, 300), (310, 310)])
    assert np.array_equal(to_network_input(spotted), to_network_input(drawing()))


def test_parts_of_a_digit_are_no_specks():
    image = np.full((200, 200), 255, np.uint8)
    cv2.line(image, (100, 40), (100, 180), 0, 12)
    cv2.line(image, (60, 20), (140, 20), 0, 12)  # the bar of a seven that does not touch
    ink = ink_of(image)
    assert np.array_equal(drop_specks(ink), ink)


def test_dots_alone_are_kept():
    ink = ink_of(with_specks(np.full((99, 99), 255, np.uint8), [(20, 20), (20, 60)]))
    assert np.array_equal(drop_specks(ink), ink)


def an_eight(width, size=100):
    image = np.zeros((size * 2, size * 2), np.uint8)
    for row in (0.75, 1.25):
        centre = (size, round(row * size))
        cv2.circle(image, centre, size // 4, 255, width, cv2.LINE_AA)
    return crop(image.astype(np.float32) / 255)


def holes(ink):
    return cv2.connectedComponents((ink < 0.5).astype(np.uint8), connectivity=4)[0] - 1


def test_a_thick_brush_is_thinned_until_loops_are_open():
    thick = an_eight(34)
    assert stroke_width(thick) > 1.3 * stroke_width(thin(thick))
    pad = np.pad(normalise(thick).fitted, 1)
    assert holes(pad) == 3  # both loops, and what lies around


def test_strokes_of_usual_width_are_left_alone():
    usual = an_eight(14)
    assert np.array_equal(thin(usual), usual)


def test_thinning_never_loses_a_thinner_stroke():
    image = np.zeros((200, 200), np.float32)
    image[20:180, 40:100] = 1
    image[95:98, 100:180] = 1
    assert thin(crop(image)).shape == (160, 140)


def test_the_stages_lead_from_the_drawing_to_the_input():
    stages = normalise(ink_of(drawing(left=0.05, top=0.05, height=0.3)))
    assert stages.ink.shape == (320, 320)
    assert max(stages.digit.shape) < 160
    assert max(stages.fitted.shape) == BOX
    assert np.array_equal(
        stages.network_input, to_network_input(drawing(left=0.05, top=0.05, height=0.3))
    )


def test_shrinking_plainly_keeps_place_and_size():
    corner = shrink_plainly(ink_of(drawing(left=0.02, top=0.02, height=0.3)))[..., 0]
    rows, columns = np.nonzero(corner > 0.1)
    assert rows.max() < 12
    assert columns.max() < 12
    assert corner.shape == (SIZE, SIZE)
