from pathlib import Path

import pytest
from pydantic import SecretStr

from core.cli import main
from core.errors import InvalidInput
from core.paths import PROJECT
from core.settings import Settings, settings

VARIABLES = [str(field.validation_alias) for field in Settings.model_fields.values()]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def test_unset_empty_and_blank_variables_leave_the_defaults(monkeypatch):
    defaults = settings()
    assert defaults.models == PROJECT / "saved_models"
    assert defaults.keras_home == Path.home() / ".keras"
    assert (defaults.mnist_path, defaults.workers, defaults.max_runs) == (None, None, 10)
    for text in ("", " "):
        for variable in VARIABLES:
            monkeypatch.setenv(variable, text)
        assert settings() == defaults


def test_every_variable_is_read(monkeypatch):
    for number, (name, field) in enumerate(Settings.model_fields.items(), start=1):
        text = "long enough for it" if name in ("password", "api_token") else str(number)
        monkeypatch.setenv(str(field.validation_alias), text)
        value = getattr(settings(), name)
        assert (value.get_secret_value() if isinstance(value, SecretStr) else str(value)) == text


@pytest.mark.parametrize(("variable", "least"), [("PASSWORD", 8), ("API_TOKEN", 16)])
def test_a_secret_is_in_no_message(monkeypatch, variable, least):
    monkeypatch.setenv(f"DIGIT_LAB_{variable}", "short1")
    with pytest.raises(InvalidInput, match=f"{variable} to have at least {least} ") as caught:
        settings()
    assert "short1" not in str(caught.value)
    monkeypatch.setenv(f"DIGIT_LAB_{variable}", "long enough for both")
    assert "long enough" not in repr(settings())


def test_an_argument_goes_before_the_environment(monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_MAX_RUNS", "4")
    assert Settings(max_runs=7).max_runs == 7


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "１"])
def test_an_impossible_number_is_refused_by_the_variable_name(monkeypatch, text):
    monkeypatch.setenv("DIGIT_LAB_MAX_RUNS", text)
    monkeypatch.setenv("DIGIT_LAB_WORKERS", "none")
    with pytest.raises(InvalidInput) as caught:
        settings()
    assert f"DIGIT_LAB_MAX_RUNS to be a whole number from 1. Received: {text}." in str(caught.value)
    assert "DIGIT_LAB_WORKERS" in str(caught.value)


def test_the_readme_has_the_table_that_the_command_prints(capsys):
    assert main(["settings"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("\n") == len(VARIABLES) + 2
    assert printed in (PROJECT / "README.md").read_text(encoding="utf-8")


def test_nothing_else_reads_the_environment():
    for path in PROJECT.glob("core/**/*.py"):
        if path.name != "settings.py":
            assert "environ" not in path.read_text(encoding="utf-8").split(), path
            assert "os.environ" not in path.read_text(encoding="utf-8"), path
