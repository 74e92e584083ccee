import json

import numpy as np
import pytest

from core.errors import DatabaseUnavailable
from core.handwriting.arrays import digest
from core.handwriting.config import Outcome
from core.handwriting.sample_files import to_npz
from core.jobs.fine_tuning import FineTuningJob
from core.metrics.accuracy import FIGURES, Accuracy
from core.metrics.paired import PAIRS, PairedAnswers
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.schema import dump
from core.training.card import TrainedModel
from core.training.events import Started
from core.workers.job import WorkerStarted
from tests.pages.conftest import draw, notes, shared
from tests.pages.test_draw import ONE, SEVEN
from ui.components.sheet import COLLECTING
from ui.services import server


def pictures(count, seed=0):
    return np.random.default_rng(seed).integers(1, 256, (count, 28, 28), np.uint8)


def visitor_of(app):
    return app.session_state["visitor"]


def give(app, count=40):
    server.samples().add_all(visitor_of(app), pictures(count), np.arange(count) % 10)
    return app.run()


def button(app, label):
    return next(each for each in app.button if each.label == label)


def texts(elements):
    return "\n".join(element.value for element in elements)


def test_without_samples_it_says_where_they_come_from(open_page):
    app = open_page("handwriting")
    assert not app.exception
    assert "You have no samples yet" in app.info[0].value
    assert button(app, "Teach it").disabled
    assert "You have 0 so far, at most 0 of the same digit." in texts(app.caption)


def test_samples_are_shown_a_page_at_a_time_and_by_digit(open_page):
    app = give(open_page("handwriting"), 45)
    assert not app.exception
    tiles = [e for e in app.get("html") if "digit-lab-tiles" in e.proto.body]
    assert len(tiles) == 20
    app.button_group(key="handwriting_digit").set_value(3).run()
    assert not app.exception
    tiles = [e.proto.body for e in app.get("html") if "digit-lab-tiles" in e.proto.body]
    assert len(tiles) == 5
    assert all("a 3" in tile for tile in tiles)


def test_a_sample_is_relabelled_and_deleted(open_page):
    app = give(open_page("handwriting"), 1)
    me = visitor_of(app)
    (sample,) = server.samples().of(me)
    app.button_group(key=f"relabel_{sample.id}").set_value(7).run()
    assert "The 0 is now a 7." in app.success[0].value
    assert server.samples().counts(me)[7] == 1
    app.button(key=f"delete_{sample.id}").click().run()
    assert "The 7 was deleted" in app.success[0].value
    assert "You have no samples yet" in app.info[0].value


def test_all_are_deleted_after_a_question(open_page):
    app = give(open_page("handwriting"))
    button(app, "Yes, delete them all").click().run()
    assert not app.exception
    assert sum(server.samples().counts(visitor_of(app))) == 0


def test_uploads_are_added_or_refused_with_a_sentence(open_page):
    app = open_page("handwriting")
    data = to_npz(pictures(12), (np.arange(12) % 10).astype(np.uint8))
    app.file_uploader(key="handwriting_upload").upload("mine.npz", data, "application/zip").run()
    assert not app.exception
    assert "12 added." in app.success[0].value
    app.file_uploader(key="handwriting_upload").upload("bad.zip", b"junk", "application/zip").run()
    assert "Nothing was added. This is neither" in app.error[0].value
    assert sum(server.samples().counts(visitor_of(app))) == 12


def test_the_settings_are_in_the_link_and_a_base_of_other_size_has_its_own_layers(open_page):
    app = open_page("handwriting", model="handwritten-dense", frozen="2", share="0.75", epochs="3")
    assert not app.exception
    assert shared(app) == {
        "signs": "0",
        "model": "handwritten-dense",
        "frozen": "2",
        "share": "0.75",
        "epochs": "3",
        "rate": "0.0003",
        "seed": "0",
    }
    app.selectbox(key="teach_base").set_value("handwritten-cnn").run()
    assert not app.exception
    assert app.slider(key="teach_frozen").max == 3
    wrong = open_page("handwriting", model="nobody", frozen="99", share="7", rate="x")
    assert not wrong.exception
    for value in ("nobody", "frozen", "share", "rate"):
        assert f"“{value}”" in notes(wrong)


def outcome_of(app, base="handwritten-dense"):
    model = ModelStore().get(base)
    counts = (4, 9, 440, 438)
    pairs = [PairedAnswers(4, 0, 5, 1), PairedAnswers(430, 10, 8, 2)]
    outcome = Outcome(
        *(Accuracy("own", n, 10) for n in counts[:2]),
        *(Accuracy("built-in test images", n, 450) for n in counts[2:]),
    )
    entry = {
        "samples": {"learned": 30, "kept_aside": 10},
        "before": dump(FIGURES, [outcome.own_before, outcome.base_before]),
        "after": dump(FIGURES, [outcome.own_after, outcome.base_after]),
        "pairs": dump(PAIRS, pairs),
    }
    files = {name: model.read(name) for name in (KERAS_FILE, LITERT_FILE)}
    return TrainedModel(files, model.card.with_entries(fine_tuned=entry, command="python -m x"))


def test_teaching_is_followed_compared_saved_and_found_again(open_page, submitted):
    app = give(open_page("handwriting", model="handwritten-dense", frozen="1"))
    button(app, "Teach it").click().run()
    assert not app.exception
    tuning = submitted[-1]
    spec = tuning.job.spec
    assert isinstance(spec, FineTuningJob)
    assert (spec.base.name, spec.config.frozen) == ("handwritten-dense", 1)
    assert isinstance(spec.samples, bytes)
    assert button(app, "Teach it").disabled
    assert "Waiting for a worker" in app.get("progress")[0].proto.text
    tuning.emit(WorkerStarted(1))
    app.run()
    words = app.get("progress")[0].proto.text
    assert words == "Measuring how well “handwritten-dense” already reads your samples …"
    tuning.emit(Started(5, 320, 10))
    app.run()
    assert "Epoch 1 of 5" in app.get("progress")[0].proto.text
    tuning.finish(outcome_of(app))
    app.run()
    assert not app.exception
    table = app.table[0].value
    assert "4 of 10: **40.0 %**" in table["before"].iloc[0]
    assert "9 of 10: **90.0 %**" in table["after"].iloc[0]
    told = texts(app.markdown)
    assert "Only the new network is right on 5 examples, only the old one on 0. This may be" in told
    assert "Only the new network is right on 8 examples, only the old one on 10." in told
    assert "That probability is *p* = 0.062 (*McNemar's test*, exact)" in told
    assert "Other people's: on 450 built-in test digits" in str(table)
    button(app, "Save it").click().run()
    assert not app.exception
    assert "Saved as “my-handwriting”" in texts(app.success)
    assert ModelStore().get("my-handwriting").card.entries["fine_tuned"]["samples"]["learned"] == 30
    app.switch_page("pages/draw.py").run()
    app.switch_page("pages/handwriting.py").run()
    assert "9 of 10" in app.table[0].value["after"].iloc[0]


def test_a_name_that_is_taken_and_a_failure_get_a_sentence(open_page, submitted):
    app = give(open_page("handwriting"))
    button(app, "Teach it").click().run()
    submitted[-1].finish(outcome_of(app))
    app.run()
    box = next(each for each in app.text_input if each.label == "Name of the new network")
    box.set_value("handwritten-cnn").run()
    button(app, "Save it").click().run()
    assert "There is a model called 'handwritten-cnn'" in app.error[0].value
    button(app, "Teach it").click().run()
    submitted[-1].fail("The worker process ended unexpectedly.")
    app.run()
    assert not app.exception
    assert "ended unexpectedly" in notes(app)
    assert not button(app, "Teach it").disabled


def test_samples_that_cannot_be_kept_aside_are_said_to_be_too_few(open_page, submitted):
    app = give(open_page("handwriting"), 10)
    before = len(submitted)
    assert button(app, "Teach it").disabled  # and not only refused when it is pressed
    said = "".join(caption.value for caption in app.caption)
    assert "at least 10 samples, and at least 4 of one digit" in said
    assert "You have 10 so far, at most 1 of the same digit." in said
    assert len(submitted) == before


def test_without_a_database_the_pages_say_so(open_page, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:////proc/no/such/folder/runs.sqlite3")
    app = open_page("handwriting")
    assert not app.exception
    assert "cannot be opened" in app.error[0].value
    app = draw(open_page("draw"), SEVEN)
    button(app, "Right, it is a 7").click().run()
    assert not app.exception
    assert "cannot be opened" in notes(app)


@pytest.mark.parametrize("answer", ["right", "other"])
def test_a_reading_is_answered_once_and_can_be_taken_back(open_page, answer):
    app = draw(open_page("draw"), SEVEN)
    me = visitor_of(app)
    if answer == "right":
        button(app, "Right, it is a 7").click().run()
        label = 7
    else:
        app.button_group(key="drawing_other").set_value(1).run()
        label = 1
    assert not app.exception
    assert f"Saved as a {label}. You now have 1 sample" in texts(app.success)
    (sample,) = server.samples().of(me)
    assert sample.label == label
    assert len(digest(sample.picture)) == 64
    assert not [each for each in app.button if each.label.startswith("Right")]
    draw(app, ONE)  # another drawing is asked again
    assert [each for each in app.button if each.label.startswith("Right")]
    draw(app, SEVEN)
    button(app, "Take it back").click().run()
    assert server.samples().counts(me) == (0,) * 12
    assert button(app, "Right, it is a 7")


def keep(*drawings):
    """Returns what a browser sends of finished drawings: `(id, label, points)`."""
    return [
        {"id": number, "label": label, "strokes": [{"width": 20, "points": list(points)}]}
        for number, label, points in drawings
    ]


def test_what_is_kept_on_the_sheet_becomes_samples_once(open_page):
    app = open_page("handwriting")
    me = visitor_of(app)
    draw(app, sheet=COLLECTING, revision=3, full=keep((1, 7, SEVEN), (2, 1, ONE)))
    assert not app.exception
    assert sorted(sample.label for sample in server.samples().of(me)) == [1, 7]
    assert sheet_data(app)["taken"] == [1, 2]
    # The browser sends it again until it hears that it came; then it leaves it out.
    draw(app, sheet=COLLECTING, revision=4, full=keep((1, 7, SEVEN), (2, 1, ONE), (3, 7, SEVEN)))
    assert len(server.samples().of(me)) == 2
    draw(app, sheet=COLLECTING, revision=5, full=[])
    assert sheet_data(app)["taken"] == []
    counts = {each["label"]: each["count"] for each in sheet_data(app)["classes"]}
    assert counts[7] == counts[1] == 1
    assert sum(counts.values()) == 2


def sheet_data(app):
    return next(
        data
        for element in app.get("bidi_component")
        if (data := json.loads(element.proto.json or "{}")).get("name") == COLLECTING.name
    )


def test_what_cannot_be_stored_now_is_kept_and_stored_later(open_page, monkeypatch):
    app = open_page("handwriting")
    me = visitor_of(app)
    with monkeypatch.context() as broken:

        def fail(*arguments, **options):
            raise DatabaseUnavailable("The database is locked.")

        broken.setattr(type(server.samples()), "add", fail)
        draw(app, sheet=COLLECTING, revision=1, full=keep((1, 7, SEVEN)))
        assert "Not stored yet" in notes(app)
        assert sheet_data(app)["taken"] == []
    app.run()
    assert [sample.label for sample in server.samples().of(me)] == [7]
    assert sheet_data(app)["taken"] == [1]


def test_a_class_that_does_not_exist_and_a_stroke_beside_the_sheet_are_said(open_page):
    app = open_page("handwriting")
    draw(app, sheet=COLLECTING, revision=1, full=keep((1, 99, SEVEN)))
    assert "was not kept. Expected a digit" in notes(app)
    draw(app, sheet=COLLECTING, revision=2, full=keep((2, 7, (-90, -90))))
    assert "Nothing was on that sheet" in notes(app)
    assert not server.samples().of(visitor_of(app))


def signs_of(app):
    return [each["sign"] for each in sheet_data(app)["classes"]]


def give_signs(app, count=8):
    y = np.repeat([10, 11], count).astype(np.uint8)
    server.samples().add_all(visitor_of(app), pictures(2 * count), y)
    return app.run()


def test_two_signs_join_the_digits_where_the_switch_says_so(open_page):
    app = open_page("handwriting")
    assert signs_of(app) == list("0123456789")
    app.toggle(key="teach_signs").set_value(True).run()
    assert not app.exception
    assert signs_of(app) == list("0123456789AB")
    assert (shared(app)["signs"], shared(app)["rate"]) == ("1", "0.003")
    draw(app, sheet=COLLECTING, revision=1, full=keep((1, 10, SEVEN)))
    (sample,) = server.samples().of(visitor_of(app))
    app.button_group(key=f"relabel_{sample.id}").set_value(11).run()
    assert "The sign A is now your sign B." in app.success[0].value
    assert "A sign needs at least 4 samples" in texts(app.caption)
    assert "You have 1 so far, 0 of sign A and 1 of sign B." in texts(app.caption)
    assert button(app, "Teach it").disabled
    assert signs_of(open_page("handwriting", signs="1")) == list("0123456789AB")
    assert "signs" in notes(open_page("handwriting", signs="7"))


def test_the_learning_rate_follows_the_switch_unless_another_was_chosen(open_page):
    app = open_page("handwriting", signs="1")
    assert shared(app)["rate"] == "0.003"
    app.toggle(key="teach_signs").set_value(False).run()
    assert shared(app)["rate"] == "0.0003"
    app = open_page("handwriting", signs="1", rate="0.0001")
    assert shared(app)["rate"] == "0.0001"
    app.toggle(key="teach_signs").set_value(False).run()
    assert shared(app)["rate"] == "0.0001"


def test_signs_are_taught_only_with_the_switch_on(open_page, submitted):
    app = give_signs(give(open_page("handwriting", model="handwritten-dense")))
    assert "Your samples of signs (16) are left out" in texts(app.caption)
    button(app, "Teach it").click().run()
    assert not submitted[-1].job.spec.config.signs
    submitted[-1].fail("Stopped.")
    app.toggle(key="teach_signs").set_value(True).run()
    assert "The last layer gets two more outputs" in texts(app.caption)
    assert "- :material/school: Dense, softmax, 780 weights" in texts(app.markdown)
    button(app, "Teach it").click().run()
    assert submitted[-1].job.spec.config.signs


def test_the_result_tells_signs_digits_and_other_people_apart(open_page, submitted):
    app = give_signs(open_page("handwriting", model="handwritten-dense", signs="1"))
    button(app, "Teach it").click().run()
    taught = outcome_of(app)
    signs = [Accuracy("own signs kept aside", n, 4) for n in (0, 4)]
    digits = [Accuracy("own digits kept aside", n, 10) for n in (4, 9)]
    entry = {**taught.card.entries["fine_tuned"]}
    entry["own_parts"] = [dump(FIGURES, part) for part in (signs, digits)]
    card = taught.card.with_entries(fine_tuned=entry, task="handwritten-signs")
    submitted[-1].finish(TrainedModel(taught.files, card))
    app.run()
    assert not app.exception
    table = app.table[0].value
    assert [words.split(":")[0] for words in table["Right on …"]] == [
        "Your signs",
        "Your digits",
        "Other people's",
    ]
    assert table["before"].iloc[0] == "0 right: it had no output for signs"
    assert "4 of 4" in table["after"].iloc[0]
    assert "4 of 10" in table["before"].iloc[1]
    assert "an output for each of the ten digits and none for a sign" in texts(app.markdown)


def test_a_sample_that_looks_like_another_digit_is_kept_and_said(open_page):
    app = open_page("handwriting")
    draw(app, sheet=COLLECTING, revision=1, full=keep((1, 3, ONE)))
    assert "Kept as a 3, but “handwritten” reads a 1." in notes(app)
    assert [sample.label for sample in server.samples().of(visitor_of(app))] == [3]
    draw(app, sheet=COLLECTING, revision=2, full=keep((2, 7, SEVEN)))
    assert not notes(app)


def test_what_went_wrong_is_said_though_the_next_sample_is_fine(open_page):
    app = open_page("handwriting")
    draw(app, sheet=COLLECTING, revision=1, full=keep((1, 7, (-90, -90)), (2, 7, SEVEN)))
    assert "Nothing was on that sheet" in notes(app)
    assert len(server.samples().of(visitor_of(app))) == 1
