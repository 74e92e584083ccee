from ui.train.figures import _with_gaps


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
