"""The preparation: fitted on the training part only, written as JSON, applied with NumPy."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from core.datasets.landmarks import NUMBERS
from core.datasets.tables import builtin, parts, preparing
from core.datasets.tables.applying import fills, prepare_row, raw_values, unseen, values_of
from core.datasets.tables.bundle import made
from core.datasets.tables.description import Choices, Record, parse_record
from core.datasets.tables.reading import read_table
from core.errors import InvalidInput
from tests.support.tables import choices_for, fruit, record_of

DATA = fruit()


def pieces(record: Record, data: bytes = DATA):
    table = read_table(data)
    chosen = preparing.choose(table, record.choices)
    return table, chosen, preparing.split(table, record.choices, chosen)


@pytest.mark.parametrize("scaling", ["none", "min-max", "standard"])
@pytest.mark.parametrize("gaps", ["fill", "drop"])
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 0, 1), (2, 0, 3, 1)])
def test_the_json_does_exactly_what_the_fitted_pipeline_does(scaling, gaps, order):
    lines = [line.split(";") for line in DATA.decode("latin-1").splitlines()]
    data = "\n".join(";".join(["x", *(line[n] for n in order)]) for line in lines).encode()
    target = 1 + order.index(3)
    record = parse_record(record_of(data, scaling=scaling, gaps=gaps, target=target).entries)
    _, chosen, split = pieces(record, data)
    fitted = preparing.pipeline(record.choices, chosen).fit(chosen.frame.iloc[split.train])
    made_by_json = parts.make(record, data)
    for name in ("train", "validation", "test"):
        rows = getattr(split, name)
        wanted = fitted.transform(chosen.frame.iloc[rows]).astype(np.float32)
        found = getattr(made_by_json, name)
        np.testing.assert_array_equal(found.x, wanted)
        np.testing.assert_array_equal(found.y, chosen.y[rows])
    names = [name.split("__")[1] for name in fitted.get_feature_names_out()]
    assert len(names) == len(record.features) == made_by_json.train.x.shape[1] == 5
    raw = [chosen.frame[name.split("_")[0]] for name in names[:2]]
    read = {column.name: column.numbers for column in read_table(data).columns}
    for name, wanted in zip(record.features, raw, strict=False):
        np.testing.assert_array_equal(wanted, read[name][chosen.rows])


def test_nothing_but_the_training_part_is_looked_at():
    record = record_of(DATA)
    table, _, split = pieces(record)
    lines = DATA.decode("latin-1").splitlines()
    spoilt = list(lines)
    for row in (*split.validation, *split.test):
        cells = spoilt[row + 1].split(";")
        spoilt[row + 1] = ";".join(["99,99", cells[1] and "9999,9", "rot", cells[3]])
    other = record_of("\n".join(spoilt).encode("latin-1"))
    assert other.inputs == record.inputs
    assert len(table) == 90


def test_parts_do_not_share_rows_and_are_stratified():
    record = record_of(DATA)
    _, chosen, split = pieces(record)
    rows = np.concatenate([split.train, split.validation, split.test])
    assert sorted(rows) == list(range(len(chosen.y)))
    counts = np.bincount(chosen.y[split.test])
    assert counts.max() - counts.min() <= 1
    assert record.rows.train + record.rows.validation + record.rows.test == 90


def test_rows_of_a_group_stay_in_one_part():
    lines = DATA.decode("latin-1").splitlines()
    grouped = [f"{lines[0]};baum", *(f"{line};b{n // 9}" for n, line in enumerate(lines[1:]))]
    data = "\n".join(grouped).encode()
    record = record_of(data, group=4, target=3)
    table, chosen, split = pieces(record, data)
    groups = [
        {table.columns[4].cells[int(chosen.rows[row])] for row in rows}
        for rows in (split.train, split.validation, split.test)
    ]
    assert all(groups)
    assert not (groups[0] & groups[1]) | (groups[0] & groups[2]) | (groups[1] & groups[2])
    assert "baum" not in " ".join(record.features)


def test_a_raw_row_becomes_what_the_table_had():
    record = record_of(DATA)
    table, chosen, split = pieces(record)
    whole = parts.make(record, DATA)
    for place, row in enumerate(split.test):
        cells = [column.cells[int(chosen.rows[row])] for column in table.columns]
        x = prepare_row(record, values_of(record, cells))
        np.testing.assert_array_equal(x[0], whole.test.x[place])


@pytest.mark.parametrize("scaling", ["none", "min-max", "standard"])
def test_an_input_says_what_the_row_was(scaling):
    record = record_of(DATA, scaling=scaling)
    (x,) = prepare_row(record, [7.25, 81.5, "rot"])
    assert raw_values(record, x) == {
        "größe": pytest.approx(7.25, rel=1e-5),
        "gewicht": pytest.approx(81.5, rel=1e-5),
        "farbe": "rot",
    }
    (x,) = prepare_row(record, [7.25, 81.5, "blau"])
    assert raw_values(record, x)["farbe"] == ""


def test_a_gap_an_unknown_category_and_a_far_number_are_dealt_with():
    record = record_of(DATA)
    gap = prepare_row(record, [None, None, None])
    np.testing.assert_array_equal(gap[0], fills(record))
    unknown = prepare_row(record, [None, None, "blau"])
    assert unknown[0, 2:].tolist() == [0, 0, 0]
    assert unseen(record, [1e6, None, "blau"]) == ["größe", "farbe"]
    assert unseen(record, [8.0, None, "rot"]) == []
    for number in (1e16, float("inf")):
        with pytest.raises(InvalidInput, match="größe"):
            prepare_row(record, [number, None, None])
    with pytest.raises(InvalidInput, match="“viel” is not a number"):
        values_of(record, ["viel", "1,5", "rot", ""])


@pytest.mark.parametrize(
    ("edit", "changes", "words"),
    [
        (lambda text: text, {"kinds": ("out",) * 4}, "Every column is left out"),
        (lambda text: text, {"kinds": ("number",) * 3}, "a table of 3 columns. This one has 4"),
        (
            lambda text: text.replace("rot", "4,5", 1),
            {"kinds": ("number", "number", "number", "category")},
            "is not a number",
        ),
    ],
)
def test_choices_that_do_not_fit_get_a_sentence(edit, changes, words):
    data = edit(DATA.decode("latin-1")).encode()
    kinds = {"kinds": choices_for(DATA).kinds, "target": 3} | changes
    if len(kinds["kinds"]) == 3:
        kinds["target"] = 2
    with pytest.raises(InvalidInput) as raised:
        preparing.fit(read_table(data), data, choices_for(data, **kinds))
    assert words in str(raised.value)


def test_dropping_rows_may_leave_too_few_of_a_class():
    text = "x,y\n" + "1.5,a\n2.5,a\n" * 10 + "1.5,b\n,b\n,b\n,b\n"
    with pytest.raises(InvalidInput, match="class “b” has 1 examples left"):
        record_of(text.encode(), gaps="drop")
    assert record_of(text.encode()).rows.train


def test_a_column_without_values_in_the_training_part_is_named():
    text = "x,z,y\n" + "".join(f"{n}.5,,{'ab'[n % 2]}\n" for n in range(40))
    data = text.replace("0.5,,a", "0.5,7,a", 1).encode()
    problems = []
    for seed in range(12):
        try:
            record_of(data, kinds=("number", "number", "category"), seed=seed)
        except InvalidInput as error:
            problems.append(str(error))
    assert 0 < len(problems) < 12
    assert all("“z” has only gaps in the training part" in problem for problem in problems)


@pytest.mark.parametrize("name", list(builtin.BUILT_IN))
def test_the_built_in_tables_are_scikit_learns_and_prepared_as_bundled(name):
    from sklearn.datasets import load_iris, load_wine

    wanted = {"iris": load_iris, "wine": load_wine}[name]()
    table = read_table(builtin.rows(name))
    numbers = np.stack([column.numbers for column in table.columns[:-1]], axis=1)
    np.testing.assert_array_equal(numbers, wanted.data)
    classes = builtin.BUILT_IN[name].classes
    assert [classes.index(cell) for cell in table.columns[-1].cells] == wanted.target.tolist()
    assert made(name) == builtin.record(name)


def test_the_same_table_and_choices_have_the_same_name_and_others_another():
    record = record_of(DATA)
    assert record.name == record_of(DATA).name == parse_record(record.entries).name
    assert record_of(DATA, seed=1).name != record.name
    assert record_of(fruit(93)).name != record.name


CELLS = some.sampled_from(["", "?", "1", "2.5", "-3e5", "1e-300", "x", "y", "z", "<b>", "1e999"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    columns=some.lists(some.lists(CELLS, min_size=24, max_size=24), min_size=1, max_size=4),
    scaling=some.sampled_from(["none", "min-max", "standard"]),
    gaps=some.sampled_from(["fill", "drop"]),
    group=some.booleans(),
    kinds=some.lists(some.sampled_from(["number", "category", "out"]), min_size=5, max_size=5),
    stratified=some.booleans(),
)
def test_any_choices_prepare_any_table_or_are_refused_with_a_sentence(
    columns, scaling, gaps, group, kinds, stratified
):
    rows = zip(*columns, ["a", "b", "c"] * 8, strict=True)
    names = [f"c{n}" for n in range(len(columns))] + ["class"]
    data = "\n".join(",".join(cells) for cells in [names, *rows]).encode()
    choices = Choices(
        title="t",
        target=len(columns),
        kinds=kinds[: len(names)] + ["category"] * (len(names) - 5),
        header=True,
        scaling=scaling,
        gaps=gaps,
        group=0 if group else None,
        stratified=stratified,
    )
    problem = ""
    try:
        record = preparing.fit(read_table(data, header=True), data, choices)
    except InvalidInput as error:
        problem = str(error)
    if problem:
        assert problem.endswith(".")
        return
    whole = parts.make(parse_record(record.entries), data)
    for split in (whole.train, whole.validation, whole.test):
        assert np.isfinite(split.x).all()
        assert split.x.shape == (len(split), len(record.features))


def test_landmarks_of_hands_are_moved_and_scaled_in_the_table_and_in_a_raw_row():
    draw = np.random.default_rng(0)
    hands = draw.normal(size=(30, NUMBERS))
    names = [f"p{n}" for n in range(NUMBERS)]
    lines = [",".join([*names, "pose"])]
    lines += [",".join([*(f"{v:.4f}" for v in h), "abc"[n % 3]]) for n, h in enumerate(hands)]
    lines.append(",".join(["", *lines[1].split(",")[1:]]))  # a gap: this hand is left out
    data = "\n".join(lines).encode()
    record = parse_record(record_of(data, hands=True, scaling="none").entries)
    assert record.rows.dropped == 1
    whole = parts.make(record, data)
    np.testing.assert_allclose(whole.train.x[:, :3], 0.5)
    assert whole.train.x.min() >= 0
    table, chosen, split = pieces(record, data)
    cells = [column.cells[int(chosen.rows[split.test[0]])] for column in table.columns]
    raw = values_of(record, cells)
    np.testing.assert_array_equal(prepare_row(record, raw)[0], whole.test.x[0])
    twice = [2 * value + 7 for value in raw]  # nearer to the camera, and elsewhere
    np.testing.assert_allclose(prepare_row(record, twice)[0], whole.test.x[0], atol=1e-6)
    assert unseen(record, twice) == []
    with pytest.raises(InvalidInput, match="missing"):
        prepare_row(record, [None, *raw[1:]])
