import csv

from core.export.history_csv import COLUMNS, history_csv
from core.training.events import EpochDone
from core.training.history import History


def test_a_row_for_every_epoch_holds_its_exact_numbers():
    epochs = (
        EpochDone(1, 0.1 + 0.2, 0.5, 2 / 3, 0.25, 1.5, 0.01),
        EpochDone(2, 0.25, 0.75, float("nan"), 0.5, 3.25, 1e-06),
    )
    rows = list(csv.DictReader(history_csv(History(2, epochs=epochs)).splitlines()))
    assert len(rows) == 2
    for row, epoch in zip(rows, epochs, strict=True):
        assert tuple(row) == COLUMNS
        for column in COLUMNS:
            assert repr(float(row[column])) == repr(float(getattr(epoch, column)))


def test_a_run_without_an_epoch_has_only_the_heading():
    assert history_csv(History(3)) == ",".join(COLUMNS) + "\n"
