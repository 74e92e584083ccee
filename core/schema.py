"""What a field may hold, and how values that travel are checked and written.

Types that travel between processes, into the database and onto cards are pydantic dataclasses and
models. Their numbers are annotated with `Bounds`, their choices with `OneOf`, so that one entry
draws the widget, checks the value and describes it in a JSON schema.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import core_schema

from core.errors import InvalidInput

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

T = TypeVar("T")
# The validators are built when a type is first used: the server has many types and uses few.
DEFERRED = ConfigDict(defer_build=True)
_SHOWN = 40  # characters of a wrong value
_WANTED = {
    "dataclass_type": "an object",
    "dict_type": "an object",
    "list_type": "a list",
    "mapping_type": "an object",
    "model_type": "an object",
    "string_type": "a text",
    "tuple_type": "a list",
}


@dataclass(frozen=True)
class Bounds:
    """The values that a number may have: one entry draws its widget, its option and its check.

    Args:
        low: the lowest.
        high: the highest.
        default: where it starts.
        title: what a person reads.
        help: what it does, in a sentence.
        whole: whether only whole numbers make sense.
    """

    low: float
    high: float
    default: float
    title: str
    help: str
    whole: bool = False

    def check(self, name: str, value: object) -> None:
        """Raises InvalidInput if a value is not a number, or lies outside."""
        if isinstance(value, bool) or not isinstance(value, Real):
            raise InvalidInput(f"Expected {name} to be a number. Received: {_shown(value)}")
        if not self.low <= float(value) <= self.high:
            raise InvalidInput(
                f"Expected {name} in {self.low:g}..{self.high:g}. Received: {name}={value:g}"
            )
        if self.whole and float(value) != int(value):  # type: ignore[call-overload]
            raise InvalidInput(f"Expected {name} to be a whole number. Received: {value:g}")

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        def check(value: Any, info: core_schema.ValidationInfo) -> int | float:
            self.check(str(info.field_name), value)
            return int(value) if self.whole else float(value)

        return core_schema.with_info_before_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = {
            "title": self.title,
            "description": self.help,
            "minimum": self.low,
            "maximum": self.high,
        }
        return handler(schema) | described


@dataclass(frozen=True)
class OneOf:
    """The names, or numbers, that a field may hold.

    Args:
        choices: all of them.
        what: what an error calls the field. Defaults to its name.
    """

    choices: Collection[Any]
    what: str = ""

    def check(self, name: str, value: object) -> None:
        """Raises InvalidInput if it is none of them."""
        # True equals 1, but is no number.
        if isinstance(value, bool) or value not in tuple(self.choices):
            raise InvalidInput(
                f"Expected {self.what or name} to be one of {', '.join(map(str, self.choices))}."
                f" Received: {value!r}"
            )

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        def check(value: Any, info: core_schema.ValidationInfo) -> Any:
            self.check(str(info.field_name), value)
            return value

        return core_schema.with_info_before_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema) | {"enum": list(self.choices)}


def parse(adapter: TypeAdapter[T], value: object, what: str) -> T:
    """Checks a value from outside.

    Args:
        adapter: of the type that it should have.
        value: plain values, as JSON has them.
        what: what it should be, as the end of "not ...".

    Raises:
        InvalidInput: if it is anything else; says which entry is wrong.
    """
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise InvalidInput(f"This is not {what}: {explain(error)}") from error


def dump(adapter: TypeAdapter[T], value: T) -> Any:
    """Returns a value as plain values, as JSON has them."""
    return adapter.dump_python(value, mode="json")


def explain(error: ValidationError) -> str:
    """Says what is wrong with the first wrong entry."""
    found = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in found["loc"])
    if found["type"] == "missing":
        return f"it has no entry {place!r}."
    entry = f"its entry {place!r}" if place else "it"
    if wanted := _WANTED.get(found["type"]):
        return f"{entry} should be {wanted}. Received: {_shown(found['input'])}."
    wrong = found["msg"][0].lower() + found["msg"][1:]
    return f"{entry} is wrong ({wrong}). Received: {_shown(found['input'])}."


def _shown(value: object) -> str:
    try:
        return json.dumps(value)[:_SHOWN]
    except (TypeError, ValueError):
        return repr(value)[:_SHOWN]
