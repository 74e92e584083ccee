import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.segments.channels import (
    ANY,
    BIT_FLIP,
    CHANNELS,
    EXTRA,
    MISSING,
    ONE_FAULT,
    WEAR,
    channel,
    own,
    stuck,
    together,
)
from core.segments.patterns import ALL_PATTERNS, CLEAN, SEGMENTS, make_noisy

PER_DIGIT = 20_000
PER_CENTS = st.lists(st.integers(0, 100), min_size=7, max_size=7)


@st.composite
def any_channel(draw):
    """One of all the channels that a name can spell out."""
    kind = draw(st.sampled_from(["ready-made", "together", "stuck", "own"]))
    if kind == "together":
        return together("".join(draw(st.sets(st.sampled_from(SEGMENTS), min_size=1))))
    if kind == "stuck":
        return stuck(draw(st.sampled_from(SEGMENTS)), on=draw(st.booleans()))
    if kind == "own":
        return own(draw(PER_CENTS), draw(PER_CENTS))
    return draw(st.sampled_from(CHANNELS))


@st.composite
def channel_and_level(draw):
    made = draw(any_channel())
    return made, draw(st.floats(0, made.levels[-1]))


def of(pattern):
    """Returns a pattern's place among all."""
    return int(pattern, 2)


@given(channel_and_level())
def test_likelihoods_are_probabilities(chosen):
    made, level = chosen
    exact = made.likelihood(level)
    assert exact.shape == (10, 128)
    assert exact.min() >= 0
    assert exact.sum(axis=1) == pytest.approx(np.ones(10))


@given(any_channel())
def test_a_name_spells_out_its_channel(made):
    again = channel(made.name)
    assert again.name == made.name
    assert (again.likelihood(0.4) == made.likelihood(0.4)).all()
    assert set(made.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-:,/")


@given(any_channel())
def test_nothing_happens_at_level_0(made):
    clean = made.likelihood(0)
    assert (clean.argmax(axis=1) == [of("".join(map(str, map(int, x)))) for x in CLEAN]).all()
    assert clean.max(axis=1) == pytest.approx(np.ones(10))


@settings(max_examples=25, deadline=None)
@given(channel_and_level(), st.integers(0, 2**31))
def test_sampling_shows_what_the_likelihood_says(chosen, seed):
    made, level = chosen
    exact = made.likelihood(level)
    sampled = make_noisy(PER_DIGIT, noise=made, level=level, random_state=seed)
    codes = sampled.x.astype(int) @ (2 ** np.arange(6, -1, -1))
    for digit in range(10):
        counts = np.bincount(codes[sampled.y == digit], minlength=128)
        # Impossible patterns never come. Of 32,000 shares, one may stray by six deviations.
        assert (counts[exact[digit] < 1e-15] == 0).all()
        spread = np.sqrt(exact[digit] * (1 - exact[digit]) / PER_DIGIT)
        assert (np.abs(counts / PER_DIGIT - exact[digit]) <= 6 * spread + 5 / PER_DIGIT).all()


def test_an_8_by_hand():
    """An 8 has all segments lit, so only lit ones can fail."""
    assert BIT_FLIP.likelihood(0.1)[8, of("1111111")] == pytest.approx(0.9**7)
    assert MISSING.likelihood(0.1)[8, of("0111111")] == pytest.approx(0.1 * 0.9**6)
    assert EXTRA.likelihood(0.4)[8, of("1111111")] == 1
    assert ONE_FAULT.likelihood(0.7)[8, of("1110111")] == pytest.approx(0.1)
    assert ONE_FAULT.likelihood(1)[8, of("1111111")] == 0
    assert together("ag").likelihood(0.3)[8, of("0111110")] == pytest.approx(0.3)
    assert stuck("b", on=False).likelihood(0.3)[8, of("1011111")] == pytest.approx(0.3)
    assert stuck("b", on=True).likelihood(0.3)[8, of("1111111")] == 1
    # Nine digits light c, eight each a and b, seven d and g, six f, four e.
    kept = np.prod([1 - 0.45 * lit / 9 for lit in (8, 8, 9, 7, 4, 6, 7)])
    assert WEAR.likelihood(0.45)[8, of("1111111")] == pytest.approx(kept)
    table = own([50, 0, 0, 0, 0, 0, 20], [100] * 7)
    assert table.likelihood(1)[8, of("0111110")] == pytest.approx(0.5 * 0.2)
    assert table.likelihood(0.5)[8, of("0111110")] == pytest.approx(0.25 * 0.1)


def test_a_1_by_hand():
    """A 1 lights b and c alone."""
    assert BIT_FLIP.likelihood(0.1)[1, of("1110000")] == pytest.approx(0.1 * 0.9**6)
    assert MISSING.likelihood(0.1)[1, of("1110000")] == 0
    assert EXTRA.likelihood(0.1)[1, of("1110000")] == pytest.approx(0.1 * 0.9**4)
    assert together("ab").likelihood(0.3)[1, of("0010000")] == pytest.approx(0.3)
    assert stuck("a", on=True).likelihood(0.3)[1, of("1110000")] == pytest.approx(0.3)
    assert own([0] * 7, [0, 0, 0, 0, 0, 0, 30]).likelihood(1)[1, of("0110001")] == pytest.approx(
        0.3
    )


def test_any_of_four_is_the_four_in_equal_parts():
    four = [made.likelihood(0.2) for made in (BIT_FLIP, MISSING, EXTRA, ONE_FAULT)]
    assert ANY.likelihood(0.2) == pytest.approx(np.mean(four, axis=0))


def test_directions_are_kept():
    clean = np.repeat(CLEAN, 1000, axis=0)
    dimmed = MISSING.apply(clean, level=0.3, random_state=0)
    assert (dimmed <= clean).all()
    assert (EXTRA.apply(clean, level=0.3, random_state=0) >= clean).all()
    assert set((ONE_FAULT.apply(clean, level=1, random_state=0) != clean).sum(axis=1)) == {1}
    gone = together("adg").apply(clean, level=0.5, random_state=0)[:, [0, 3, 6]]
    assert set(gone[-1000:].sum(axis=1)) <= {0, 3}  # the 9s light all three


@pytest.mark.parametrize(
    "name",
    [
        "",
        "fog",
        "together:",
        "together:az",
        "stuck:h-on",
        "stuck:ab-on",
        "stuck:a-dim",
        "own:1,2,3/4,5,6",
        "own:0,0,0,0,0,0,0/0,0,0,0,0,0,101",
        "own:0,0,0,0,0,0,-1/0,0,0,0,0,0,0",
        "flip:a",
    ],
)
def test_an_unknown_channel_gets_a_sentence(name):
    with pytest.raises(InvalidInput, match=r"Expected|There is no noise"):
        channel(name)


@pytest.mark.parametrize("values", [(0.5,) * 7, (float("nan"),) * 7, (10,) * 6, (-1,) * 7])
def test_a_table_of_one_s_own_is_checked(values):
    with pytest.raises(InvalidInput, match="whole per cent"):
        own(values, (0,) * 7)


def test_a_level_that_a_channel_does_not_have_is_refused():
    with pytest.raises(InvalidInput, match=r"0\.\.0\.5"):
        BIT_FLIP.likelihood(0.6)
    with pytest.raises(InvalidInput, match=r"0\.\.1"):
        ONE_FAULT.likelihood(1.1)


def test_channels_know_the_patterns_in_their_order():
    assert [of("".join(str(int(v)) for v in x)) for x in ALL_PATTERNS] == list(range(128))


def test_noise_that_treats_all_lamps_alike_fits_any_number_of_them():
    dice = np.random.default_rng(0).integers(0, 2, (20_000, 9)).astype(np.float32)
    for made, lit, dark in ((BIT_FLIP, 0.2, 0.2), (MISSING, 0.2, 0), (EXTRA, 0, 0.2)):
        changed = made.apply(dice, level=0.2, random_state=1) != dice
        assert changed[dice == 1].mean() == pytest.approx(lit, abs=0.01)
        assert changed[dice == 0].mean() == pytest.approx(dark, abs=0.01)
