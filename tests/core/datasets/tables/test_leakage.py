"""What leaks do to a test, measured."""

from core.datasets.tables import leakage
from core.datasets.tables.leakage import measure
from tests.support.tables import fruit, record_of


def test_columns_of_chance_predict_only_where_the_choice_has_seen_the_test_rows():
    data = fruit(60)
    found = measure(record_of(data), data)
    low, high = found.chosen.proper.interval
    assert low < found.guessing == 1 / 3 < high
    assert found.chosen.leaking.interval[0] > high
    assert found.chosen.pair.is_decided
    assert found.fitted.proper.total == found.fitted.leaking.total == 15
    assert found.groups is None


def test_a_split_that_ignores_groups_looks_better(monkeypatch):
    monkeypatch.setattr(leakage, "CHANCE_REPEATS", 1)
    lines = ["x,y,plant"]
    for plant in range(40):  # ten leaves of a plant are alike; what kind it is, they do not tell
        kind = "ab"[(plant * 7) % 5 % 2]
        lines += [f"{plant * 10 % 97 + leaf / 100},{kind},p{plant}" for leaf in range(10)]
    data = "\n".join(lines).encode()
    record = record_of(data, target=1, group=2, kinds=("number", "category", "out"))
    found = measure(record, data).groups
    assert found.leaking.value > 0.95
    assert found.leaking.value - found.proper.value > 0.1
