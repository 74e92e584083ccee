import re

from tests.pages.conftest import answer, notes, shared


def digit(app):
    return re.search(r'digit-lab-answer">(.)<', answer(app)).group(1)


def test_first_visit_shows_a_digit_and_reads_it(open_page):
    app = open_page("seven_segment")
    assert not app.exception
    assert not app.error
    assert digit(app) == "3"
    assert "exactly the pattern of **3**" in "".join(e.value for e in app.markdown)


def test_every_pattern_in_a_link_is_shown_and_read(open_page):
    app = open_page("seven_segment", pattern="1111111", noise="extra", level="0.3")
    assert digit(app) == "8"
    assert app.selectbox(key="damage_noise").value == "extra"
    assert app.select_slider(key="damage_level").value == 0.3
    assert shared(app) == {
        "pattern": "1111111",
        "model": "seven-segment",
        "noise": "extra",
        "level": "0.3",
    }


def test_wrong_values_in_a_link_become_the_defaults_with_a_note(open_page):
    app = open_page("seven_segment", pattern="12", model="nobody", noise="foo", level="7")
    assert not app.exception
    for parameter in ("pattern", "noise", "level", "nobody"):
        assert f"“{parameter}”" in notes(app)
    assert digit(app) == "3"
    assert shared(app)["model"] == "seven-segment"


def test_damage_changes_the_pattern(open_page):
    app = open_page("seven_segment", pattern="1111111", noise="missing", level="0.5")
    for _ in range(20):  # each leaves an 8 whole with a probability of 1 in 128
        app.button[0].click().run()
    assert not app.exception
    assert shared(app)["pattern"] != "1111111"


def test_settings_are_kept_while_another_page_is_visited(open_page):
    app = open_page("seven_segment", pattern="0110011", level="0.4")
    app.switch_page("pages/train.py").run()
    app.switch_page("pages/seven_segment.py").run()
    assert digit(app) == "4"
    assert app.select_slider(key="damage_level").value == 0.4


def test_without_a_model_the_page_says_what_to_do(open_page, monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path / "nothing"))
    app = open_page("seven_segment")
    assert not app.exception
    assert "Train one" in app.error[0].value
