import io
import re

import numpy as np
import pytest
from scipy.io import savemat

from core.datasets import uploads
from core.jobs.dataset import SummaryJob, TsneJob
from core.models.store import ModelStore
from core.tasks.base import get_task
from core.workers.job import WorkerStarted
from core.workers.progress import Progress
from tests.pages.conftest import notes, shared
from tests.support.jobs import RecordingContext
from ui.services import saved_models


def captions(app):
    return "\n".join(element.value for element in app.caption)


def text(app):
    return "\n".join(element.value for element in app.markdown)


def headings(app):
    return [element.value for element in app.subheader]


def do(submitted, place=-1):
    """Does a job here that a page has handed to the workers."""
    producer = submitted[place]
    producer.finish(producer.job.spec.run(RecordingContext(listener=producer.emit)))


def progress(app):
    (bar,) = app.get("progress")
    return bar.proto.text


def tiles(app):
    return [
        e.proto.body.count("<img") for e in app.get("html") if 'class="digit-lab-t' in e.proto.body
    ]


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


@pytest.fixture
def built_in(open_page, submitted):
    """The page on the built-in digits, looked through."""
    app = open_page("dataset", task="handwritten", data="built-in")
    do(submitted)
    app.run()
    assert not app.exception
    return app


def test_a_first_visit_says_what_it_waits_for(open_page, submitted):
    app = open_page("dataset", task="handwritten", data="built-in")
    assert not app.exception
    assert "Waiting for a worker process to be ready" in progress(app)
    asked = SummaryJob("handwritten", "built-in", noise="", level=0.0, seed=0, upload=None)
    assert [producer.job.spec for producer in submitted] == [asked]
    submitted[0].emit(WorkerStarted(1))
    app.run()
    assert "Waiting for a worker process to be ready" in progress(app)
    submitted[0].emit(Progress(note="Computing mean and spread"))
    app.run()
    assert re.search(r"Computing mean and spread … \d+ s so far", progress(app))


def test_sizes_balance_samples_means_and_a_map_are_shown(built_in, submitted):
    assert [metric.value for metric in built_in.metric] == ["1,077", "270", "450"]
    assert headings(built_in) == [
        "Shape and size",
        "How many of each class",
        "Mean and spread of each class",
        "A map of the examples",
    ]
    assert "**784 numbers**" in text(built_in)
    assert "All classes in turn, from the training part: 1 to 60" in captions(built_in)
    assert tiles(built_in) == [60, 10, 10, 1, 6]
    assert "of the variance" in captions(built_in) or "(the variance)" in captions(built_in)
    assert shared(built_in)["data"] == "built-in"
    assert len(submitted) == 1


def test_the_wall_of_digits_comes_first(built_in):
    """Before any heading, number or chart."""
    kinds = [
        e.type
        for e in built_in.main
        if e.type in ("subheader", "metric", "bidi_component")
        or (e.type == "html" and "<img" in e.proto.body)
    ]
    assert kinds[0] == "html"


def test_samples_are_paged_and_their_part_is_named(built_in):
    built_in.button_group(key="dataset_part").set_value("test").run()
    press(built_in, "Next")
    assert any("61 to 120" in element.value for element in built_in.caption)
    built_in.button_group(key="dataset_class").set_value(0).run()
    assert "Class “0” in the test part (built-in test images): examples 1 to 24 of 45" in captions(
        built_in
    )
    press(built_in, "Next")
    assert "Page 2 of 2" in [element.value for element in built_in.text]
    assert "examples 25 to 45 of 45" in captions(built_in)
    assert next(b for b in built_in.button if b.label == "Next").disabled
    built_in.button_group(key="dataset_part").set_value("training").run()
    assert not built_in.exception
    assert "in the training part: examples" in captions(built_in)
    built_in.button_group(key="dataset_class").set_value(7).run()
    assert "Class “7” in the training part" in captions(built_in)
    assert "Page 1 of 5" in [element.value for element in built_in.text]


def test_a_link_holds_the_part_and_the_class(open_page, built_in):
    assert shared(built_in)["part"] == "training"
    built_in.button_group(key="dataset_part").set_value("test").run()
    built_in.button_group(key="dataset_class").set_value(7).run()
    link = shared(built_in)
    assert (link["part"], link["class"]) == ("test", "7")
    again = open_page("dataset", **link)
    assert "Class “7” in the test part" in captions(again)
    wrong = open_page("dataset", **{**link, "class": "77"})
    assert "There is no such class here" in notes(wrong)
    assert shared(wrong)["class"] == ""


def test_t_sne_is_made_in_a_worker_once(built_in, submitted):
    built_in.button_group(key="dataset_map_method").set_value("tsne").run()
    assert not built_in.exception
    assert len(submitted) == 2
    assert isinstance(submitted[1].job.spec, TsneJob)
    assert submitted[1].job.spec.components.shape == (450, 50)
    assert "Waiting for a worker process to be ready" in progress(built_in)
    submitted[1].emit(Progress(250, 1000, 2.0))
    built_in.run()
    assert progress(built_in) == "Arranging the points (a few seconds, only once), about 6 s left"
    submitted[1].finish(np.zeros((450, 2), np.float32))
    built_in.run()
    assert not built_in.exception
    assert "Only these neighbourhoods mean something" in captions(built_in)
    assert "seed 0" in captions(built_in)
    built_in.number_input(key="dataset_point_handwritten_built-in").set_value(450).run()
    assert not built_in.exception
    assert len(submitted) == 2


def test_a_map_that_failed_can_be_made_again(built_in, submitted):
    built_in.button_group(key="dataset_map_method").set_value("tsne").run()
    submitted[1].fail("The worker processes were lost.")
    built_in.run()
    assert "lost" in built_in.error[0].value
    press(built_in, "Try again")
    assert len(submitted) == 3


def test_data_that_cannot_be_looked_through_are_said_and_tried_again(open_page, submitted):
    app = open_page("dataset", task="handwritten", data="built-in")
    submitted[0].fail("The data is gone.")
    app.run()
    assert app.error[0].value == "The data is gone."
    press(app, "Try again")
    assert len(submitted) == 2


def test_the_display_is_explained_at_once_and_exactly(open_page, submitted):
    app = open_page("dataset", task="seven-segment", noise="missing", level="0.3")
    assert not app.exception
    assert "Ten clean patterns out of 128" in headings(app)
    assert "A map of the patterns" in headings(app)
    asked = SummaryJob("seven-segment", "generated", "missing", 0.3, seed=0, upload=None)
    assert submitted[0].job.spec == asked
    do(submitted)
    app.run()
    assert not app.exception
    assert [metric.value for metric in app.metric] == ["22,000", "4,400", "11,000", "10"]
    assert "the classes are **even**" in text(app)
    app.select_slider(key="dataset_level").set_value(0).run()
    assert not app.exception
    assert "Each point is one of the 10 patterns that can appear" in text(app)
    do(submitted)
    app.run()
    assert not app.exception
    assert shared(app)["level"] == "0"


def test_wrong_values_in_a_link_become_the_defaults_with_a_note(open_page):
    app = open_page("dataset", task="chess", data="nothing", level="9")
    assert not app.exception
    assert "“task” and “level” were not used" in notes(app)
    assert "“nothing” is not a choice for “Data”" in notes(app)


def test_changing_the_task_changes_the_data_without_a_note(built_in, submitted):
    built_in.selectbox(key="dataset_task").set_value("seven-segment").run()
    assert not built_in.exception
    assert notes(built_in) == ""
    asked = submitted[-1].job.spec
    assert isinstance(asked, SummaryJob)
    assert (asked.task, asked.source) == ("seven-segment", "generated")


def course_file(seed=0, rows=200):
    file = io.BytesIO()
    labels = np.arange(rows)[:, None] % 10 + 1
    savemat(file, {"X": np.random.default_rng(seed).random((rows, 400)), "y": labels})
    return file.getvalue()


def options(app):
    return app.selectbox(key="dataset_source").options


def test_a_link_opens_an_upload_and_its_worker_is_given_the_file(open_page, submitted, tmp_path):
    content = course_file()
    name = uploads.keep(content)
    app = open_page("dataset", task="course-lab", data=name)
    assert not app.exception
    assert notes(app) == ""
    assert options(app)[-1] == f"{get_task('course-lab').upload.title} ({name[-4:]})"
    assert "The file that you uploaded" in captions(app)
    asked = SummaryJob("course-lab", name, noise="", level=0.0, seed=0, upload=content)
    assert submitted[0].job.spec == asked
    (tmp_path / "uploads" / name).unlink()  # as on another machine
    do(submitted)
    app.run()
    assert not app.exception
    assert [metric.value for metric in app.metric] == ["140", "20", "40"]
    assert shared(app)["data"] == name


def test_an_upload_is_not_shown_to_those_who_do_not_know_its_name(open_page):
    name = uploads.keep(course_file())
    app = open_page("dataset", task="course-lab")
    assert not any(name[-4:] in title for title in options(app))
    assert shared(app)["data"] == get_task("course-lab").available_source().name


@pytest.mark.parametrize("task", ["course-lab", "handwritten"])
def test_an_upload_that_is_not_here_or_of_another_task_is_said(open_page, task):
    name = uploads.keep(course_file())
    gone = name[:-1] + ("0" if name[-1] != "0" else "1")
    app = open_page("dataset", task=task, data=gone if task == "course-lab" else name)
    assert not app.exception
    assert "is not a choice for “Data”" in notes(app)
    assert shared(app)["data"] == get_task(task).available_source().name


def test_what_a_saved_model_learned_from_is_offered_by_every_page(open_page, monkeypatch, tmp_path):
    bundled = ModelStore()
    name = uploads.keep(course_file())
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path / "models"))
    network = {"filters": [], "kernel_size": 3, "hidden": [25, 15]}
    source = bundled.get("handwritten-dense")
    files = {file: source.read(file) for file in source.card.files}
    card = source.card.with_entries(
        task="course-lab",
        source=name,
        architecture=source.card.entries["architecture"] | network,
    )
    ModelStore().save("mine", files, card)
    monkeypatch.setattr(saved_models, "problem", lambda model: "")  # its network is another's
    app = open_page("dataset", task="course-lab")
    assert not app.exception
    assert options(app)[-1].endswith(f"({name[-4:]})")
    assert shared(app)["data"] != name
    for page, key in (
        ("train", "train_source"),
        ("evaluate", "evaluate_source"),
        ("inside", "inside_source"),
    ):
        other = open_page(page, task="course-lab", data=name, model="mine")
        assert not other.exception, page
        assert other.selectbox(key=key).options[-1].endswith(f"({name[-4:]})")
        assert shared(other)["data"] == name
