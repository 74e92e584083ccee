from core.training.events import Started
from core.training.history import History
from ui.train.figures import _with_gaps, learning_curve


def test_a_line_is_parted_where_epochs_are_not_known():
    x = [0.1, 0.2, 0.3, 11.1, 11.2]
    shown = _with_gaps(x, [1, 2, 3, 4, 5])
    assert shown["x"] == [0.1, 0.2, 0.3, 11.1, 11.1, 11.2]
    assert shown["y"] == [1, 2, 3, None, 4, 5]


def test_a_line_without_gaps_stays_whole():
    x = [0.4 * n for n in range(50)]
    assert _with_gaps(x, x) == {"x": x, "y": x}
    assert _with_gaps([], []) == {"x": [], "y": []}
    # A long run's batches are thinned: steps of several epochs are no gap.
    wide = [3.0 * n for n in range(20)]
    assert _with_gaps(wide, wide)["x"] == wide


def test_simple_methods_are_level_lines_in_the_accuracy_only():
    history = History(10, started=Started(1162, 100, 4, best_accuracy=0.66))
    levels = {"Logistic regression": 0.65, "Decision tree": 0.63, "Majority guess": 0.1}
    drawn = learning_curve(history, quantity="accuracy", run="", simple=levels)
    lines = [
        trace for trace in drawn["data"] if trace["name"] in ("decision tree", "majority guess")
    ]
    assert [set(line["y"]) for line in lines] == [{63}, {10}]
    assert lines[0]["x"] == list(range(11))  # each epoch can be pointed at
    words = {each["text"]: each for each in drawn["layout"]["annotations"]}
    # Lines that are close share their words, which keep out of the ceiling's.
    assert words["logistic regression, decision tree"]["yanchor"] == "top"
    assert words["majority guess"]["yanchor"] == "bottom"
    loss = learning_curve(history, quantity="loss", run="", simple=levels)
    assert loss == learning_curve(history, quantity="loss", run="")
