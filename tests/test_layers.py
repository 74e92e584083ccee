"""How the code hangs together: who may import whom, and what a third task costs."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
# The only modules that may load TensorFlow, and then only in a worker or for the command line.
TRAINING = {
    "core.handwriting.fine_tuning",
    "core.importing.network",
    "core.training.fit",
    "core.explain.maps",
    "core.training.loop",
    "core.networks.keras_files",
    "core.networks.builder",
    "core.export.int8_conversion",
    "core.export.onnx_conversion",
    "core.export.tensorboard",
    "core.training.trainer",
}


def modules(folder):
    for path in sorted((REPOSITORY / folder).rglob("*.py")) or [REPOSITORY / folder]:
        relative = path.relative_to(REPOSITORY).with_suffix("")
        name = ".".join(part for part in relative.parts if part != "__init__")
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def test_imports_keep_to_the_contracts():
    """Those of `pyproject.toml`: levels, features apart, no Streamlit and no TensorFlow."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_one_module_touches_the_session():
    for folder in ("ui", "pages", "core", "app.py"):
        for name, tree in modules(folder):
            touched = any(
                (isinstance(node, ast.Attribute) and node.attr == "session_state")
                or (isinstance(node, ast.Constant) and node.value == "session_state")
                or (isinstance(node, ast.alias) and node.name == "session_state")
                for node in ast.walk(tree)
            )
            assert touched == (name == "ui.session.state"), name


def test_a_job_that_visitors_share_begins_anew_after_it_was_dropped():
    """A plain cache would hand out the dropped one for ever."""
    for name, tree in modules("ui"):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.returns is not None:
                gives_job = ast.unparse(node.returns).startswith("Job[")
                made_by = " ".join(map(ast.unparse, node.decorator_list))
                assert not (gives_job and "cache_resource" in made_by), f"{name}.{node.name}"


def test_no_error_is_shown_as_markdown():
    """What an error quotes came from outside: a name with two asterisks is not bold."""
    shows = {"error", "warning", "info", "caption", "markdown", "success"}
    for folder in ("ui", "pages"):
        for name, tree in modules(folder):
            raw = [
                node.lineno
                for node in ast.walk(tree)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in shows
                and node.args
                and ast.unparse(node.args[0]) in ("str(error)", "error")
            ]
            assert not raw, f"{name}, lines {raw}"


def test_what_the_server_imports_loads_neither_tensorflow_nor_scikit_learn():
    names = [
        name
        for folder in ("core", "ui")
        for name, _ in modules(folder)
        if name not in TRAINING | {"core.__main__"}
        and not name.startswith("core.migrations.")  # Alembic runs them
    ]
    code = f"import sys, {', '.join(names)}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    slow = {"tensorflow", "keras", "sklearn", "distributed", "cv2", "optuna"}
    assert not set(done.stdout.split()) & slow


FIRST_PAGE = """
import sys
from pathlib import Path

from tests.support.app_test import app_from_file

app = app_from_file(Path("app.py")).run()
assert not app.exception, app.exception
print(*sys.modules)
"""


@pytest.mark.keras
@pytest.mark.slow
def test_the_first_page_does_not_wait_for_pandas():
    """Streamlit loads it for components that are sent bare lists and dicts; see ui.components."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAGE], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout.split()) & {"pandas", "PIL.ImageFont", "streamlit.emojis"}


PARITY = '''
"""Odd or even, on a seven-segment display."""

import dataclasses

from core.networks.architecture import Architecture
from core.data import Dataset, Split
from core.tasks.base import DataSource, Task
from core.tasks.seven_segment import TASK as SEGMENTS


def odd(split):
    return dataclasses.replace(split, y=split.y % 2, best_accuracy=None)


def load(noise, level, seed):
    digits = SEGMENTS.sources[0].load(noise, level, seed)
    tests = {words: odd(split) for words, split in digits.tests.items()}
    return Dataset(odd(digits.train), odd(digits.validation), tests)


TASK = Task(
    name="odd-display",
    title="Odd or even",
    description="Is the digit on the display odd?",
    order=3,
    input_shape=(7,),
    classes=("even", "odd"),
    sources=(DataSource("generated", "Patterns", "Made here.", load,
                        lambda limit: odd(SEGMENTS.sources[0].examples(limit))),),
    noises=SEGMENTS.noises,
    architectures={"small": Architecture((8,))},
    default_model="odd-display",
    training_noise_level=0.1,
    picture=SEGMENTS.picture,
)
'''
VISIT = """
from pathlib import Path

from tests.support.app_test import app_from_file

for page, key in (("train", "train_task"), ("noise", "noise_task"), ("evaluate", "evaluate_task")):
    app = app_from_file(Path("app.py"))
    app.switch_page(f"pages/{page}.py")
    app.query_params["task"] = "odd-display"
    app.run()
    assert not app.exception, app.exception
    assert app.selectbox(key=key).value == "odd-display"
print("visited")
"""


@pytest.mark.keras
@pytest.mark.slow
def test_a_third_task_is_one_module_and_touches_no_page(tmp_path):
    for name in ("core", "ui", "pages", "static", ".streamlit", "saved_models", "tests/support"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    shutil.copy(REPOSITORY / "app.py", tmp_path)
    (tmp_path / "core" / "tasks" / "odd_display.py").write_text(PARITY)
    environment = {key: value for key, value in os.environ.items() if key != "DIGIT_LAB_MODELS"}

    def run(*words):
        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    command = "-m core train odd-display --epochs 1 --batch-size 512 --name odd-display"
    assert "clean patterns" in run(*command.split())
    assert "odd-display: odd or even" in run("-m", "core", "models")
    assert "visited" in run("-c", VISIT)
