"""Two small tables that come with scikit-learn: no internet, and no scikit-learn in the server."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.datasets.tables.description import Choices, Record, parse_record
from core.errors import DataUnavailable
from core.files import read_file, reason

SOURCE = "built-in"
_FOLDER = Path(__file__).parent / "bundled"


@dataclass(frozen=True)
class BuiltIn:
    """A table that is always there.

    Args:
        name: of its task.
        title: display name.
        note: where it comes from.
        file: its name among scikit-learn's.
        header: names of the columns, the classes' last.
        classes: names of the classes, which the file numbers.
    """

    name: str
    title: str
    note: str
    file: str
    header: tuple[str, ...]
    classes: tuple[str, ...]

    @property
    def choices(self) -> Choices:
        """How it is prepared as a task."""
        return Choices(
            title=self.title,
            target=len(self.header) - 1,
            kinds=("number",) * (len(self.header) - 1) + ("category",),
            header=True,
            test_share=0.3,
        )


BUILT_IN: Mapping[str, BuiltIn] = {
    each.name: each
    for each in (
        BuiltIn(
            "iris",
            "Iris",
            "150 irises of three species, measured by Edgar Anderson; R. A. Fisher made them famous"
            " in 1936.",
            "iris.csv",
            (
                "sepal length (cm)",
                "sepal width (cm)",
                "petal length (cm)",
                "petal width (cm)",
                "species",
            ),
            ("setosa", "versicolor", "virginica"),
        ),
        BuiltIn(
            "wine",
            "Wine",
            "178 wines from one region of Italy, made of three kinds of grapes (cultivars), and"
            " what a chemical analysis found in them.",
            "wine_data.csv",
            (
                "alcohol",
                "malic acid",
                "ash",
                "alcalinity of ash",
                "magnesium",
                "total phenols",
                "flavanoids",
                "nonflavanoid phenols",
                "proanthocyanins",
                "color intensity",
                "hue",
                "od280/od315 of diluted wines",
                "proline",
                "cultivar",
            ),
            ("cultivar 1", "cultivar 2", "cultivar 3"),
        ),
    )
}


@lru_cache(maxsize=len(BUILT_IN))
def rows(name: str) -> bytes:
    """Returns a built-in table as a CSV file.

    Args:
        name: of its task.

    Raises:
        DataUnavailable: if scikit-learn's file cannot be read.
    """
    table = BUILT_IN[name]
    found = importlib.util.find_spec("sklearn")
    if found is None or found.origin is None:
        raise DataUnavailable("scikit-learn, which this table comes with, is not installed.")
    try:
        text = read_file(Path(found.origin).parent / "datasets" / "data" / table.file).decode()
    except OSError as error:
        raise DataUnavailable(f"The table cannot be read ({reason(error)}).") from error
    records = list(csv.reader(io.StringIO(text)))[1:]  # the first says how many there are
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.header)
    writer.writerows([*record[:-1], table.classes[int(record[-1])]] for record in records)
    return out.getvalue().encode()


@lru_cache(maxsize=len(BUILT_IN))
def record(name: str) -> Record:
    """Returns a built-in table's record, made by `python -m core.datasets.tables.bundle`."""
    return parse_record(json.loads(read_file(_FOLDER / f"{name}.json")))
