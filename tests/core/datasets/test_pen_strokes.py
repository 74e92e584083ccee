import cv2
import numpy as np
import pytest

from core.datasets import pen_strokes
from core.datasets.pen_strokes import CANVAS, Pen, PenDigit, by_chance, draw, draw_pair
from core.errors import DataUnavailable
from tests.support.strokes import BAR, HEAD, ring, unipen

UPRIGHT = PenDigit(1, 1, (np.array([[0, -0.5], [0, 0.5]]),))
FOUR = [[(230, 300), (230, 250), (280, 250)], [(260, 280), (260, 200)]]


@pytest.fixture
def path(monkeypatch, tmp_path):
    path = tmp_path / "strokes.tra"
    monkeypatch.setenv(pen_strokes.VARIABLE, str(path))
    return path


def box(picture):
    """Returns left, top, right and bottom of the ink."""
    rows, columns = np.nonzero(picture < 128)
    return [int(edge) for edge in (columns.min(), rows.min(), columns.max(), rows.max())]


def test_labels_writers_and_strokes_are_read_in_the_files_order(path):
    path.write_text(unipen((4, 12, FOUR), (1, 3, [BAR]), (0, 12, [ring()])))
    digits = pen_strokes.read()
    assert [(digit.label, digit.writer) for digit in digits] == [(4, 12), (1, 3), (0, 12)]
    assert [len(digit.strokes) for digit in digits] == [2, 1, 1]
    assert [digit.label for digit in pen_strokes.read([12])] == [4, 0]
    assert pen_strokes.missing() is None


def test_a_digit_is_turned_upright_and_its_longer_side_is_one(path):
    path.write_text(unipen((4, 12, FOUR)))
    (four,) = pen_strokes.read()
    corner, bar = four.strokes
    # 50 wide and 100 high: the file's highest point comes to lie at the top, at -0.5.
    np.testing.assert_allclose(corner, [[-0.25, -0.5], [-0.25, 0], [0.25, 0]])
    np.testing.assert_allclose(bar, [[0.05, -0.3], [0.05, 0.5]])


def test_a_dot_is_a_digit_too_and_one_without_ink_is_none(path):
    path.write_text(unipen((1, 2, [[(7, 7)]]), (8, 2, []), (8, 2, [[]])))
    (dot,) = pen_strokes.read()
    left, top, right, bottom = box(draw(dot, Pen(width=20)))
    assert right - left == pytest.approx(20, abs=2)
    assert bottom - top == pytest.approx(20, abs=2)


def test_a_changed_file_is_read_anew(path):
    path.write_text(unipen((1, 2, [BAR])))
    assert [digit.label for digit in pen_strokes.read()] == [1]
    path.unlink()
    assert "no such file" in str(pen_strokes.missing())
    with pytest.raises(DataUnavailable):
        pen_strokes.read()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no digit"),
        (b"1,2,3\n4,5,6\n", "holds no digit"),
        (HEAD.encode(), "holds no digit"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe\x00", "not a readable file"),
        (unipen((1, 2, [BAR])).replace("300", "", 1).encode(), "not a readable file"),
        (unipen((1, 2, [BAR])).replace("300", "high").encode(), "not a readable file"),
    ],
    ids=["empty", "numbers", "no digit", "binary", "half a point", "words"],
)
def test_another_file_is_refused_in_a_sentence(path, content, said):
    path.write_bytes(content)
    with pytest.raises(DataUnavailable, match=said):
        pen_strokes.read()


def test_a_file_by_other_writers_is_refused_in_a_sentence(path):
    path.write_text(unipen((1, 40, [BAR])))
    with pytest.raises(DataUnavailable, match="nothing by the writers"):
        pen_strokes.read([1, 2])


def test_without_a_file_it_says_where_there_is_one(monkeypatch, tmp_path):
    monkeypatch.delenv(pen_strokes.VARIABLE, raising=False)
    assert pen_strokes.ADDRESS in str(pen_strokes.missing())
    monkeypatch.setenv(pen_strokes.VARIABLE, str(tmp_path))
    assert "no such file" in str(pen_strokes.missing())
    with pytest.raises(DataUnavailable, match="no such file"):
        pen_strokes.read()


def test_a_digit_is_drawn_in_its_size_and_in_the_middle():
    picture = draw(UPRIGHT, Pen(width=20, height=200))
    assert (picture.shape, picture.dtype) == ((CANVAS, CANVAS), np.uint8)
    assert (picture.min(), picture.max()) == (0, 255)
    # The brush is round, so that it reaches beyond both ends of the path by half its width.
    assert box(picture) == pytest.approx([150, 50, 170, 270], abs=1)


@pytest.mark.parametrize("width", [3, 12, 40])
def test_the_brush_is_as_wide_as_asked(width):
    row = draw(UPRIGHT, Pen(width=width))[CANVAS // 2]
    # OpenCV's soft edges add one to two pixels and a half.
    assert width <= (255 - row.astype(float)).sum() / 255 <= width + 2.5


def test_a_digit_is_drawn_where_and_as_small_as_asked():
    picture = draw(UPRIGHT, Pen(width=10, height=80, centre=(0.25, 0.75), canvas=(400, 200)))
    assert picture.shape == (200, 400)
    assert box(picture) == pytest.approx([95, 105, 105, 195], abs=1)


@pytest.mark.parametrize(
    "pen",
    [Pen(rotation=20, width=6), Pen(slant=0.3, width=6)],
    ids=["turned clockwise", "slanted"],
)
def test_a_tilted_digit_leans_to_the_right(pen):
    picture = draw(UPRIGHT, pen)
    _, top, _, bottom = box(picture)
    assert np.nonzero(picture[top + 5] < 128)[0].mean() > 180
    assert np.nonzero(picture[bottom - 5] < 128)[0].mean() < 140


def test_a_quarter_turn_lays_a_digit_down():
    left, top, right, bottom = box(draw(UPRIGHT, Pen(rotation=90)))
    assert [left, top, right, bottom] == pytest.approx([50, 150, 270, 170], abs=1)


def test_stretching_widens_and_leaves_the_height():
    square = PenDigit(0, 1, (np.array([[-0.5, -0.5], [0.5, 0.5]]),))
    left, top, right, bottom = box(draw(square, Pen(width=2, height=100, stretch=1.5)))
    assert right - left == pytest.approx(150, abs=3)
    assert bottom - top == pytest.approx(100, abs=3)


def test_a_digit_is_drawn_over_what_is_there():
    first = draw(UPRIGHT, Pen(centre=(0.2, 0.5)))
    both = draw(UPRIGHT, Pen(centre=(0.8, 0.5)), onto=first)
    assert both is first
    assert box(both) == pytest.approx([54, 50, 266, 270], abs=1)


def test_pens_by_chance_are_of_every_kind_and_stay_on_the_canvas():
    pens = [by_chance(np.random.default_rng(seed)) for seed in range(300)]
    for pen in pens:
        across, down = (share * CANVAS for share in pen.centre)
        reach = (pen.height + pen.width) / 2
        assert reach <= min(across, down)
        assert max(across, down) <= CANVAS - reach
        assert 3 <= pen.width <= pen.height / 4 + 1e-9
    heights = [pen.height for pen in pens]
    assert min(heights) < 80
    assert max(heights) > 250
    assert by_chance(np.random.default_rng(7)) == pens[7]
    for pen in pens[:60]:
        left, top, right, bottom = box(draw(UPRIGHT, pen))
        assert min(left, top) > 0
        assert max(right, bottom) < CANVAS - 1


def test_a_pair_is_two_digits_side_by_side(path):
    path.write_text(unipen((1, 2, [BAR]), (0, 2, [ring()])))
    bar, circle = pen_strokes.read()
    apart = 0
    for seed in range(20):
        picture = draw_pair(bar, circle, np.random.default_rng(seed))
        assert (picture.shape, picture.dtype) == ((CANVAS, CANVAS), np.uint8)
        left, top, right, bottom = box(picture)
        assert min(left, top) > 0
        assert max(right, bottom) < CANVAS - 1
        count, _, parts, _ = cv2.connectedComponentsWithStats((picture < 128).astype(np.uint8))
        if count < 3:  # the paper is one part as well; slanted digits may touch
            continue
        apart += 1
        first, second = sorted(parts[1:], key=lambda part: part[cv2.CC_STAT_LEFT])
        assert first[cv2.CC_STAT_WIDTH] < second[cv2.CC_STAT_WIDTH]
    assert apart >= 15
