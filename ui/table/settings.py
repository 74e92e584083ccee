"""What a person sets on the page about their own table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.datasets.landmarks import NUMBERS
from core.datasets.tables import builtin, storage
from core.datasets.tables.description import MAX_TITLE, Choices, is_table
from core.datasets.tables.profile import ColumnProfile, Kind, TableProfile
from core.datasets.tables.reading import MAX_COLUMNS
from core.datasets.tables.text import shortened, shown
from ui.session.settings import Setting, number, one_of, switch, whole_number, write_number
from ui.session.state import Key
from ui.wording.table import GAPS, SCALINGS

NO_GROUP = -1


def _table(text: str) -> str:
    if text in builtin.BUILT_IN:
        return text
    if not is_table(text):
        raise ValueError(f"“{text[:40]}” is no table.")
    return storage.known(text).name


def _file(text: str) -> str:
    if text not in builtin.BUILT_IN and not storage.is_draft(text):
        raise ValueError(f"“{text[:40]}” is no file.")
    return text


def _places(text: str) -> list[int]:
    read: Callable[[str], int] = whole_number(0, MAX_COLUMNS - 1)
    return list(dict.fromkeys(read(part) for part in text.split(",")[:MAX_COLUMNS] if part))


def _write_places(places: Sequence[int]) -> str:
    return ",".join(map(str, places))


TABLE = Setting("table_name", str, "table", _table)
FILE = Setting("table_file", str, "file", _file)
TITLE = Setting("table_title", str, "title", lambda text: shown(text)[:MAX_TITLE])
HEADER = Setting("table_header", lambda: "auto", "header", one_of(["auto", "yes", "no"]))
TARGET = Setting("table_target", lambda: 0, "target", whole_number(0, MAX_COLUMNS - 1))
LEFT_OUT: Setting[list[int]] = Setting("table_out", list, "out", _places, _write_places)
CATEGORIES: Setting[list[int]] = Setting("table_codes", list, "codes", _places, _write_places)
SCALING = Setting("table_scaling", lambda: "standard", "scaling", one_of([*SCALINGS]))
FILLING = Setting("table_gaps", lambda: "fill", "gaps", one_of([*GAPS]))
TEST = Setting("table_test", lambda: 0.25, "test", number(0.1, 0.5), write_number)
GROUP = Setting("table_group", lambda: NO_GROUP, "group", whole_number(-1, MAX_COLUMNS - 1))
STRATIFIED = switch("table_stratified", "stratified", on=True)
SEED = Setting("table_seed", lambda: 0, "seed", whole_number(0, 2**31 - 1))
HANDS = switch("table_hands", "hands")
MODEL = Setting("table_model", str, "model")
ROW = Setting("table_row", str, "row", lambda text: text[:5_000])
OF_FILE: tuple[Setting[Any], ...] = (
    *(TITLE, HEADER, TARGET, LEFT_OUT, CATEGORIES, SCALING, FILLING, TEST, GROUP, STRATIFIED),
    *(SEED, HANDS),
)
SETTINGS: tuple[Setting[Any], ...] = (TABLE, FILE, *OF_FILE, MODEL, ROW)
# The file whose columns the settings were proposed for.
_PROPOSED: Key[str] = Key("table_proposed", str)


def header() -> bool | None:
    """Returns what the person says about the first record; None for what it looks like."""
    return {"auto": None, "yes": True, "no": False}[HEADER.get()]


def open_file(name: str, title: str) -> None:
    """Turns to a file that has just come."""
    for setting in OF_FILE:
        setting.set(setting.default_factory())
    TABLE.set("")
    FILE.set(name)
    TITLE.set(shortened(title, MAX_TITLE))
    _PROPOSED.set("")


def propose(found: TableProfile, given: frozenset[str]) -> None:
    """Sets what a file's content suggests, once, except what a link gave.

    Args:
        found: what stands in the file.
        given: names of the settings that the link gave.
    """
    mark = f"{FILE.get()} {HEADER.get()}"
    if _PROPOSED.get() != mark:
        _PROPOSED.set(mark)
        if TARGET.name not in given:
            TARGET.set(found.likely_target)
        if LEFT_OUT.name not in given:
            LEFT_OUT.set([n for n, each in enumerate(found.columns) if each.kind == "out"])
        if CATEGORIES.name not in given:
            CATEGORIES.set([])
    if TARGET.get() not in found.targets:
        TARGET.set(found.likely_target)
    places = range(len(found.columns))
    for setting in (LEFT_OUT, CATEGORIES):
        setting.set([place for place in setting.get() if place in places])
    if GROUP.get() not in places or GROUP.get() == TARGET.get():
        GROUP.set(NO_GROUP)


def can_be_number(column: ColumnProfile) -> bool:
    """Returns whether a column can be read as numbers."""
    return column.low is not None and column.kind != "category" and column.hint != "date"


def kind_of(found: TableProfile, place: int) -> Kind:
    """Returns what a column is read as, by the person's choices."""
    if place in LEFT_OUT.get():
        return "out"
    if place in CATEGORIES.get() or not can_be_number(found.columns[place]):
        return "category"
    return "number"


def choices(found: TableProfile) -> Choices:
    """Returns what the person has chosen."""
    return Choices(
        title=shown(TITLE.get())[:MAX_TITLE] or "My table",
        target=TARGET.get(),
        kinds=tuple(kind_of(found, place) for place in range(len(found.columns))),
        header=found.header,
        scaling=SCALING.get(),
        gaps=FILLING.get(),
        test_share=TEST.get(),
        stratified=STRATIFIED.get(),
        group=None if GROUP.get() == NO_GROUP else GROUP.get(),
        seed=SEED.get(),
        hands=HANDS.get() and are_hands(found),
    )


def are_hands(found: TableProfile) -> bool:
    """Returns whether the chosen numbers can be the landmarks of a hand."""
    apart = (TARGET.get(), GROUP.get())
    kinds = [kind_of(found, n) for n in range(len(found.columns)) if n not in apart]
    return kinds.count("number") == NUMBERS


def shared_settings() -> tuple[Setting[Any], ...]:
    """Returns the settings that lead back to what is shown."""
    if TABLE.get():
        return (TABLE, MODEL, ROW)
    return (FILE, *OF_FILE) if FILE.get() else (TABLE,)
