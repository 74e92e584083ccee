"""What many people, many visits and wrong links do to the server.

Three parts, each bounded: people who click beside a run, and one alone beside it; links with random
parameters, none of which may show an exception; and visits one after the other, after which the
server should be no larger than before. `--seconds`, `--links` and `--visits` make them shorter.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections.abc import Mapping
from typing import Any

import psutil

from benchmarks.harness import APP, compared, keep, serving_process
from benchmarks.memory import megabytes
from benchmarks.visitor import NoAnswer, visitor

PEOPLE = 25
PAUSE = (0.5, 1.5)  # seconds between two clicks of one person
AIM = 5.0  # 25 people share two cores, which one person has alone
BUTTON = "Damage it"
SETTLED = 300  # visits, after which the server keeps as many ended sessions as it ever does
AT_ONCE = 4  # visits and links
SEED = 0

# Each page's parameters, with a value that is right.
PAGES: Mapping[str, Mapping[str, str]] = {
    "": {"pattern": "1111011", "model": "seven-segment", "noise": "flip", "level": "0.2"}
    | {"why": "shapley", "background": "digits", "mode": "play", "game": "7"},
    "draw": {"model": "handwritten", "from": "file", "as": "number"},
    "handwriting": {"signs": "1", "model": "handwritten", "rate": "0.001", "layers": "2"},
    "data": {"task": "handwritten", "data": "built-in", "noise": "flip", "level": "0.2"},
    "train": {"task": "handwritten", "recipe": "cnn", "epochs": "3", "run": "0123456789abcdef"}
    | {"batch_size": "64", "learning_rate": "0.001", "hidden": "16,32", "noise": "flip"},
    "runs": {"runs": "0123456789abcdef", "task": "seven-segment"},
    "atlas": {"model": "seven-segment", "color": "difference", "order": "answer", "digit": "7"},
    "noise": {"task": "seven-segment", "noise": "wear", "models": "seven-segment", "part": "mixed"},
    "evaluate": {"task": "seven-segment", "data": "generated", "model": "seven-segment"},
    "inside": {"task": "handwritten", "model": "handwritten", "test": "7", "digit": "AAAA"},
    "compare": {"task": "seven-segment", "x": "size", "y": "robustness", "noise": "flip"},
    "models": {"task": "handwritten", "model": "handwritten"},
}
WRONG = (
    *("", "0", "-1", "1e400", "nan", "99999999999999999999", "0.15000000000000002", "½"),
    *("null", "[]", "{}", "../../etc/passwd", "%00", "\x00", "\ud7ff", "ﷺ" * 40, "a" * 5000),
    *("' OR 1=1 --", "<script>alert(1)</script>", "**bold**", "$x$", "own:1,2/3", "together:zz"),
)


def random_link(generator: random.Random) -> tuple[str, dict[str, str]]:
    """Returns a page and parameters: right ones, wrong ones and some of another page's."""
    page = generator.choice(list(PAGES))
    given = dict(PAGES[page])
    foreign = PAGES[generator.choice(list(PAGES))]
    for name in [*given, *foreign]:
        match generator.randrange(5):
            case 0 | 1:
                given[name] = generator.choice(WRONG)
            case 2:
                given[name] = foreign.get(name, generator.choice(WRONG))
            case 3:
                given.pop(name, None)
    return page, given


async def clicks(address: str, people: int, seconds: float) -> list[float]:
    """Lets people click for a while; returns the milliseconds from each click to its answer."""

    async def one(number: int) -> list[float]:
        generator = random.Random(SEED + number)
        taken = []
        async with visitor(address) as person:
            button = (await person.open()).buttons[BUTTON]
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                await asyncio.sleep(generator.uniform(*PAUSE))
                begun = time.perf_counter()
                answer = await person.press(button)
                taken.append(1000 * (time.perf_counter() - begun))
                assert not answer.exceptions, answer.exceptions
        return taken

    every = await asyncio.gather(*(one(number) for number in range(people)))
    return [milliseconds for taken in every for milliseconds in taken]


async def start_run(address: str) -> None:
    """Starts a run that is still going when the clicks are over."""
    async with visitor(address) as person:
        opened = await person.open(
            "train", {"task": "handwritten", "recipe": "cnn", "epochs": "200"}
        )
        await person.press(opened.buttons["Start training"])


async def open_links(address: str, count: int) -> list[str]:
    """Opens random links, a few at a time; returns those that went wrong, and how."""
    links = iter([random_link(random.Random(SEED + number)) for number in range(count)])
    wrong: list[str] = []

    async def some() -> None:
        for page, parameters in links:
            try:
                async with visitor(address) as person:
                    found = (await person.open(page, parameters)).exceptions
            except (NoAnswer, OSError) as error:
                found = [str(error)]
            wrong.extend(f"/{page} {parameters}: {text}"[:500] for text in found)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return wrong


async def visit(address: str, count: int) -> None:
    """Opens the pages in turn, each as a new visitor, a few at a time."""
    pages = iter([list(PAGES)[number % len(PAGES)] for number in range(count)])

    async def some() -> None:
        for page in pages:
            async with visitor(address) as person:
                await person.open(page)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


def measure(address: str, server: psutil.Process, wanted: argparse.Namespace) -> dict[str, Any]:
    """Measures all three parts."""
    asyncio.run(visit(address, SETTLED))
    before = megabytes(server)
    asyncio.run(visit(address, wanted.visits))
    after = megabytes(server)
    print(f"server: {before} MB after {SETTLED} visits, {after} MB after {wanted.visits} more")
    wrong = asyncio.run(open_links(address, wanted.links))
    print(f"links: {len(wrong)} of {wanted.links} went wrong")
    for line in wrong[:20]:
        print(f"  {line}")
    asyncio.run(start_run(address))
    alone = asyncio.run(clicks(address, 1, wanted.seconds))
    together = asyncio.run(clicks(address, PEOPLE, wanted.seconds))
    print(f"{PEOPLE} people, and one alone (“bare app”), beside a run:")
    return {
        "memory": {"unit": "megabytes", "before": before, "after": after, "visits": wanted.visits},
        "links": {"opened": wanted.links, "wrong": wrong},
        "clicks": compared("milliseconds from click to answer", together, alone, AIM),
    }


def main() -> None:
    """Measures, and keeps what was found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=40, help="of clicking, twice")
    options.add_argument("--links", type=int, default=1800, help="to open")
    options.add_argument("--visits", type=int, default=3000, help="one after the other")
    wanted = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/runs.sqlite3"
        os.environ["DIGIT_LAB_UPLOADS"] = f"{folder}/uploads"
        with serving_process(APP) as (address, number):
            keep("reliability", measure(address, psutil.Process(number), wanted))


if __name__ == "__main__":
    main()
