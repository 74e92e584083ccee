from core.segments.shapley import BACKGROUNDS, background
from ui.wording.backgrounds import background_description, background_title


def test_every_background_has_a_title_and_a_description_of_its_own():
    assert len({background_title(known) for known in BACKGROUNDS}) == len(BACKGROUNDS)
    assert len({background_description(known) for known in BACKGROUNDS}) == len(BACKGROUNDS)
    for known in BACKGROUNDS:
        assert background_description(known).startswith("Until its turn, a segment is ")
        assert background_description(known).endswith(".")


def test_a_single_digit_names_itself():
    eight = background("8")
    assert background_title(eight) == "a clean 8"
    assert "is as in a clean 8, so only segments that differ" in background_description(eight)
    assert background_title(background("dark")) == "a dark display"
