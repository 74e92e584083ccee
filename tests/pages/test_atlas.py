import json
from collections import Counter

import pytest

from core.models.store import ModelStore
from tests.pages.conftest import answer, notes, shared
from ui.components import segment_gallery


def tiles(app):
    for element in app.get("bidi_component"):
        data = json.loads(element.proto.json or "{}")
        if "tiles" in data:
            return data["tiles"]
    raise AssertionError("there is no gallery")


def words(app):
    return " ".join(element.value for element in [*app.markdown, *app.caption])


def test_first_visit_shows_every_pattern_with_the_default_networks_answer(open_page):
    app = open_page("atlas")
    assert not app.exception
    assert not app.error
    shown = tiles(app)
    assert [tile["pattern"] for tile in shown] == [f"{number:07b}" for number in range(128)]
    assert shown[0b1111111]["caption"] == "8"
    assert sum(tile.get("framed", False) for tile in shown) == 10
    assert shared(app) == {
        "model": "seven-segment",
        "color": "answer",
        "order": "number",
        "digit": "",
        "noise": "flip",
        "level": "0.15",
    }


def test_a_link_is_followed(open_page):
    app = open_page(
        "atlas",
        model="seven-segment-missing",
        color="difference",
        order="probability",
        noise="missing",
        level="0.2",
        digit="8",
    )
    assert not app.exception
    assert not notes(app)
    assert app.selectbox(key="atlas_noise").value == "missing"
    assert app.select_slider(key="atlas_level").value == 0.2
    assert all(tile["caption"].startswith("8") for tile in tiles(app))
    assert "77.44 %" in words(app)  # the exact ceiling of missing segments at 0.2
    assert shared(app)["digit"] == "8"


def test_counts_add_up_and_without_noise_only_digits_arise(open_page):
    app = open_page("atlas", color="difference", level="0")
    assert "**10** of the 128 patterns and differs on **0**; **118** cannot arise" in words(app)
    assert "**100.00 %**" in words(app)
    marks = Counter(tile["caption"][0] == "(" for tile in tiles(app))
    assert marks == {True: 118, False: 10}


def test_wrong_values_in_a_link_become_the_defaults_with_a_note(open_page):
    wrong = {"color": "pink", "order": "up", "digit": "12", "noise": "fog", "level": "x"}
    app = open_page("atlas", model="nobody", **wrong)
    assert not app.exception
    for value in (*wrong, "nobody"):
        assert f"“{value}”" in notes(app)
    assert shared(app) == shared(open_page("atlas"))


@pytest.mark.parametrize(
    "noise", ["own:10,10,10,10,10,10,10/5,5,5,5,5,5,5", "stuck:d-on", "together:abf", "any"]
)
def test_every_kind_of_noise_can_be_looked_at(open_page, noise):
    app = open_page("atlas", color="difference", order="probability", noise=noise, level="0.9")
    assert not app.exception
    assert len(tiles(app)) == 128
    assert shared(app)["noise"] == noise


def test_a_group_of_segments_is_chosen_here_as_well(open_page):
    app = open_page("atlas", color="difference", noise="together:ab")
    app.button_group(key="atlas_noise_group").set_value(["a", "b", "g"]).run()
    assert not app.exception
    assert shared(app)["noise"] == "together:abg"


def test_colour_and_order_are_chosen(open_page):
    app = open_page("atlas")
    app.segmented_control(key="atlas_look").set_value("confidence").run()
    assert not app.exception
    assert "%" in tiles(app)[0]["caption"]
    app.segmented_control(key="atlas_order").set_value("answer").run()
    assert not app.exception
    headings = list(dict.fromkeys(tile["group"] for tile in tiles(app)))
    assert [heading[:2] for heading in headings] == [f"{digit}:" for digit in range(10)]
    assert shared(app)["color"] == "confidence"


def test_one_digit_is_chosen_and_let_go_again(open_page):
    app = open_page("atlas")
    app.button_group(key="atlas_digit").set_value("1").run()
    assert not app.exception
    assert {tile["caption"] for tile in tiles(app)} == {"1"}
    app.button_group(key="atlas_digit").set_value(None).run()
    assert not app.exception
    assert len(tiles(app)) == 128


def test_a_tile_opens_on_the_seven_segment_page(open_page, monkeypatch):
    app = open_page("atlas", model="seven-segment-extra", noise="extra", level="0.3")
    mount = segment_gallery._mount
    monkeypatch.setattr(
        segment_gallery, "_mount", lambda **given: mount(**given) and {"opened": "1111111"}
    )
    app.run()
    assert not app.exception
    assert 'digit-lab-answer">8<' in answer(app)
    address = shared(app)
    assert address["pattern"] == "1111111"
    assert address["model"] == "seven-segment-extra"
    assert (address["noise"], address["level"]) == ("extra", "0.3")


def test_an_ensemble_has_an_atlas_as_well(open_page, monkeypatch, tmp_path):
    store = ModelStore()
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path))
    here = ModelStore()
    members = []
    for model in store.models("seven-segment")[:2]:
        files = {name: model.read(name) for name in model.card.files}
        here.save(model.name, files, model.card)
        members.append({"name": model.name, "version": here.get(model.name).version})
    card = model.card.with_entries(members=members, vote="mean")
    here.save("both", {}, card)
    app = open_page("atlas", model="both", color="difference")
    assert not app.exception
    assert not notes(app)
    assert len(tiles(app)) == 128


def test_without_a_model_the_page_says_what_to_do(open_page, monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path / "nothing"))
    app = open_page("atlas")
    assert not app.exception
    assert "Train one" in app.error[0].value
