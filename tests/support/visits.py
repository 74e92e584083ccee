"""Visits without a browser, for tests that have a loop of their own or none."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from benchmarks.visitor import Answer, visitor


def visit(address, page="", *, press=None, **parameters) -> Answer:
    """Opens a page, presses a button if one is named, and returns what the page shows then."""

    async def one():
        async with visitor(address) as person:
            answer = await person.open(page, parameters)
            return await person.press(answer.buttons[press]) if press else answer

    with ThreadPoolExecutor(1) as thread:  # this one has a loop already, where a browser is driven
        return thread.submit(asyncio.run, one()).result()
