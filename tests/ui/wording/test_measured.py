import pytest

from core.metrics.accuracy import Accuracy, ExactAccuracy
from core.models.store import ModelStore
from core.tasks.base import tasks
from ui.wording.measured import measured_on, percent_on


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            "mixed faults at 0.3, 1 in 11 clean",
            "on 1,100 test examples, mixed faults at 0.3 (1 in 11 clean)",
        ),
        ("MNIST test images", "on 1,100 test digits of MNIST"),
        (
            "MNIST test images with salt and pepper at 0.2",
            "on 1,100 test digits of MNIST with salt and pepper at 0.2",
        ),
        ("test examples of “Built-in digits”", "on 1,100 built-in test digits"),
        (
            "test examples of “Generated patterns”, bit flip at 0.15",
            "on 1,100 test examples, bit flip at 0.15",
        ),
        ("test examples of “MNIST”", "on 1,100 test digits of MNIST"),
        ("built-in test images", "on 1,100 built-in test digits"),
        (
            "pen strokes by 6 writers kept for testing",
            "on 1,100 pen strokes by 6 writers kept for testing",
        ),
        ("own samples kept aside", "on 1,100 own samples kept aside"),
        ("something else", "on 1,100 test examples: something else"),
    ],
)
def test_every_percentage_says_on_what_it_was_measured(data, words):
    assert measured_on(Accuracy(data, 900, 1100)) == words


def test_what_is_exact_says_so():
    assert measured_on(ExactAccuracy("bit flip at 0.15", 0.62, 0.621)) == "exact, bit flip at 0.15"
    assert percent_on(ExactAccuracy("bit flip at 0.15", 0.62, 0.621)) == (
        "62.0 %, exact, bit flip at 0.15"
    )
    assert measured_on(Accuracy("clean patterns", 10, 10, exhaustive=True)) == (
        "on all 10 clean patterns"
    )


def test_the_words_fit_everything_that_bundled_cards_were_measured_on():
    store = ModelStore()
    figures = [figure for name in store.names() for figure in store.get(name).figures]
    assert figures
    assert not [f.data for f in figures if ": " in measured_on(f)]


def test_the_words_fit_what_every_task_is_tested_on():
    for task in tasks().values():
        for source in task.sources:
            for data in source.clean_tests:
                assert ": " not in measured_on(Accuracy(data, 1, 2))
