"""The form that combines models, on the Noise page."""

import shutil

import pytest

from core.errors import LimitReached
from core.jobs.ensemble import EnsembleJob
from core.models.ensemble_builder import ensemble_card
from core.models.store import ModelStore
from core.training.card import TrainedModel
from core.workers.job import WorkerStarted
from core.workers.progress import Progress
from tests.pages.conftest import jobs_of, notes
from tests.support.models import save_copy
from ui.services import user_jobs

MEMBERS = "ensemble_members_seven-segment"


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    """A folder with three networks of seven segments and two of handwriting."""
    made = ModelStore(tmp_path / "models")
    for name in ("seven-segment", "second", "third"):
        save_copy(made, "seven-segment", name)
    for name in ("handwritten-dense", "handwritten-cnn"):
        save_copy(made, name, name)
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(made.root))
    return made


def button(app, label):
    return next(each for each in app.button if each.label == label)


def texts(elements):
    return "\n".join(element.value for element in elements)


def errors(app):
    return texts(app.error)


def ensembles_of(submitted):
    return jobs_of(submitted, EnsembleJob)


def made(store, *names, **options):
    return TrainedModel({}, ensemble_card([store.get(name) for name in names], **options))


def start(app, *names, vote="mean"):
    app.multiselect(key=MEMBERS).set_value(list(names)).run()
    app.radio(key="ensemble_vote").set_value(vote).run()
    button(app, "Combine").click().run()
    assert not app.exception
    return app


def test_at_first_there_is_nothing_to_combine(open_page, submitted):
    app = open_page("noise", part="together")
    assert not app.exception
    assert button(app, "Combine").disabled
    assert app.multiselect(key=MEMBERS).options == ["seven-segment", "second", "third"]
    assert not [each for each in app.toggle if each.label == "Test-time augmentation"]
    app.multiselect(key=MEMBERS).set_value(["second"]).run()
    assert button(app, "Combine").disabled
    assert "Choose at least two networks" in texts(app.caption)
    assert not ensembles_of(submitted)


def test_with_one_network_it_says_that_two_are_needed(open_page, store):
    for name in ("second", "third"):
        shutil.rmtree(store.root / name)
    app = open_page("noise", part="together")
    assert not app.exception
    assert "An ensemble needs at least two networks for seven-segment digits" in texts(app.info)


def test_combining_is_followed_found_again_shown_and_saved(open_page, submitted, store):
    app = start(open_page("noise", part="together"), "second", "third", vote="weighted")
    ensemble = ensembles_of(submitted)[-1]
    assert ensemble.job.spec == EnsembleJob(
        "seven-segment",
        store.folder,
        ("second", "third"),
        "weighted",
        weights=(),
        test_time_augmentation=False,
        source="generated",
    )
    assert button(app, "Combine").disabled

    def progress():
        return [each.proto.text for each in app.get("progress")]

    assert "Waiting for a worker process to be ready …" in progress()
    ensemble.emit(WorkerStarted(1))
    app.run()
    assert "Opening the examples …" in progress()
    ensemble.emit(Progress(30, 40, 9.0, "third"))
    app.run()
    assert "“third” is answering, about 3 s left" in progress()
    app.switch_page("pages/draw.py").run()
    app.switch_page("pages/noise.py").run()
    assert "“third” is answering, about 3 s left" in progress()
    assert "Under way: second, third" in texts(app.caption)
    ensemble.finish(made(store, "second", "third", vote="weighted"))
    app.run()
    assert not app.exception
    table = app.table[0].value
    assert list(table[table.columns[0]]) == ["**together**", "`second` alone", "`third` alone"]
    assert list(table["weight"]) == ["", "50.0 %", "50.0 %"]
    exact = table["exact, bit flip at 0.15"]  # three times the same network
    assert exact.iloc[0] == exact.iloc[1] == exact.iloc[2] == "62.02 %"
    assert "of 11,000: **" in table[table.columns[3]].iloc[0]
    assert table["on all 10 clean patterns"].iloc[0] == "10 of 10: **100.0 %** (exactly)"
    assert "they are exactly as good as the best member alone" in texts(app.markdown)
    assert "(exact, bit flip at 0.15, where 62.1 % is the best possible)" in texts(app.markdown)
    box = next(each for each in app.text_input if each.label == "Name of the ensemble")
    box.set_value("second").run()
    button(app, "Save it").click().run()
    assert "There is a model called 'second' already" in errors(app) or "own member" in errors(app)
    box.set_value("No such name!").run()
    button(app, "Save it").click().run()
    assert "A model's name has" in errors(app)
    box.set_value("seven-segment-flip").run()  # a bundled one that this server does not have
    button(app, "Save it").click().run()
    assert "'seven-segment-flip' is kept for a model that comes with Digit Lab" in errors(app)
    box.set_value("together").run()
    button(app, "Save it").click().run()
    assert not app.exception
    assert "Saved as “together”" in texts(app.success)
    assert "together" in app.multiselect(key="noise_models").options
    assert "together" not in app.multiselect(key=MEMBERS).options
    assert store.get("together").weights == (0.5, 0.5)
    app.switch_page("pages/seven_segment.py").run()
    assert "together" in app.selectbox(key="segment_model").options


def test_own_weights_and_five_looks_are_handed_over(open_page, submitted):
    app = open_page("noise", part="together", task="handwritten", models="handwritten-dense")
    names = ["handwritten-dense", "handwritten-cnn"]
    app.multiselect(key="ensemble_members_handwritten").set_value(names).run()
    app.radio(key="ensemble_vote").set_value("weighted").run()
    app.button_group(key="ensemble_whose_weights").set_value("own").run()
    app.number_input(key="ensemble_weight_handwritten_handwritten-cnn").set_value(2.5).run()
    app.toggle(key="ensemble_shifts").set_value(True).run()
    button(app, "Combine").click().run()
    assert not app.exception
    ensemble = ensembles_of(submitted)[-1]
    spec = ensemble.job.spec
    assert (spec.members, spec.vote) == (tuple(names), "weighted")
    assert (spec.weights, spec.test_time_augmentation) == ((1.0, 2.5), True)
    app.selectbox(key="noise_task").set_value("seven-segment").run()
    assert "Your ensemble for handwritten digits is being measured" in texts(app.caption)
    assert not [each for each in app.button if each.label == "Stop"]
    ensemble.fail("Over.")


def test_weights_that_are_all_0_get_a_sentence(open_page, submitted):
    app = open_page("noise", part="together")
    app.multiselect(key=MEMBERS).set_value(["second", "third"]).run()
    app.radio(key="ensemble_vote").set_value("weighted").run()
    app.button_group(key="ensemble_whose_weights").set_value("own").run()
    for name in ("second", "third"):
        app.number_input(key=f"ensemble_weight_seven-segment_{name}").set_value(0.0).run()
    button(app, "Combine").click().run()
    assert not app.exception
    assert "not all of them 0" in errors(app)
    assert not ensembles_of(submitted)


def test_data_that_is_not_here_is_replaced_and_said(open_page, submitted, monkeypatch):
    monkeypatch.setenv("MNIST_PATH", "/no/such/file")
    app = open_page("noise", part="together", task="handwritten", models="handwritten-dense")
    names = ["handwritten-dense", "handwritten-cnn"]
    app.multiselect(key="ensemble_members_handwritten").set_value(names).run()
    assert "“Built-in digits”" in texts(app.caption)
    assert "is not on this machine" in texts(app.caption)
    button(app, "Combine").click().run()
    assert ensembles_of(submitted)[-1].job.spec.source == "built-in"
    ensembles_of(submitted)[-1].fail("Over.")


def test_failures_get_a_sentence_and_it_can_begin_again(open_page, submitted, store):
    app = start(open_page("noise", part="together"), "second", "third")
    ensembles_of(submitted)[-1].fail("The worker processes could not be started.")
    app.run()
    assert "could not be started" in notes(app)
    assert not button(app, "Combine").disabled
    shutil.rmtree(store.root / "third")  # while the page is open
    button(app, "Combine").click().run()
    assert not app.exception
    assert "no model called 'third'" in errors(app)
    assert len(ensembles_of(submitted)) == 1


def test_a_member_that_goes_before_it_is_saved_gets_a_sentence(open_page, submitted, store):
    app = start(open_page("noise", part="together"), "second", "third", vote="majority")
    ensembles_of(submitted)[-1].finish(made(store, "second", "third", vote="majority"))
    app.run()
    shutil.rmtree(store.root / "third")
    button(app, "Save it").click().run()
    assert not app.exception
    assert "Its member third is not here" in errors(app)
    assert "my-ensemble" not in store.names()


def test_a_stop_is_sent_once(open_page, submitted):
    app = start(open_page("noise", part="together"), "second", "third")
    ensemble = ensembles_of(submitted)[-1]
    sent = []
    ensemble.attach(sent.append)
    button(app, "Stop").click().run()
    assert [command.kind for command in sent] == ["stop"]
    assert button(app, "Stop").disabled
    ensemble.fail("It was stopped, and nothing was kept.")
    app.run()
    assert "It was stopped" in notes(app)


def test_another_of_the_same_person_waits_for_the_first(open_page, submitted, store):
    app = start(open_page("noise", part="together"), "second", "third")
    owner = app.session_state["visitor"]
    with pytest.raises(LimitReached, match="Your ensemble is still under way"):
        user_jobs.ensemble_jobs().start(owner, lambda: pytest.fail("it was begun"))
