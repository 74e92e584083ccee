"""Generated code: the templates in `templates/`, filled in by Jinja2."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: Any) -> str:
    """Returns a template's text with values filled in, without empty lines around it.

    Args:
        template: its name without ".py.j2".
        values: by their names in the template.
    """
    return render_file(f"{template}.py.j2", **values).strip("\n")


def render_file(template: str, **values: Any) -> str:
    """Returns a template's text with values filled in, as it is.

    Args:
        template: its path in `templates/`.
        values: by their names in the template.
    """
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # it is source code, not HTML
        keep_trailing_newline=True,
    )
    environment.filters["repr"] = repr
    return environment
