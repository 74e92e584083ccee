import json
import shutil

import pytest

from core.metrics.accuracy import percent
from core.models.saved_model import CARD_FILE
from core.models.store import ModelStore
from tests.pages.conftest import notes, shared
from tests.support.models import card_of_ensemble, save_copy
from ui.models.rows import links_of
from ui.services import saved_models
from ui.session import visitor
from ui.session.state import Key


def captions(app):
    return "\n".join(element.value for element in app.caption)


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


ME, SOMEBODY = "0" * 32, "1" * 32  # ids of visitors


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A folder with one bundled model and one of the visitor's own."""
    monkeypatch.setattr(visitor, "_VISITOR", Key("visitor", lambda: ME))
    folder = tmp_path / "models"
    shutil.copytree(ModelStore().root / "seven-segment", folder / "seven-segment")
    made = ModelStore(folder)
    save_copy(made, "seven-segment", "mine", seed=7, owner=ME)
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(folder))
    return made


def labels(app):
    return [button.label for button in app.button]


def test_a_bundled_model_is_shown_and_cannot_be_changed(open_page, store):
    app = open_page("models")
    assert not app.exception
    assert app.dataframe[0].value["Model"].tolist() == ["seven-segment", "mine"]
    assert app.dataframe[0].value["Whose"].tolist() == ["Digit Lab", "yours"]
    exact = saved_models.exact_accuracy(store.get("seven-segment"))
    assert app.metric[0].label == "Accuracy, exact, bit flip at 0.15"
    assert app.metric[0].value == percent(exact.value)
    assert f"The best possible is {percent(exact.best)}." in captions(app)
    assert list(app.dataframe[0].value["measured"]) == ["exact, bit flip at 0.15"] * 2
    card = app.table[0].value
    assert card["Measured"].iloc[0] == (
        "on 11,000 test examples, mixed faults at 0\\.3 \\(1 in 11 clean\\)"
    ).replace("\\.", ".")
    assert "7,220 of 11,000: **65.6 %**" in card["Correct (95 % interval)"].iloc[0]
    assert "cannot be renamed or deleted" in captions(app)
    assert "Rename" not in labels(app)
    assert any("--name seven-segment" in element.value for element in app.code)
    assert shared(app) == {"task": "seven-segment", "model": "seven-segment"}


def test_a_model_of_one_s_own_is_renamed(open_page, store):
    app = open_page("models", model="mine")
    app.text_input(key="rename_mine").set_value("../evil")
    press(app, "Rename")
    assert "A model's name has" in app.error[0].value
    app.text_input(key="rename_mine").set_value("better")
    press(app, "Rename")
    assert "is now called “better”" in app.success[0].value
    assert shared(app)["model"] == "better"
    assert store.names() == ("better", "seven-segment")
    app.run()
    assert not app.success


def test_a_model_is_deleted_only_when_its_name_was_typed(open_page, store):
    app = open_page("models", model="mine")
    app.text_input(key="delete_mine").set_value("min")
    press(app, "Delete for good")
    assert "Nothing was deleted" in app.error[0].value
    assert store.names() == ("mine", "seven-segment")
    app.text_input(key="delete_mine").set_value("mine")
    press(app, "Delete for good")
    assert store.names() == ("seven-segment",)
    assert shared(app)["model"] == "seven-segment"


def test_a_member_says_which_ensemble_needs_it(open_page, store):
    other = save_copy(store, "seven-segment", "other")
    card = card_of_ensemble(store.get("mine"), other, task="seven-segment")
    store.save("both", {}, card, owner=ME)
    app = open_page("models", model="mine")
    assert not app.exception
    assert any("votes in both" in element.value for element in app.info)
    assert "Rename" not in labels(app)
    app.selectbox(key="models_model").set_value("both").run()
    assert not app.exception
    assert "no network of its own" in captions(app)
    assert "Rename" in labels(app)


def test_a_folder_that_cannot_be_used_is_shown_with_the_reason_and_deleted(open_page, store):
    (store.root / "mine" / CARD_FILE).unlink()
    app = open_page("models")
    assert any("mine: It holds no card.json." in element.value for element in app.text)
    app.text_input(key="delete_mine").set_value("mine")
    press(app, "Delete for good")
    assert store.names() == ("seven-segment",)


def test_others_use_a_model_and_cannot_change_it_even_by_a_form_of_before(
    open_page, store, monkeypatch
):
    save_copy(store, "seven-segment", "theirs", owner=SOMEBODY)
    save_copy(store, "seven-segment", "nobodys")
    for name, said in (("theirs", "Somebody else saved"), ("nobodys", "This model is nobody's")):
        app = open_page("models", model=name)
        assert said in captions(app)
        assert not {"Rename", "Delete for good"} & set(labels(app))
    whose = dict(zip(*(app.dataframe[0].value[key] for key in ("Model", "Whose")), strict=True))
    assert whose == {
        "seven-segment": "Digit Lab",
        "mine": "yours",
        "theirs": "somebody else",
        "nobodys": "nobody",
    }
    yours = [element.value for element in app.markdown if "yours" in element.value]
    assert yours == ["**mine** :primary-badge[yours]"]
    # Nothing that is shown or downloaded tells who the visitors are.
    said = str([list(app.code), list(app.table), list(app.dataframe)])
    assert ME not in said
    assert store.get("mine").owner.digest not in said
    # It was the visitor's own when the page was drawn, and is somebody else's when they press.
    app = open_page("models", model="mine")
    save_copy(store, "seven-segment", "new", owner=SOMEBODY)
    for file in ("owner.json", CARD_FILE):
        shutil.copy(store.root / "new" / file, store.root / "mine" / file)
    app.text_input(key="delete_mine").set_value("mine")
    press(app, "Delete for good")
    assert "mine" in store.names()


def test_a_folder_of_somebody_else_s_stays(open_page, store):
    save_copy(store, "seven-segment", "theirs", owner=SOMEBODY)
    (store.root / "theirs" / CARD_FILE).unlink()
    app = open_page("models")
    assert any("theirs: It holds no card.json." in element.value for element in app.text)
    assert "Somebody else saved this model" in captions(app)
    assert "delete_theirs" not in [box.key for box in app.text_input]


def test_a_damaged_bundled_model_is_not_offered_for_deletion(open_page, store):
    (store.root / "seven-segment" / CARD_FILE).write_text("[]")
    app = open_page("models")
    assert not app.exception
    assert "Put its folder back" in captions(app)
    assert not any(box.key == "delete_seven-segment" for box in app.text_input)


def test_an_empty_folder_and_a_wrong_link_are_told(open_page, store):
    app = open_page("models", model="nobody", task="chess")
    assert "no model “nobody”" in notes(app)
    assert "“task” was not used" in notes(app)
    for name in store.names():
        shutil.rmtree(store.root / name)
    app.run()
    assert not app.exception
    assert any("no saved model" in element.value for element in app.info)


def test_a_link_to_a_model_of_another_task_turns_to_it(open_page):
    app = open_page("models", model="handwritten-ensemble")
    assert not app.exception
    assert shared(app) == {"task": "handwritten", "model": "handwritten-ensemble"}
    assert any("handwritten-kernel-5" in str(table.value.to_dict()) for table in app.table)
    assert app.metric[0].value == "99.63 %"
    assert app.metric[0].label == "Accuracy, on 10,000 test digits of MNIST"
    assert "To look inside, open one of its members" in captions(app)


def test_what_a_foreign_card_says_is_no_markdown(open_page, store):
    card = json.loads((store.root / "mine" / CARD_FILE).read_text())
    card["versions"] = {"x": "![](http://example.com/a.png)"}
    (store.root / "mine" / CARD_FILE).write_text(json.dumps(card))
    app = open_page("models", model="mine")
    assert not app.exception
    tables = " ".join(str(table.value.to_dict()) for table in app.table)
    assert "![](" not in tables


def link_labels(app):
    return [link.proto.label for link in app.get("page_link")]


def test_each_row_is_a_sentence_with_links_to_every_page_that_can_use_the_model(open_page, store):
    app = open_page("models")
    best = percent(saved_models.exact_accuracy(store.get("mine")).best, 1)
    assert captions(app).count(f"where {best} is the best possible.") == 2
    assert link_labels(app) == ["Try it", "Evaluate", "Inside", "Noise", "Compare", "API"] * 2
    app = open_page("models", task="handwritten", model="")
    assert not app.exception
    assert not link_labels(app)  # this folder has no such model


def test_an_ensemble_has_no_link_inside_and_says_why(open_page):
    app = open_page("models", task="handwritten")
    assert link_labels(app).count("Draw with it") == 9
    assert link_labels(app).count("Inside") == 8
    assert captions(app).count("To look inside, open one of its members") == 1


def test_each_link_opens_its_page_with_the_model_chosen(open_page, submitted):
    for task in ("seven-segment", "handwritten"):
        models = saved_models.models(task)
        model = models[-1]
        for link in links_of(model, models):
            name = link.page.removeprefix("pages/").removesuffix(".py")
            app = open_page(name, **link.parameters)
            assert not app.exception
            assert not notes(app)
            given = shared(app)
            chosen = given.get("model") or given["models"].split(",")[0]
            assert chosen == model.name, link
            if name == "compare":
                assert given["models"].split(",") == [model.name, models[0].name]


def test_a_row_s_button_shows_the_card(open_page, store):
    app = open_page("models")
    assert [heading.value for heading in app.header] == ["seven-segment"]
    app.button(key="models_show_mine").click().run()
    assert not app.exception
    assert [heading.value for heading in app.header] == ["mine"]
    assert shared(app)["model"] == "mine"


def test_of_many_models_the_first_are_shown_until_all_are_asked_for(open_page, store):
    for number in range(12):
        save_copy(store, "seven-segment", f"copy-{number}")
    app = open_page("models")
    assert link_labels(app).count("Try it") == 12
    press(app, "Show all 14 models")
    assert link_labels(app).count("Try it") == 14


def test_what_a_card_says_is_no_markdown(open_page):
    text = "x\n\n# Heading\n- **bold** :red[loud]"
    store = ModelStore()
    figure = {"data": text, "correct": 9, "total": 10}
    save_copy(store, "handwritten-dense", "from-outside", figures=[figure])
    app = open_page("models", task="handwritten", model="from-outside")
    assert not app.exception
    written = [element.value for element in (*app.caption, *app.markdown)]
    shown = [words for words in written if "Heading" in words]
    assert shown
    for words in [*shown, *(metric.label for metric in app.metric)]:
        assert "\n" not in words
        assert "**bold**" not in words
