import re
import tomllib
from pathlib import Path

import pytest

from ui.atlas import tiles
from ui.atlas.scale import GUESS, confidence_color, legend
from ui.components import segment_gallery

REPOSITORY = Path(__file__).resolve().parents[3]
THEMES = ("light", "dark")
CONFIDENCES = [n / 100 for n in range(101)]
ENOUGH = 3.0  # WCAG 2.2, 1.4.11: what is needed to understand a graphic


def channels(color):
    assert re.fullmatch("#[0-9a-f]{6}", color)
    return [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]


def in_theme(color, theme):
    """The channels of a `light-dark(…)` colour in one theme."""
    colors = re.fullmatch(r"light-dark\((#\w+), (#\w+)\)", color)
    return channels(colors[1 + THEMES.index(theme)])


def luminance(color):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def theme_colors(theme):
    config = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text())
    return config["theme"][theme]


def style():
    return (Path(segment_gallery.__file__).parent / "segment_gallery.css").read_text()


def unlit(theme):
    """An unlit segment, mixed as the gallery's style says."""
    (share,) = re.findall(r"--unlit: color-mix\(in srgb, var\(--st-text-color\) (\d+)%", style())
    colors = theme_colors(theme)
    text, ground = channels(colors["textColor"]), channels(colors["secondaryBackgroundColor"])
    part = int(share) / 100
    return [part * a + (1 - part) * b for a, b in zip(text, ground, strict=True)]


def test_contrast_is_what_wcag_says():
    assert contrast([0, 0, 0], [1, 1, 1]) == pytest.approx(21)
    assert contrast(channels("#767676"), [1, 1, 1]) == pytest.approx(4.54, abs=0.01)


def test_a_lit_segment_has_its_tile_s_whole_colour():
    (rule,) = re.findall(r"\n\.bar\.lit \{\s*fill: ([^;]*);", style())
    assert rule == "var(--lit)"


@pytest.mark.parametrize("theme", THEMES)
def test_lit_and_unlit_stay_apart_at_every_confidence(theme):
    ground = unlit(theme)
    found = [contrast(in_theme(confidence_color(c), theme), ground) for c in CONFIDENCES]
    assert min(found) >= ENOUGH
    assert found == sorted(found)  # the surer, the stronger


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("color", [*tiles.DIGIT_COLORS, tiles.DIFFERENT, tiles.IMPOSSIBLE])
def test_lit_and_unlit_stay_apart_whatever_the_colour_tells(theme, color):
    assert contrast(in_theme(color, theme), unlit(theme)) >= ENOUGH


@pytest.mark.parametrize("theme", THEMES)
def test_lit_and_unlit_stay_apart_in_the_display_s_own_colour(theme):
    assert contrast(channels(theme_colors(theme)["linkColor"]), unlit(theme)) >= ENOUGH


def test_the_scale_begins_at_a_blind_guess():
    assert confidence_color(0.0) == confidence_color(GUESS) != confidence_color(GUESS + 0.05)
    assert confidence_color(GUESS) in legend()
    assert confidence_color(1.0) in legend()
