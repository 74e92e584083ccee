"""Each corruption does what its words say; what is expected is counted by hand."""

import re

import numpy as np
import pytest

from core.errors import InvalidInput
from core.noise import blur, overlays
from core.noise.base import GAUSSIAN, SALT_AND_PEPPER
from core.noise.corruptions import CORRUPTIONS, FIVE_LEVELS
from core.tasks.base import get_task

BY_NAME = {corruption.name: corruption for corruption in CORRUPTIONS}
ASKED_FOR = [
    *("shot", "impulse", "glass-blur", "motion-blur", "shear", "scale", "rotate", "brightness"),
    *("translate", "stripe", "fog", "spatter", "dotted-line", "zigzag", "edges"),
]
THE_SAME_EVERY_TIME = {"scale", "brightness", "edges"}

every_one = pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda each: each.name)


def digits(count=12, side=28):
    """Pictures that look like digits to a corruption: thick soft strokes on black."""
    x = np.zeros((count, side, side, 1), np.float32)
    x[:, side // 5 : -side // 5, side // 2 - 2 : side // 2 + 2] = 1
    x[:, side // 5 : side // 5 + 3, side // 3 : side // 2] = 0.7
    x[:, side // 2, side // 3 : -side // 3] = 0.4
    return x


def blank(count, side=28, value=0.0):
    return np.full((count, side, side, 1), value, np.float32)


def dot(row, column, count=1, side=28):
    x = blank(count, side)
    x[:, row, column] = 1
    return x


def corrupt(name, x, level, seed=0):
    return BY_NAME[name].apply(x, level=level, random_state=seed)


def box(picture, least=0.5):
    """Rows and columns of the ink, each as the first and the last."""
    rows, columns = np.nonzero(picture.squeeze() >= least)
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_the_whole_public_list_is_there_beside_the_plain_noises():
    assert [corruption.name for corruption in CORRUPTIONS] == ASKED_FOR
    for name in ("handwritten", "course-lab"):
        assert get_task(name).noises == (GAUSSIAN, SALT_AND_PEPPER, *CORRUPTIONS)
    assert len({corruption.title for corruption in CORRUPTIONS}) == 15


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("shot", ["0", "0.1 (12 photons)", "0.5 (0.48 photons)"]),
        ("impulse", ["0", "0.1", "0.5"]),
        ("glass-blur", ["0", "0.1 (1.8 %)", "0.5 (9 %)"]),
        ("motion-blur", ["0", "0.1 (6 %)", "0.5 (30 %)"]),
        ("shear", ["0", "0.1 (11°)", "0.5 (45°)"]),
        ("scale", ["0", "0.1 (12 %)", "0.5 (60 %)"]),
        ("rotate", ["0", "0.1 (12°)", "0.5 (60°)"]),
        ("brightness", ["0", "0.1 (+0.15)", "0.5 (+0.75)"]),
        ("translate", ["0", "0.1 (6 %)", "0.5 (30 %)"]),
        ("stripe", ["0", "0.1", "0.5"]),
        ("fog", ["0", "0.1 (18 %)", "0.5 (90 %)"]),
        ("spatter", ["0", "0.1 (4 %)", "0.5 (20 %)"]),
        ("dotted-line", ["0", "0.1 (1 line)", "0.5 (5 lines)"]),
        ("zigzag", ["0", "0.1 (8 %)", "0.5 (40 %)"]),
        ("edges", ["0", "0.1 (20 %)", "0.5 (100 %)"]),
    ],
)
def test_a_level_is_said_with_what_it_comes_to(name, texts):
    noise = get_task("handwritten").noise(name)
    assert [noise.level_text(level) for level in (0, 0.1, 0.5)] == texts


def said(name, level):
    """The number in the words for a level."""
    return float(re.search(r"[0-9.]+", BY_NAME[name].amount(level))[0])


@pytest.mark.parametrize("level", FIVE_LEVELS[1:])
def test_what_a_level_is_said_to_come_to_is_what_it_does(level):
    down, across = np.mgrid[-14:15, -14:15]
    turned = corrupt("rotate", dot(14, 24, 4, side=29), level).squeeze()[0]
    angle = np.arctan2(np.average(down, weights=turned), np.average(across, weights=turned))
    assert abs(np.degrees(angle)) == pytest.approx(said("rotate", level), abs=1)
    white = blank(200, value=1)
    dark = (corrupt("shot", white, level) == 0).mean()  # no photon came
    assert dark == pytest.approx(np.exp(-said("shot", level)), abs=0.02)
    leaning = corrupt("shear", dot(4, 14, 1, side=29), level).squeeze()
    aside = np.average(across, weights=leaning) / 10  # ten rows above the middle
    assert abs(np.degrees(np.arctan(aside))) == pytest.approx(said("shear", level), abs=1)
    moved = corrupt("translate", dot(14, 14, 200), level).squeeze()
    _, rows, columns = np.nonzero(moved)
    distance = np.hypot(rows - 14, columns - 14).mean() / 28
    assert 100 * distance == pytest.approx(said("translate", level), abs=1)
    square = blank(1, side=101)
    square[:, 10:91, 10:91] = 1
    first, last, _, _ = box(corrupt("scale", square, level))
    assert 100 * (1 - (last - first + 1) / 81) == pytest.approx(said("scale", level), abs=2)
    assert corrupt("brightness", blank(1), level).max() == pytest.approx(said("brightness", level))
    fog = corrupt("fog", blank(3), level)
    assert 100 * fog.max() == pytest.approx(said("fog", level), abs=0.5)
    covered = corrupt("spatter", blank(3), level).mean()
    assert 100 * covered == pytest.approx(said("spatter", level), abs=0.1)


@every_one
def test_each_is_said_in_a_sentence_and_a_measure(corruption):
    assert corruption.levels == FIVE_LEVELS == (0, 0.1, 0.2, 0.3, 0.4, 0.5)
    assert corruption.description[0].isupper()
    assert corruption.description.endswith(".")
    assert corruption.level_label
    with pytest.raises(InvalidInput, match="noise level"):
        corruption.apply(digits(), level=0.51, random_state=0)


@every_one
@pytest.mark.parametrize("level", [1e-9, 0.025, 0.15, 0.3, 0.5])
@pytest.mark.parametrize(("count", "side"), [(0, 28), (1, 28), (12, 28), (1, 20), (12, 20)])
def test_pictures_stay_pictures(corruption, count, side, level):
    x = digits(count, side)
    before = x.copy()
    noisy = corruption.apply(x, level=level, random_state=1)
    assert np.array_equal(x, before)
    assert not np.shares_memory(noisy, x)
    assert noisy.shape == x.shape
    assert noisy.dtype == np.float32
    assert ((noisy >= 0) & (noisy <= 1)).all()


@every_one
def test_any_grey_stays_within_0_and_1(corruption):
    x = np.random.default_rng(0).random((30, 28, 28, 1), dtype=np.float32)
    for level in FIVE_LEVELS:
        noisy = corruption.apply(x, level=level, random_state=1)
        assert ((noisy >= 0) & (noisy <= 1)).all()


@every_one
def test_chance_comes_from_the_seed_alone(corruption):
    x = digits()
    first, same, other = (corruption.apply(x, level=0.3, random_state=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert np.array_equal(first, other) == (corruption.name in THE_SAME_EVERY_TIME)


@every_one
def test_each_picture_has_a_chance_of_its_own(corruption):
    different = {
        picture.tobytes() for picture in corruption.apply(digits(), level=0.3, random_state=1)
    }
    if corruption.name in THE_SAME_EVERY_TIME:
        assert len(different) == 1
    elif corruption.name in ("shear", "rotate"):
        assert len(different) == 2  # one to the left, one to the right
    else:
        assert len(different) >= 8


@every_one
@pytest.mark.parametrize("side", [20, 28])
def test_more_is_changed_at_every_level(corruption, side):
    x = digits(200, side)
    changes = [
        np.abs(corruption.apply(x, level=level, random_state=1) - x).mean() for level in FIVE_LEVELS
    ]
    assert changes[0] == 0
    assert (np.diff(changes) > 0).all(), changes


def test_shot_noise_has_the_spread_of_counted_photons_and_leaves_black_alone():
    x = blank(200, value=0.25)
    x[:, :14] = 0
    noisy = corrupt("shot", x, 0.1)
    assert (noisy[:, :14] == 0).all()
    # 0.12 / 0.1² = 12 photons at white, 3 here: seldom more than white.
    assert np.allclose(noisy * 12, np.rint(noisy * 12), atol=1e-4)
    assert noisy[:, 14:].mean() == pytest.approx(0.25, abs=0.002)
    assert noisy[:, 14:].std() == pytest.approx(np.sqrt(3) / 12, rel=0.02)
    # At 0.5 a white pixel sends 0.48 photons: it stays black where none came.
    assert (corrupt("shot", blank(200, value=1), 0.5) == 0).mean() == pytest.approx(
        np.exp(-0.48), abs=0.005
    )


def test_impulses_hit_as_often_as_the_level_says_with_any_brightness():
    x = blank(200, value=1)
    noisy = corrupt("impulse", x, 0.3)
    hit = noisy != x
    assert hit.mean() == pytest.approx(0.3, abs=0.005)
    assert noisy[hit].mean() == pytest.approx(0.5, abs=0.005)
    assert noisy[hit].std() == pytest.approx(np.sqrt(1 / 12), abs=0.005)


def test_glass_moves_pixels_no_farther_than_is_said():
    noisy = corrupt("glass-blur", dot(14, 14, 500), 0.5)
    reach = 0.18 * 0.5 * 28  # 2.52 pixels
    blurred = 3  # pixels to which the blur reaches beyond
    rows, columns = np.nonzero(noisy.max(axis=0).squeeze() > 0)
    farthest = max(np.abs(rows - 14).max(), np.abs(columns - 14).max())
    assert np.floor(reach) < farthest <= np.floor(reach + 1 + blurred)
    mean = noisy.mean(axis=0).squeeze()
    assert mean[12:17, 12:17].std() < 0.01  # anywhere near it is equally likely ...
    assert mean[14, 14] == pytest.approx(1 / (2 * reach) ** 2, rel=0.15)  # ... and light is kept


def test_glass_blurs_by_the_standard_deviation_that_is_said():
    x = np.random.default_rng(0).random((100, 28, 28, 1), dtype=np.float32)
    inside = corrupt("glass-blur", x, 0.5).squeeze()[:, 4:-4, 4:-4]
    alike = np.corrcoef(inside[:, :, 1:].ravel(), inside[:, :, :-1].ravel())[0, 1]
    # What a blur makes of noise: neighbours are alike by exp(-1 / (2 sigma)²), sigma 0.7 pixels;
    # here a little more, as two of them may show the same place.
    assert alike == pytest.approx(np.exp(-1 / 1.4**2) + 0.05, abs=0.05)


def test_motion_smears_a_dot_into_a_straight_way_of_the_length_that_is_said():
    noisy = corrupt("motion-blur", dot(14, 14, 100), 0.5).squeeze()
    length = 0.6 * 0.5 * 28  # 8.4 pixels
    down, across = np.mgrid[-14:14, -14:14]
    assert np.allclose(noisy.sum(axis=(1, 2)), 1, atol=1e-4)  # no light is lost
    directions = []
    for picture in noisy:
        spread = np.cov(np.stack([across.ravel(), down.ravel()]), aweights=picture.ravel(), ddof=0)
        variances, axes = np.linalg.eigh(spread)
        # Light spread evenly over a length has a twelfth of its square as variance.
        assert variances[1] == pytest.approx(length**2 / 12, rel=0.12)
        assert variances[0] < 0.3  # of a pixel: it is a line
        directions.append(np.arctan2(axes[1, 1], axes[0, 1]) % np.pi)
    counts, _ = np.histogram(directions, 4, (0, np.pi))
    assert counts.min() > 10  # all directions come


def test_a_way_without_a_slope_is_counted_out():
    kernel = blur.motion_kernel(2, 0)
    middle = len(kernel) // 2
    assert kernel.sum() == pytest.approx(1)
    assert kernel[middle].sum() == pytest.approx(1)
    # From -1 to 1: each place counts for its two neighbours, so a half goes to the middle.
    assert kernel[middle, middle - 1 : middle + 2] == pytest.approx([0.25, 0.5, 0.25], abs=0.001)


def test_shear_leans_the_top_by_45_degrees_at_a_half():
    x = blank(40, side=29)
    x[:, 4:25, 14] = 1  # a bar of 21 rows about the centre
    noisy = corrupt("shear", x, 0.5).squeeze()
    leans = [
        (np.nonzero(picture[4] > 0.9)[0][0], np.nonzero(picture[24] > 0.9)[0][0])
        for picture in noisy
    ]
    assert set(leans) == {(4, 24), (24, 4)}


@pytest.mark.parametrize(("level", "first", "last"), [(0.25, 7, 20), (0.5, 10, 17)])
def test_scale_shrinks_the_digit_about_the_centre(level, first, last):
    x = blank(1)
    x[:, 4:24, 4:24] = 1  # 20 pixels wide: 14 at 0.25, where 30 % are taken off; 8 at 0.5
    assert box(corrupt("scale", x, level)) == (first, last, first, last)


def test_rotation_turns_by_the_angle_to_both_sides():
    noisy = corrupt("rotate", dot(14, 24, 60, side=29), 0.5).squeeze()
    down, across = np.mgrid[-14:15, -14:15]
    sides = []
    for picture in noisy:
        place = np.average(across, weights=picture), np.average(down, weights=picture)
        assert np.hypot(*place) == pytest.approx(10, abs=0.1)
        sides.append(np.degrees(np.arctan2(place[1], place[0])))
    assert np.abs(sides) == pytest.approx(60, abs=0.5)
    assert 15 < (np.array(sides) > 0).sum() < 45


def test_brightness_adds_light_and_leaves_the_digit_to_be_seen():
    x = np.array([0, 0.3, 0.9, 1], np.float32).reshape(1, 2, 2, 1)
    assert corrupt("brightness", x, 0.2).ravel() == pytest.approx([0.3, 0.6, 1, 1])
    assert corrupt("brightness", x, 0.5).ravel() == pytest.approx([0.75, 1, 1, 1])


@pytest.mark.parametrize(("side", "distance"), [(28, 8.4), (20, 6.0)])
def test_translation_moves_by_whole_pixels_and_the_distance_that_is_said(side, distance):
    middle = side // 2
    noisy = corrupt("translate", dot(middle, middle, 300, side), 0.5).squeeze()
    assert set(np.unique(noisy)) == {0, 1}
    _, rows, columns = np.nonzero(noisy)
    assert len(rows) == 300
    distances = np.hypot(rows - middle, columns - middle)
    assert np.abs(distances - distance).max() <= np.sqrt(0.5)  # half a pixel each way
    for ways in (rows - middle, columns - middle):
        assert (ways.min(), ways.max()) == (-round(distance), round(distance))


@pytest.mark.parametrize(
    ("level", "side", "thickness"), [(0.1, 28, 3), (0.5, 28, 14), (0.3, 20, 6)]
)
def test_a_stripe_lights_whole_rows_and_darkens_the_ink_there(level, side, thickness):
    x = blank(300, side)
    x[:, :, 5] = 0.75
    noisy = corrupt("stripe", x, level).squeeze()
    lit = noisy[:, :, 0] == 1
    assert (lit.sum(axis=1) == thickness).all()
    assert (np.abs(np.diff(lit.astype(int), axis=1)).sum(axis=1) <= 2).all()  # in one piece
    assert set(lit.argmax(axis=1)) == set(range(side - thickness + 1))  # at any height
    assert (noisy[:, :, 5] == np.where(lit, 0.25, 0.75)).all()
    others = [column for column in range(side) if column != 5]
    assert (noisy[:, :, others] == lit[..., np.newaxis]).all()


def test_fog_is_white_smooth_and_as_dense_as_is_said():
    densities = corrupt("fog", blank(50), 0.5).squeeze()
    assert densities.max(axis=(1, 2)) == pytest.approx(0.9)
    assert densities.min(axis=(1, 2)) == pytest.approx(0.9 * 0.4)
    assert np.abs(np.diff(densities, axis=1)).max() < 0.25  # no hard edge
    half = corrupt("fog", blank(50, value=0.5), 0.5).squeeze()
    assert half == pytest.approx(0.5 + densities / 2, abs=1e-6)  # half of the contrast was there
    assert (corrupt("fog", blank(5, value=1), 0.5) == 1).all()  # white on white


def test_spatter_covers_the_share_that_is_said_with_drops():
    noisy = corrupt("spatter", blank(100), 0.5).squeeze()
    assert (noisy.sum(axis=(1, 2)) == round(0.2 * 784)).all()
    assert set(np.unique(noisy)) == {0, 1}
    # Drops and no single pixels: most neighbours of a covered pixel are covered too.
    covered = noisy[:, :, :-1] == 1
    assert 0.7 < noisy[:, :, 1:][covered].mean() < 0.77
    assert corrupt("spatter", digits(), 0.5)[digits() == 1].min() == 1


@pytest.mark.parametrize(
    ("level", "count"), [(1e-9, 1), (0.1, 1), (0.2, 2), (0.3, 3), (0.4, 4), (0.5, 5)]
)
def test_there_is_a_dotted_line_for_each_tenth(level, count):
    assert overlays.lines(level) == count


def test_a_dotted_line_has_gaps_and_goes_from_one_side_to_the_other():
    noisy = corrupt("dotted-line", blank(100), 0.1).squeeze()
    upright = 0
    for picture in noisy:
        along = [picture.max(axis=axis) for axis in (0, 1)]  # by column, by row
        line = max(along, key=lambda brightest: np.ptp(np.nonzero(brightest > 0.3)[0]))
        upright += line is along[1]
        assert line[:2].max() > 0.3
        assert line[-2:].max() > 0.3
        lit = line > 0.3
        dots = np.count_nonzero(np.diff(lit.astype(int), prepend=0) == 1)
        assert 7 <= dots <= 8  # 27 to 33 pixels, a gap of 4.48 between two
    assert 25 < upright < 75


def test_a_zigzag_goes_to_and_fro_as_high_as_is_said():
    for level, swing in ((0.1, 2.24), (0.3, 6.72)):
        noisy = corrupt("zigzag", blank(100), level).squeeze()
        upright, heights = 0, []
        for picture in noisy:
            columns, rows = picture.max(axis=0) > 0.3, picture.max(axis=1) > 0.3
            if not columns.all():
                upright += 1
                picture, columns = picture.T, rows
            assert columns.all()  # from one side to the other, without a gap
            lit_rows, lit_columns = np.nonzero(picture > 0.5)
            trend = np.polyfit(lit_columns, lit_rows, 1)
            aside = lit_rows - np.polyval(trend, lit_columns)
            assert np.ptp(aside) == pytest.approx(swing, abs=1.6)
            heights.append(np.ptp(aside))
            middles = np.array([np.average(np.arange(28), weights=line) for line in picture.T])
            middles -= np.polyval(trend, np.arange(28))
            turns = np.count_nonzero(np.diff(np.sign(middles[np.abs(middles) > 0.2])))
            assert 4 <= turns <= 8  # 7 strokes cross the middle
        assert np.mean(heights) == pytest.approx(swing + 0.5, abs=0.4)  # half a line more
        assert 25 < upright < 75


@pytest.mark.parametrize("name", ["dotted-line", "zigzag", "spatter"])
def test_marks_cover_the_digit_and_do_not_wipe_it_out(name):
    x = digits(100)
    noisy = corrupt(name, x, 0.3)
    assert (noisy >= x).all()
    assert (noisy == x).mean() > 0.5


def test_edges_leave_only_the_outline_at_a_half():
    x = blank(1)
    x[:, 8:20, 8:20] = 1
    whole = corrupt("edges", x, 0.5).squeeze()
    assert set(np.unique(whole)) == {0, 1}
    assert whole[11:17, 11:17].max() == 0  # the inside is gone
    assert whole[:6].max() == whole[22:].max() == 0
    ring = whole[7:21, 7:21]
    assert (ring.max(axis=0) == 1).sum() >= 12  # and a closed square stays
    assert (ring.max(axis=1) == 1).sum() >= 12
    assert 40 <= whole.sum() <= 52  # as long as the square's sides, one pixel wide
    assert corrupt("edges", x, 0.2).squeeze() == pytest.approx(0.6 * x.squeeze() + 0.4 * whole)


def test_edges_are_found_where_brightness_changes_by_a_fifth_and_more():
    for value, found in ((0.1, False), (0.3, True)):
        x = blank(1)
        x[:, 8:20, 8:20] = value
        assert corrupt("edges", x, 0.5).any() == found


@every_one
def test_networks_can_learn_from_corruptt_pictures_of_either_size(corruption):
    for name in ("handwritten", "course-lab"):
        source = get_task(name).source("built-in")
        noisy, clean = source.load(corruption, 0.15, 3), source.load(None, 0.0, 3)
        for part in ("train", "validation"):
            assert not np.array_equal(getattr(noisy, part).x, getattr(clean, part).x)
            assert np.array_equal(getattr(noisy, part).y, getattr(clean, part).y)
        words = next(iter(noisy.tests))
        assert words.endswith(f"with {corruption.title.lower()} at 0.15")
