import numpy as np
import pytest

from core.evaluation.evaluation import Evaluation
from core.tasks.base import get_task
from tests.core.evaluation.test_evaluation import sure
from ui.evaluate.gallery import Album

Y = np.array([4, 4, 9])


def album(*answers, task="handwritten"):
    evaluations = {
        f"model-{place}": Evaluation("data", sure(given, 0.7, classes=10), Y)
        for place, given in enumerate(answers, start=1)
    }
    return Album(get_task(task), np.zeros((3, 28, 28), np.uint8), evaluations, None)


def plain(lines):
    return tuple(line.replace("\N{NO-BREAK SPACE}", " ") for line in lines)


@pytest.mark.parametrize(
    ("answers", "lines"), [([4, 4, 9], ("4", "70.0 %")), ([9, 4, 9], ("4 → 9", "70.0 %"))]
)
def test_one_network_s_answer_stands_after_an_arrow_where_it_is_wrong(answers, lines):
    assert plain(album(answers).captions([0])) == lines


def test_two_networks_answers_are_numbered():
    lines = plain(album([4, 4, 9], [1, 4, 9]).captions([0]))
    assert lines == ("is 4", "A: 4, 70.0 %", "B: 1, 70.0 %")


def test_examples_that_look_alike_tell_all_their_labels():
    alike = album([9, 9, 9], task="seven-segment")
    assert alike.things == "patterns"
    assert plain(alike.captions([0, 1])) == ("4 → 9", "70.0 %")
    assert plain(alike.captions([0, 1, 2])) == ("several → 9", "70.0 %")
    (told,) = plain([alike.label([0, 1, 2])])
    assert told == "A 4 (2 times), a 9 (once); model-1 says 9, 70.0 % confident"


def test_a_screen_reader_hears_a_sentence():
    (told,) = plain([album([4, 4, 9], [1, 4, 9]).label([0])])
    assert told == "A 4; model-1 says 4, 70.0 % confident; model-2 says 1, 70.0 % confident"
