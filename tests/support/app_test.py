"""Streamlit's `AppTest` with the patience that all tests share, in place of its three seconds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.support.patience import PATIENCE


def app_from_file(path: Path) -> AppTest:
    """Returns a script's test, not run yet."""
    return AppTest.from_file(str(path.resolve()), default_timeout=PATIENCE)


def app_from_function(page: Callable[..., object], **arguments: Any) -> AppTest:
    """Returns the test of a function's body as a script, not run yet.

    Args:
        page: the function, which imports what it needs.
        arguments: given to it by name.
    """
    return AppTest.from_function(page, kwargs=arguments, default_timeout=PATIENCE)
