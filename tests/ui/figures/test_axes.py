from ui.figures.axes import log_ticks


def test_logarithmic_axes_have_round_numbers():
    assert log_ticks(2.0, 4.0)["ticktext"] == ["100", "200", "500", "1,000", "2,000", "5,000"]
    assert log_ticks(-1.8, -1.4)["ticktext"][:3] == ["0.01", "0.015", "0.02"]
