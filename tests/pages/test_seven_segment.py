import json
import re

import pytest

from core.metrics.accuracy import percent
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.segments import bayes
from core.segments.channels import channel
from core.segments.game import draw_round
from tests.pages.conftest import answer, notes, shared
from ui.wording.articles import article


def digit(app):
    return re.search(r'digit-lab-answer">(.)<', answer(app)).group(1)


def component(app, field):
    """Returns the data of the components that were sent a field of that name."""
    data = [json.loads(e.proto.json or "{}") for e in app.get("bidi_component")]
    return [entry for entry in data if field in entry]


def explanations(app):
    """Returns the choice between the three ways to explain an answer."""
    return next(each for each in app.get("button_group") if each.key == "explanation_view")


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
        "mode": "explore",
        "game": "",
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


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def report(app):
    """Returns the sentence about the last damage, or about the round of the game."""
    bodies = [e.proto.body for e in app.get("html")]
    (found,) = [body for body in bodies if re.search('"digit-lab-re(port|sult)[" ]', body)]
    return re.sub("<.*?>", "", found)


def test_damage_always_changes_a_pattern_that_can_change(open_page):
    # The lowest level there is: one draw changes an 8 with a probability of only 3.5 %.
    app = open_page("seven_segment", pattern="1111111", noise="own:1,1,1,1,1,1,1/0,0,0,0,0,0,0")
    app.select_slider(key="damage_level").set_value(0.5).run()
    before = "1111111"
    for _ in range(4):
        press(app, "Damage it")
        after = shared(app)["pattern"]
        assert after != before
        assert all(old >= new for old, new in zip(before, after, strict=True))
        before = after
    assert "It was an 8; segments " in report(app)
    assert "went dark." in report(app)


def test_the_draws_that_changed_nothing_are_told(open_page, monkeypatch):
    monkeypatch.setattr("ui.seven_segment.damage_box.secrets.randbits", lambda bits: 5)
    app = open_page("seven_segment", pattern="1111111", noise="together:be", level="0.2")
    press(app, "Damage it")
    assert report(app) == (
        "It was an 8; segments b and e went dark."
        " The first 3 draws changed nothing; this is the fourth."
    )


def test_restore_brings_back_the_pattern_before_all_damage(open_page):
    app = open_page("seven_segment", pattern="1111111", noise="missing", level="0.1")
    restore = next(button for button in app.button if button.label == "Restore")
    assert restore.disabled
    press(app, "Damage it")
    press(app, "Damage it")
    press(app, "Restore")
    assert shared(app)["pattern"] == "1111111"
    assert digit(app) == "8"
    assert next(button for button in app.button if button.label == "Restore").disabled
    assert "It was" not in report(app)


@pytest.mark.parametrize(
    ("pattern", "noise", "level", "reason"),
    [
        ("1111111", "extra", "0.3", "all segments are lit already"),
        ("0000000", "missing", "0.3", "all segments are dark already"),
        ("1111111", "missing", "0", "At level 0 nothing fails"),
        ("1111001", "stuck:d-on", "1", "only segment d can light up, and it is lit already"),
        ("0011111", "together:ab", "1", "only segments a and b can go dark, and both are dark"),
    ],
)
def test_damage_that_can_do_nothing_says_why(open_page, pattern, noise, level, reason):
    app = open_page("seven_segment", pattern=pattern, noise=noise, level=level)
    assert reason not in report(app)
    press(app, "Damage it")
    assert reason in report(app)
    assert shared(app)["pattern"] == pattern
    app.selectbox(key="damage_noise").set_value("flip").run()
    assert reason not in report(app)


def score(app):
    (table,) = [e.value for e in app.markdown if "| Reader |" in e.value]
    return re.findall(r"(\d+) of (\d+)", table)


def test_one_round_of_the_game_counts_once(open_page):
    app = open_page("seven_segment", mode="play", noise="flip", level="0", game="5--0")
    first = draw_round(channel("flip"), 0, 5, 0)
    assert score(app) == [("0", "0")] * 3
    assert "Round 1. Which digit" in report(app)
    app.run()
    app.button(key=f"say_{first.digit}").click().run()
    said = first.digit
    assert (
        f"It was {article(said)}, undamaged. You said {said}, the network said {said},"
        in report(app)
    )
    assert score(app) == [("1", "1")] * 3
    app.button(key="say_8").click().run()  # too late for this round
    assert score(app) == [("1", "1")] * 3
    press(app, "Next digit")
    press(app, "Next digit")  # not before it is answered
    assert "Round 2. Which digit" in report(app)
    assert shared(app)["game"] == f"5-{said}-1"


def test_each_reader_has_its_own_score_and_the_ceiling_comes_later(open_page):
    app = open_page("seven_segment", mode="play", noise="flip", level="0.3", game="5-88888888-7")
    answers = [draw_round(channel("flip"), 0.3, 5, n) for n in range(8)]
    you, network, best = score(app)
    assert you == (str(sum(each.digit == 8 for each in answers)), "8")
    assert best == (str(sum(each.best == each.digit for each in answers)), "8")
    assert network[1] == "8"
    ceiling = bayes.ceiling(channel("flip").likelihood(0.3))
    assert f"more than **{percent(ceiling, 1)}** of the time" in words(app)
    press(app, "Start again")
    assert score(app) == [("0", "0")] * 3
    assert "After 5 rounds" in words(app)
    assert "of the time" not in words(app)


def test_every_fault_level_and_network_has_a_score_of_its_own(open_page):
    app = open_page("seven_segment", mode="play", noise="flip", level="0.3", game="5-8-0")
    app.select_slider(key="damage_level").set_value(0.2).run()
    assert score(app) == [("0", "0")] * 3
    app.select_slider(key="damage_level").set_value(0.3).run()
    assert score(app)[0][1] == "1"
    app.selectbox(key="damage_noise").set_value("missing").run()
    assert score(app)[0][1] == "0"
    app.selectbox(key="damage_noise").set_value("flip").run()
    models = app.selectbox(key="segment_model").options
    other = next(name for name in models if name != "seven-segment")
    app.selectbox(key="segment_model").set_value(other).run()
    assert score(app)[0][1] == "0"
    assert not app.exception


def test_the_score_is_kept_while_another_page_is_visited_and_in_the_link(open_page):
    app = open_page("seven_segment", mode="play", noise="flip", level="0.3")
    app.button(key="say_8").click().run()
    kept, table = shared(app)["game"], score(app)
    app.switch_page("pages/train.py").run()
    app.switch_page("pages/seven_segment.py").run()
    assert score(app) == table
    again = open_page("seven_segment", mode="play", noise="flip", level="0.3", game=kept)
    assert score(again) == table
    assert shared(again)["game"] == kept


@pytest.mark.parametrize("game", ["x", "5-8-7", "5-8-0-", "5"])
def test_a_wrong_game_in_a_link_gets_a_note(open_page, game):
    app = open_page("seven_segment", mode="play", game=game)
    assert not app.exception
    assert "“game”" in notes(app)
    assert score(app) == [("0", "0")] * 3


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
    views = explanations(app)
    views.set_value("flip").run()
    assert "One flip is enough" in words(app)
    assert component(app, "tiles")[0]["tiles"][0]["texts"][5] == "→ 3"
    explanations(app).set_value("weights").run()
    assert "crudest of the three" in words(app)
    explanations(app).set_value(None).run()
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
