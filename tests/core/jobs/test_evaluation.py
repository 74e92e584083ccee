import numpy as np
import pytest

from core.jobs.evaluation import Asking, HeldOut, Opening, ask, evaluation_of, open_parts
from core.models.store import ModelStore
from core.tasks.base import get_task
from core.workers.pool import Job


class Told:
    """A reporter that keeps what it is told."""

    def __init__(self):
        self.events = []

    def tell(self, event):
        self.events.append(event)


def folder():
    return str(ModelStore().root)


def test_displays_come_with_the_noise_that_their_network_learned():
    model = ModelStore().get("seven-segment")
    data = HeldOut.of(model, "generated")
    assert (data.noise, data.level) == (model.card["noise"], model.card["noise_level"])
    assert data.seed == model.card["seed"]


def test_pictures_are_the_same_for_all_networks():
    dense, cnn = (ModelStore().get(f"handwritten-{name}") for name in ("dense", "cnn"))
    assert HeldOut.of(dense, "built-in") == HeldOut.of(cnn, "built-in")
    assert HeldOut.of(dense, "built-in") == HeldOut("handwritten", "built-in")


def test_a_seven_segment_network_has_the_accuracy_of_its_card():
    model = ModelStore().get("seven-segment")
    data = HeldOut.of(model, "generated")
    shown, told = open_parts(Told(), data), Told()
    measured = ask(told, folder(), model.name, data)
    figures = [evaluation_of(*parts).accuracy for parts in zip(shown, measured, strict=True)]
    assert tuple(figures) == model.figures
    assert shown[0].shown.shape == (11_000, 7)
    assert set(np.unique(shown[0].shown)) == {0, 1}
    assert (told.events[-1]["done"], told.events[-1]["total"]) == (11_010, 11_010)


def test_pictures_are_kept_as_bytes():
    data = HeldOut("handwritten", "built-in")
    (part,) = open_parts(Told(), data)
    assert (part.shown.dtype, part.shown.shape) == (np.uint8, (450, 28, 28))
    (test,) = get_task("handwritten").source("built-in").held_out(None, 0.0, 0).tests.values()
    assert np.array_equal(part.y, test.y)
    assert part.shown[3] == pytest.approx(255 * test.x[3, ..., 0], abs=0.51)


def test_the_asking_tells_how_far_it_is():
    asking = Asking("dense", Job("one"))
    assert (asking.share, asking.seconds_left, asking.parts) == (0, None, ())
    asking.job._add({"kind": "worker", "pid": 1})
    asking.job._add({"kind": "asked", "done": 250, "total": 1000, "seconds": 2.0})
    assert (asking.share, asking.seconds_left) == (0.25, pytest.approx(6))
    asking.job._finish(("part",))
    assert asking.parts == ("part",)


def test_examples_that_are_not_there_are_no_parts():
    opening = Opening(Job("one"))
    opening.job._fail("There is no such data.")
    assert opening.parts == ()
