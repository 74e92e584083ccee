"""A small table of a person's own, as several tests need it."""

import random

from core.datasets.tables import preparing
from core.datasets.tables.description import Choices, Record
from core.datasets.tables.profile import profile
from core.datasets.tables.reading import read_table


def fruit(rows: int = 90, *, seed: int = 1, gaps: bool = True) -> bytes:
    """Returns a table as European spreadsheets write it: semicolons, decimal commas, Latin-1."""
    draw = random.Random(seed)
    lines = ["größe;gewicht;farbe;sorte"]
    for number in range(rows):
        kind = number % 3
        size = f"{draw.gauss(5 + 3 * kind, 0.8):.2f}".replace(".", ",")
        weight = f"{draw.gauss(100 - 20 * kind, 15):.1f}".replace(".", ",")
        colour = draw.choice(["rot", "grün", "gelb"][: 2 + (kind > 0)])
        if gaps and draw.random() < 0.1:
            weight, colour = draw.choice([("", colour), (weight, "?")])
        lines.append(f"{size};{weight};{colour};{('Apfel', 'Birne', 'Melone')[kind]}")
    return ("\r\n".join(lines) + "\r\n").encode("latin-1")


def choices_for(data: bytes, **changes: object) -> Choices:
    """Returns what the page proposes for a table."""
    found = profile(read_table(data))
    kinds = tuple(column.kind for column in found.columns)
    settings = {"title": "Fruit", "target": found.likely_target, "kinds": kinds} | changes
    return Choices.model_validate(settings)


def record_of(data: bytes, **changes: object) -> Record:
    """Returns a table, prepared."""
    return preparing.fit(read_table(data), data, choices_for(data, **changes))
