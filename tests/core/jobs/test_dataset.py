"""Data summarised and laid out on a map, with the worker's part done here."""

import sys
import threading

import numpy as np
import pytest

from core.errors import InvalidInput
from core.jobs.dataset import TSNE_STEPS, SummaryJob, TsneJob
from core.workers.job import WorkerStarted
from core.workers.progress import Progress
from tests.support.jobs import HandPlayedJob, RecordingContext


def summary(**changes):
    asked = {
        "task": "seven-segment",
        "source": "generated",
        "noise": "flip",
        "level": 0.15,
        "seed": 0,
    }
    return SummaryJob(**{**asked, **changes})


def test_a_data_set_is_summarised_and_the_steps_reported():
    played = HandPlayedJob(summary())
    assert (played.job.state, played.job.progress.note) == ("waiting", "")
    assert played.job.result is None
    played.emit(WorkerStarted(1))
    assert played.job.state == "running"
    notes = [report.note for report in played.work().reports]
    assert (notes[0], notes[-1]) == ("Opening the data", "Drawing the map")
    assert played.job.seconds >= 0
    assert [part.size for part in played.job.result.parts] == [22_000, 4_400, 11_000, 10]


def test_the_step_that_is_done_now_is_the_note_of_the_progress():
    played, notes = HandPlayedJob(summary()), []

    def listen(event):
        played.emit(event)
        notes.append(played.job.progress.note)

    context = RecordingContext(listener=listen)
    played.spec.run(context)
    assert notes == [report.note for report in context.reports]
    assert played.job.progress.note == "Drawing the map"


def test_without_noise_the_data_are_left_as_they_are():
    found = summary(noise="", level=0.0).run(RecordingContext())
    assert [part.name for part in found.parts] == [
        "training",
        "validation",
        "clean patterns",
    ]
    assert not found.samples["training"][8].pictures.min(axis=0).max() < 255


def test_a_noise_that_there_is_not_is_said():
    with pytest.raises(InvalidInput, match="fog"):
        summary(noise="fog").run(RecordingContext())


def test_the_file_that_a_data_set_is_comes_with_the_job(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_UPLOADS", str(tmp_path))
    summary(upload=b"a file").run(RecordingContext())
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"a file"]


def test_t_sne_reports_how_far_it_is_and_keeps_groups_together(capsys):
    generator = np.random.default_rng(0)
    groups = np.repeat([[0.0] * 5, [20.0] * 5], 30, axis=0)
    played = HandPlayedJob(TsneJob((groups + generator.random((60, 5))).astype(np.float32)))
    job = played.job
    assert (job.progress.share, job.progress.seconds_left, job.result) == (0, None, None)
    played.emit(Progress(TSNE_STEPS // 4, TSNE_STEPS, 2.0))
    assert (job.progress.share, job.progress.seconds_left) == (0.25, 6.0)
    done = [report.done for report in played.work().reports]
    assert len(done) > 5
    assert job.result.shape == (60, 2)
    centres = job.result.reshape(2, 30, 2).mean(axis=1)
    radius = np.abs(job.result.reshape(2, 30, 2) - centres[:, None]).mean()
    assert np.abs(centres[0] - centres[1]).max() > radius
    assert capsys.readouterr().out == ""


def test_two_maps_in_one_process_do_not_mix_their_progress():
    """Another cluster's workers may have several threads, but only one standard output."""
    output = sys.stdout
    spec = TsneJob(np.random.default_rng(0).random((60, 5)).astype(np.float32))
    contexts = [RecordingContext(), RecordingContext()]
    maps = [None, None]

    def work(number):
        maps[number] = spec.run(contexts[number])

    threads = [threading.Thread(target=work, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sys.stdout is output
    first, second = ([report.done for report in context.reports] for context in contexts)
    assert first == second == sorted(first)
    assert len(first) > 5
    assert np.array_equal(*maps)
