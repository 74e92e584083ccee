from tests.support.compared import compared, exactly
from ui.compare.pairs import best_of, pair_columns


def test_the_best_is_tested_against_each_other_one():
    best = compared("best", "dense", 9990, wrong_from=0)
    near = compared("near", "convolutional", 9988, wrong_from=5)
    far = compared("far", "dense", 9000, wrong_from=0)
    columns = pair_columns(best_of([far, near, best]))
    assert columns["Compared with"] == ["far", "near"]
    assert columns["Only best is right"] == ["990", "7"]
    assert columns["Only the other is right"] == ["0", "5"]
    assert columns["p"] == ["< 0.001", "0.774"]
    assert columns["Is the lead luck?"] == ["hardly", "may be"]


def test_a_duel_has_a_test_too_and_a_tie_is_called_one():
    dense = compared("d", "dense", 9990, wrong_from=0)
    same = compared("c", "convolutional", 9990, wrong_from=10)
    columns = pair_columns(best_of([dense, same]))
    assert columns["Is the lead luck?"] == ["tie"]


def test_without_answers_to_the_same_examples_there_is_no_test():
    assert best_of([compared("one", "dense", 9990)]) is None
    assert not best_of([exactly("one", 0.62), exactly("two", 0.61)]).tests
    assert not best_of([compared("one", "dense", 99), compared("two", "dense", 98)]).tests
