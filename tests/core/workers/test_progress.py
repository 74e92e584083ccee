import pytest

from core.workers.progress import Progress


def test_work_that_has_reported_nothing_is_not_begun():
    assert Progress() == Progress(0, 0, 0.0, "")
    assert (Progress().share, Progress().seconds_left) == (0.0, None)


def test_the_rest_takes_as_long_as_what_is_done():
    progress = Progress(250, 1000, 2.0, "reading")
    assert (progress.done, progress.total, progress.seconds) == (250, 1000, 2.0)
    assert progress.note == "reading"
    assert progress.share == 0.25
    assert progress.seconds_left == pytest.approx(6)


def test_the_beginning_does_not_tell_how_long_it_takes():
    assert Progress(0, 80, 1.5).seconds_left is None


@pytest.mark.parametrize("done", [80, 81])
def test_the_end_is_the_end(done):
    assert (Progress(done, 80, 3.0).share, Progress(done, 80, 3.0).seconds_left) == (1.0, 0.0)
