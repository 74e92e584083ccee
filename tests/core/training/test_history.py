"""What is made of a run's events, fed by hand: no worker process is needed for that."""

import pytest

from core.training.events import (
    SLOW_SECONDS,
    BatchDone,
    EpochDone,
    Failed,
    Finished,
    LearningRateChanged,
    Note,
    PaceChanged,
    Paused,
    Queued,
    Resumed,
    Started,
)
from core.training.history import MAX_POINTS, History

STARTED = Started(parameters=100, examples=1000, batches=10)


def batch(epoch, number, seconds=1.0, rate=0.01):
    return BatchDone(epoch, number, 0.5, 0.8, seconds, rate)


def epoch(number, seconds=1.0, val_loss=0.6):
    return EpochDone(number, 0.5, 0.8, val_loss, 0.7, seconds, 0.01)


def history(*events, epochs=4):
    return History.of(events, epochs_wanted=epochs)


@pytest.mark.parametrize(
    ("events", "share", "under_way"),
    [
        ((), 0.0, 1),
        ((STARTED,), 0.0, 1),
        ((STARTED, batch(1, 5)), 0.125, 1),
        ((STARTED, batch(1, 5), epoch(1)), 0.25, 2),
        ((STARTED, batch(1, 5), epoch(1), batch(2, 5)), 0.375, 2),
        ((STARTED, epoch(1), Paused(2, 7)), 0.425, 2),
        ((STARTED, *map(epoch, (1, 2, 3, 4))), 1.0, 4),
    ],
)
def test_progress_counts_epochs_and_the_batches_of_the_one_under_way(events, share, under_way):
    story = history(*events)
    assert story.share == pytest.approx(share)
    assert story.epoch == under_way


def test_the_time_left_is_unknown_first_and_then_follows_from_the_speed():
    assert history(STARTED, batch(1, 1), epochs=2).seconds_left is None
    # The first report starts the clock: from 3 to 5 seconds for 8 batches of 100 examples.
    story = history(STARTED, batch(1, 2, 3.0), batch(1, 6, 4.0), epoch(1, 5.0), epochs=2)
    assert story.examples_per_second == pytest.approx(400)
    assert story.seconds_left == pytest.approx(2.5)
    assert history(STARTED, batch(1, 1), batch(1, 1), epochs=2).examples_per_second is None
    ended = history(STARTED, batch(1, 2, 3.0), epoch(1, 5.0), Finished("stopped", 1, 1), epochs=2)
    assert ended.seconds_left is None


def test_slow_motion_is_part_of_the_story_and_of_the_time_left():
    reports = (STARTED, batch(1, 2, 3.0), batch(1, 6, 4.0), epoch(1, 5.0))
    assert not history(*reports).slow
    slow = history(PaceChanged(slow=True), *reports)
    assert slow.slow
    fast = history(PaceChanged(slow=True), *reports, PaceChanged(slow=False))
    assert not fast.slow
    # Epoch 2 of 4 is under way: after it and after the third there is a wait.
    assert slow.seconds_left == pytest.approx(fast.seconds_left + 2 * SLOW_SECONDS)


def test_what_a_lost_worker_did_after_its_last_checkpoint_is_counted_once():
    again = Started(100, 1000, 10, epoch=2, batch=3)
    story = history(
        Queued(),
        STARTED,
        batch(1, 5),
        epoch(1),
        batch(2, 3),
        batch(2, 9),
        epoch(2),
        batch(3, 1),
        Note("The worker was lost."),
        Queued(),
        again,
        batch(2, 8),
    )
    assert [(b.epoch, b.batch) for b in story.batches] == [(1, 5), (2, 3), (2, 8)]
    assert [e.epoch for e in story.epochs] == [1]
    assert story.notes == ("The worker was lost.",)
    assert story.step == 18


def test_a_learning_rate_that_was_chosen_again_replaces_those_for_later_steps():
    story = history(
        STARTED,
        LearningRateChanged(5, 0.1),
        LearningRateChanged(30, 0.2),
        Started(100, 1000, 10, epoch=2),
        LearningRateChanged(12, 0.3),
    )
    assert [(c.step, c.learning_rate) for c in story.changes] == [(5, 0.1), (12, 0.3)]


def test_the_learning_rate_is_that_of_the_newest_batch_or_of_a_newer_choice():
    assert history(STARTED).learning_rate is None
    assert history(STARTED, batch(1, 5, rate=0.02)).learning_rate == 0.02
    chosen = history(STARTED, batch(1, 5, rate=0.02), LearningRateChanged(5, 0.5))
    assert chosen.learning_rate == 0.5
    later = history(
        STARTED, LearningRateChanged(5, 0.5), batch(1, 5, 1.0, 0.02), batch(1, 8, 2.0, 0.04)
    )
    assert later.learning_rate == 0.04


def test_a_pause_ends_with_going_on():
    assert history(STARTED, Paused(1, 3)).paused == Paused(1, 3)
    assert history(STARTED, Paused(1, 3), Resumed()).paused is None
    assert history(STARTED, Paused(1, 3, preempted=True), Queued(), STARTED).paused is None


def test_how_it_ended_is_forgotten_when_it_goes_on():
    failed = (STARTED, epoch(1), Failed("No memory."))
    assert history(*failed).error == "No memory."
    assert history(*failed, Queued()).error == ""
    assert history(STARTED, Finished("complete", 4, 4)).finished == Finished("complete", 4, 4)


def test_the_best_epoch_has_the_lowest_validation_loss():
    assert history(STARTED).best_epoch == 0
    losses = (0.9, 0.5, 0.5, float("nan"), 0.7)
    assert history(*(epoch(n, val_loss=v) for n, v in enumerate(losses, 1))).best_epoch == 2


def test_thinned_curves_keep_their_ends():
    story = history(STARTED, *(batch(1, n, n / 10) for n in range(1, 5 * MAX_POINTS)))
    assert len(story.batches) <= MAX_POINTS + 1
    assert story.batches[0].batch == 1
    assert story.batches[-1].batch == 5 * MAX_POINTS - 1
