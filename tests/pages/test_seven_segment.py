import json
import re

import pytest

from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE, LITERT_FILE
from tests.pages.conftest import answer, notes, shared


def digit(app):
    return re.search(r'digit-lab-answer">(.)<', answer(app)).group(1)


def component(app, field):
    """Returns the data of the components that were sent a field of that name."""
    data = [json.loads(e.proto.json or "{}") for e in app.get("bidi_component")]
    return [entry for entry in data if field in entry]


def words(app):
    return "\n".join(e.value for e in [*app.markdown, *app.caption])


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
        "why": "",
        "background": "digits",
    }


def test_wrong_values_in_a_link_become_the_defaults_with_a_note(open_page):
    app = open_page(
        "seven_segment",
        pattern="12",
        model="nobody",
        noise="foo",
        level="7",
        why="x",
        background="y",
    )
    assert not app.exception
    for parameter in ("pattern", "noise", "level", "nobody", "why", "background"):
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


def test_the_exact_probabilities_stand_beside_the_networks(open_page):
    app = open_page("seven_segment", pattern="1110011", noise="flip", level="0.15")
    network, exact = component(app, "figure")[0]["figure"][0]["data"]
    assert exact["name"] == "exact (Bayes)"
    assert "exact for “Bit flip” at level 0.15" in exact["hovertemplate"]
    assert sum(exact["y"]) == pytest.approx(100, abs=0.01)
    assert exact["y"][4] == exact["y"][9] == max(exact["y"])
    assert len(network["y"]) == 10
    assert "The best possible answer is **4** or **9**" in words(app)
    app.selectbox(key="damage_noise").set_value("missing").run()
    assert "The best possible answer is **9**" in words(app)


def test_a_pattern_that_cannot_arise_has_no_exact_answer(open_page):
    app = open_page("seven_segment", pattern="0000000", noise="extra", level="0.3")
    assert "No digit can turn into this pattern" in words(app)
    exact = component(app, "figure")[0]["figure"][0]["data"][1]
    assert exact["y"] == [None] * 10


def test_every_noise_can_be_chosen_and_the_level_goes_with_it(open_page):
    app = open_page("seven_segment", noise="one-fault", level="1")
    assert app.select_slider(key="damage_level").value == 1
    for name in app.selectbox(key="damage_noise").options:
        app.selectbox(key="damage_noise").select(name).run()
        assert not app.exception
        app.button[0].click().run()
        assert not app.exception
    app.selectbox(key="damage_noise").set_value("flip").run()
    assert app.select_slider(key="damage_level").value == 0.15  # not all of a table, as before


@pytest.mark.parametrize("noise", ["together:fg", "own:9,0,0,0,0,0,0/0,0,0,0,0,0,3"])
def test_a_noise_spelt_out_in_a_link_is_offered(open_page, noise):
    app = open_page("seven_segment", noise=noise, level="0.325")
    assert not app.exception
    assert not notes(app)
    assert app.selectbox(key="damage_noise").value == noise
    assert app.select_slider(key="damage_level").value in (0.3, 0.35)
    app.button[0].click().run()
    assert not app.exception
    assert shared(app)["noise"] == noise


def test_the_explanation_is_not_computed_before_it_is_asked_for(open_page):
    app = open_page("seven_segment")
    assert app.subheader[0].value == "Why this answer?"
    assert not component(app, "tiles")
    assert len(component(app, "figure")) == 1


def test_shapley_values_on_the_page_add_up(open_page):
    app = open_page("seven_segment", pattern="1111011", why="shapley", background="dark")
    assert not app.exception
    assert shared(app)["why"] == "shapley"
    for name in ("dark", "lit", "patterns", "digits", "8", "9"):
        app.selectbox(key="explanation_background").set_value(name).run()
        waterfall = component(app, "figure")[1]["figure"][0]["data"][0]
        network = component(app, "figure")[0]["figure"][0]["data"][0]
        assert sum(waterfall["y"]) == pytest.approx(network["y"][9], abs=0.01)
        assert shared(app)["background"] == name
    assert "No segment counts" in words(app)


def test_a_dark_segment_counts_nothing_against_a_dark_display(open_page):
    app = open_page("seven_segment", pattern="0110000", why="shapley", background="dark")
    (tile,) = component(app, "tiles")[0]["tiles"]
    assert tile["pattern"] == "0110000"
    assert [text for text, lit in zip(tile["texts"], "0110000", strict=True) if lit == "0"] == [
        "0.0"
    ] * 5


def test_the_three_views_can_be_opened_and_closed(open_page):
    app = open_page("seven_segment", pattern="1111011")
    views = app.get("button_group")[0]
    views.set_value("flip").run()
    assert "One flip is enough" in words(app)
    assert component(app, "tiles")[0]["tiles"][0]["texts"][5] == "→ 3"
    app.get("button_group")[0].set_value("weights").run()
    assert "crudest of the three" in words(app)
    app.get("button_group")[0].set_value(None).run()
    assert not app.exception
    assert not component(app, "tiles")
    assert shared(app)["why"] == ""


def test_a_network_without_a_readable_first_layer_gets_a_sentence(open_page, monkeypatch, tmp_path):
    bundled = ModelStore().get("seven-segment")
    files = {KERAS_FILE: b"nothing", LITERT_FILE: bundled.read(LITERT_FILE)}
    ModelStore(tmp_path).save("seven-segment", files, bundled.card)
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path))
    app = open_page("seven_segment", why="weights")
    assert not app.exception
    assert "its layers cannot be read" in notes(app)
    assert digit(app) == "3"


def test_a_dark_display_is_said_to_show_nothing(open_page):
    app = open_page("seven_segment", pattern="0000000")
    assert any("**No segment is lit**" in each.value for each in app.markdown)
    lit = open_page("seven_segment", pattern="1111110")
    assert not any("No segment is lit" in each.value for each in lit.markdown)
