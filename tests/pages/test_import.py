"""A network from outside: brought on the Models page, and used on every other."""

import pytest

from core.jobs.importing import ImportJob
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE
from core.training.card import TrainedModel
from tests.pages.conftest import jobs_of
from tests.support.models import imported_card, save_copy

DATA = ModelStore().get("handwritten-cnn").read(KERAS_FILE)


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    """A folder with a bundled network and, from outside, one with layers and one without."""
    made = ModelStore(tmp_path / "models")
    save_copy(made, "handwritten-cnn", "handwritten-cnn")
    save_copy(made, "seven-segment", "seven-segment")
    for name, bundled, layers in (
        ("with-layers", "handwritten-cnn", True),
        ("without", "handwritten-cnn", False),
        ("display", "seven-segment", False),
    ):
        card, files = imported_card(bundled, layers=layers)
        made.save(name, files, card)
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(made.root))
    return made


def texts(app):
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.success, app.text)
    return "\n".join(element.value for kind in kinds for element in kind)


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def choose_file(app, name, data):
    app.file_uploader(key="import_upload").upload(name, data, "application/octet-stream").run()


def upload(app, name, data):
    choose_file(app, name, data)
    press(app, "Check and measure it")


def test_a_network_is_brought_measured_and_saved(open_page, submitted, store):
    app = open_page("models", task="handwritten")
    upload(app, "evil.keras", b"a text")
    assert "This is no network that can be read here" in app.error[0].value
    assert jobs_of(submitted, ImportJob) == []
    upload(app, "My net.keras", DATA)
    (job,) = jobs_of(submitted, ImportJob)
    assert job.job.spec.network.data == DATA
    assert job.job.spec.network.file_name == "My net.keras"
    card, files = imported_card("handwritten-cnn")
    job.finish(TrainedModel(files, card))
    app.run()
    assert not app.exception
    assert "99.3" in texts(app)
    assert "It reads values of 0 to 255" in texts(app)
    assert "may have seen these test examples" in texts(app)
    choose_file(app, "other.keras", DATA)
    assert "“My net.keras” was checked before" in texts(app)
    assert not any(button.label == "Save it" for button in app.button)
    choose_file(app, "My net.keras", DATA)
    app.text_input(key=f"model_name_{job.job.id}").set_value("my-net")
    press(app, "Save it")
    assert store.get("my-net").belongs_to(app.session_state["visitor"])


def test_why_a_network_was_refused_is_said_and_another_can_be_tried(open_page, submitted):
    app = open_page("models", task="handwritten")
    upload(app, "a.keras", DATA)
    (job,) = jobs_of(submitted, ImportJob)
    job.fail("It uses layers [x](http://y) that could run code.")
    app.run()
    assert "that could run code" in app.warning[0].value
    assert "[x](http" not in app.warning[0].value
    upload(app, "b.keras", DATA)
    assert len(jobs_of(submitted, ImportJob)) == 2


@pytest.mark.parametrize(
    ("page", "parameters", "said"),
    [
        ("models", {"model": "with-layers"}, "nobody here knows what it learned from"),
        ("models", {"model": "without"}, "no look inside"),
        ("draw", {"model": "without"}, ""),
        ("evaluate", {"task": "handwritten", "model": "without"}, ""),
        ("inside", {"task": "handwritten", "model": "with-layers"}, ""),
        ("inside", {"task": "handwritten", "model": "without"}, "came as a LiteRT file"),
        ("noise", {"task": "handwritten", "models": "with-layers,without"}, ""),
        ("compare", {"task": "handwritten", "models": "with-layers,without"}, ""),
        ("handwriting", {}, "Networks from outside are not offered here"),
        ("atlas", {"model": "display"}, ""),
        ("seven_segment", {"model": "display"}, ""),
    ],
)
def test_every_page_works_with_it_or_says_why_not(open_page, submitted, page, parameters, said):
    app = open_page(page, **parameters)
    assert not app.exception
    assert said in texts(app)
    assert not [each.value for each in app.error if "cannot be" in each.value]
    if page == "models":
        rows = " ".join(str(table.value.to_dict()) for table in app.table)
        assert "SHA-256 of that file" in rows
        assert "nobody here knows" in rows
