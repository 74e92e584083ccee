"""Looking through data in a worker, with the worker's part done here."""

import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from core.errors import InvalidInput
from core.jobs.dataset import TSNE_STEPS, Arrangement, LookThrough
from core.workers.pool import Job


class FakeWorkers:
    def submit(self, work, *arguments):
        self.work, self.arguments, self.job = work, arguments, Job("job")
        return self.job

    def do(self):
        result = self.work(SimpleNamespace(tell=self.job._add), *self.arguments)
        self.job._finish(result)


def look(workers, **changes):
    asked = {
        "task_name": "seven-segment",
        "source": "generated",
        "noise": "flip",
        "level": 0.15,
        "seed": 0,
    }
    return LookThrough.start(workers, **{**asked, **changes})


def test_a_data_set_is_looked_through_and_the_steps_told():
    workers = FakeWorkers()
    work = look(workers)
    assert work.step.startswith("Waiting")
    assert work.summary is None
    workers.job._add({"kind": "worker", "pid": 1})
    assert work.step == "Opening the data"
    workers.do()
    assert work.step == "Drawing the map"
    assert work.seconds >= 0
    assert [part.size for part in work.summary.parts] == [22_000, 4_400, 11_000, 10]


def test_without_noise_the_data_are_left_as_they_are():
    workers = FakeWorkers()
    work = look(workers, noise="", level=0.0)
    workers.do()
    assert [part.name for part in work.summary.parts] == [
        "training",
        "validation",
        "clean patterns",
    ]
    assert not work.summary.samples["training"][8].pictures.min(axis=0).max() < 255


def test_a_noise_that_there_is_not_is_said():
    workers = FakeWorkers()
    look(workers, noise="fog")
    with pytest.raises(InvalidInput, match="fog"):
        workers.do()


def test_t_sne_tells_how_far_it_is_and_keeps_groups_together(capsys):
    generator = np.random.default_rng(0)
    groups = np.repeat([[0.0] * 5, [20.0] * 5], 30, axis=0)
    workers = FakeWorkers()
    work = Arrangement.start(workers, (groups + generator.random((60, 5))).astype(np.float32))
    assert (work.share, work.seconds_left, work.points) == (0, None, None)
    quarter = {"done": TSNE_STEPS // 4, "total": TSNE_STEPS, "seconds": 2.0}
    workers.job._add({"kind": "arranged", **quarter})
    assert (work.share, work.seconds_left) == (0.25, 6.0)
    workers.do()
    told = [event["done"] for event in workers.job.events if event["kind"] == "arranged"]
    assert len(told) > 5
    assert work.points.shape == (60, 2)
    centres = work.points.reshape(2, 30, 2).mean(axis=1)
    radius = np.abs(work.points.reshape(2, 30, 2) - centres[:, None]).mean()
    assert np.abs(centres[0] - centres[1]).max() > radius
    assert capsys.readouterr().out == ""


def test_two_maps_in_one_process_do_not_mix_their_progress():
    """Another cluster's workers may have several threads, but only one standard output."""
    output = sys.stdout
    components = np.random.default_rng(0).random((60, 5)).astype(np.float32)
    both = [FakeWorkers(), FakeWorkers()]
    for workers in both:
        Arrangement.start(workers, components)
    threads = [threading.Thread(target=workers.do) for workers in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sys.stdout is output
    first, second = (
        [event["done"] for event in workers.job.events if event["kind"] == "arranged"]
        for workers in both
    )
    assert first == second == sorted(first)
    assert np.array_equal(both[0].job.result, both[1].job.result)
