"""The settings that the environment gives: where things are, and how much a person may use.

`settings()` reads all of them; nothing else in Digit Lab reads the environment. The table in the
README is `table()`, printed by `python -m core settings`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import InvalidInput
from core.paths import PROJECT

Count = Annotated[int, Field(ge=1)]
MIN_PASSWORD = 8  # characters: fewer could be guessed in spite of the wait after wrong tries
MIN_TOKEN = 16  # characters: there is no wait after a wrong one
# Variables that no message may show, and their fewest characters.
_SECRET = {"DIGIT_LAB_PASSWORD": MIN_PASSWORD, "DIGIT_LAB_API_TOKEN": MIN_TOKEN}


class Settings(BaseSettings):
    """All settings, each from the environment variable that is its alias.

    An argument goes before the environment. A variable that is empty or blank counts as unset.
    """

    model_config = SettingsConfigDict(case_sensitive=True, frozen=True, populate_by_name=True)

    mnist_path: Path | None = Field(
        None,
        validation_alias="MNIST_PATH",
        description="the MNIST file (`mnist.npz`) to use; if unset, Keras' copy",
    )
    keras_home: Path = Field(
        Path("~/.keras"),
        validation_alias="KERAS_HOME",
        description="Keras' folder, where MNIST is looked for and stored",
    )
    pen_strokes_path: Path | None = Field(
        None,
        validation_alias="PEN_STROKES_PATH",
        description="the file of pen strokes (`pendigits-orig.tra`) to train on; if unset, they"
        " are not available",
    )
    models: Path = Field(
        PROJECT / "saved_models",
        validation_alias="DIGIT_LAB_MODELS",
        description="the folder of saved models",
    )
    uploads: Path = Field(
        PROJECT / "var" / "uploads",
        validation_alias="DIGIT_LAB_UPLOADS",
        description="the folder of uploaded data sets",
    )
    database_url: str | None = Field(
        None,
        validation_alias="DATABASE_URL",
        description="the database that stores runs and handwriting, as an SQLAlchemy URL; if unset,"
        " a SQLite file in `var/`",
    )
    dask_scheduler: str | None = Field(
        None,
        validation_alias="DASK_SCHEDULER",
        description="the scheduler of a Dask cluster to train on, `tcp://host:port`; if unset,"
        " processes on this machine",
    )
    hosts: str | None = Field(
        None,
        validation_alias="DIGIT_LAB_HOSTS",
        description="the names under which browsers may reach the server, separated by commas,"
        " besides `localhost`, the computer's own name and any IP address; `*` for every name",
    )
    password: SecretStr | None = Field(
        None,
        min_length=MIN_PASSWORD,
        validation_alias="DIGIT_LAB_PASSWORD",
        description="the password without which nobody can train, save, upload or delete on the"
        " pages; if unset, everybody can",
    )
    workers: Count | None = Field(
        None,
        validation_alias="DIGIT_LAB_WORKERS",
        description="worker processes on this machine, all but one of which train; if unset, as"
        " many as its cores and memory allow (3 with two cores and 6 GB)",
    )
    max_epochs: Count = Field(
        200, validation_alias="DIGIT_LAB_MAX_EPOCHS", description="most epochs in one run"
    )
    max_parameters: Count = Field(
        2_000_000,
        validation_alias="DIGIT_LAB_MAX_PARAMETERS",
        description="most parameters in one network",
    )
    max_examples: Count = Field(
        100_000,
        validation_alias="DIGIT_LAB_MAX_EXAMPLES",
        description="most training examples in one run",
    )
    max_runs: Count = Field(
        10,
        validation_alias="DIGIT_LAB_MAX_RUNS",
        description="most runs that one person may have waiting or training",
    )
    max_kept_runs: Count = Field(
        200,
        validation_alias="DIGIT_LAB_MAX_KEPT_RUNS",
        description="most runs that are stored for one person",
    )
    max_samples: Count = Field(
        2000,
        validation_alias="DIGIT_LAB_MAX_SAMPLES",
        description="most samples of handwriting that are stored for one person",
    )
    api_megabytes: Count = Field(
        20,
        validation_alias="DIGIT_LAB_API_MEGABYTES",
        description="most megabytes in the body of one request to the HTTP API",
    )
    api_rows: Count = Field(
        1000,
        validation_alias="DIGIT_LAB_API_ROWS",
        description="most rows that one request may ask a model about",
    )
    api_rate: Count = Field(
        1000,
        validation_alias="DIGIT_LAB_API_RATE",
        description="requests a second that one client (an IP address) may send in the long run",
    )
    api_requests: Count = Field(
        500,
        validation_alias="DIGIT_LAB_API_REQUESTS",
        description="most requests that are answered at the same time",
    )
    api_seconds: Count = Field(
        30,
        validation_alias="DIGIT_LAB_API_SECONDS",
        description="seconds after which a request that is not answered is given up",
    )
    api_origins: str | None = Field(
        None,
        validation_alias="DIGIT_LAB_API_ORIGINS",
        description="the web pages that may use the HTTP API from a browser besides the server's"
        " own, as origins such as `https://school.example`, separated by commas; `*` for all",
    )
    api_token: SecretStr | None = Field(
        None,
        min_length=MIN_TOKEN,
        validation_alias="DIGIT_LAB_API_TOKEN",
        description="the secret with which programs may train over HTTP (`Authorization: Bearer`);"
        " if unset, nobody may",
    )

    @field_validator("*", mode="before")
    @classmethod
    def _trim(cls, value: Any, info: Any) -> Any:
        if not isinstance(value, str):
            return value
        return value.strip() or cls.model_fields[info.field_name].default

    @field_validator("keras_home")
    @classmethod
    def _expand(cls, value: Path) -> Path:
        return value.expanduser()

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins in `api_origins`."""
        listed = map(str.strip, (self.api_origins or "").split(","))
        return tuple(origin for origin in listed if origin)


def settings() -> Settings:
    """Reads the environment.

    Raises:
        InvalidInput: naming each variable that has an impossible value.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = [
            f"Expected {found['loc'][0]} to have at least {_SECRET[str(found['loc'][0])]}"
            " characters."
            if found["loc"][0] in _SECRET
            else f"Expected {found['loc'][0]} to be a whole number from 1. Received:"
            f" {found['input']}."
            for found in error.errors(include_url=False)
        ]
        raise InvalidInput(" ".join(wrong)) from error


def passed_on(names: Iterable[str]) -> dict[str, str]:
    """Returns those of these variables that are set: the environment of a child process."""
    return {name: os.environ[name] for name in names if name in os.environ}


def table() -> str:
    """Returns a Markdown table of all variables: name, meaning, default."""
    rows = ["| variable | meaning | default |", "| --- | --- | --- |"]
    rows += [
        f"| `{field.validation_alias}` | {field.description} | {_written(field.default)} |"
        for field in Settings.model_fields.values()
    ]
    return "\n".join(rows)


def _written(default: Path | int | None) -> str:
    if isinstance(default, Path):
        inside = default.is_relative_to(PROJECT)
        return f"`{default.relative_to(PROJECT) if inside else default}/`"
    return "" if default is None else f"{default:,}"
