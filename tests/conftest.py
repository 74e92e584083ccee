"""What every test has: models in a folder of its own, so that no test writes into the project."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]

_temporary = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Point the settings in the environment away from the project, before any test is imported."""
    folder = Path(tempfile.mkdtemp(prefix="digit-lab-tests-"))
    config.stash[_temporary] = folder
    models = folder / "saved_models"
    bundled = REPOSITORY / "saved_models"
    if bundled.is_dir():
        shutil.copytree(bundled, models)
    else:
        models.mkdir()
    os.environ["DIGIT_LAB_MODELS"] = str(models)
    os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'runs.sqlite3'}"
    os.environ["DIGIT_LAB_UPLOADS"] = str(folder / "uploads")
    os.environ["DASK_TEMPORARY_DIRECTORY"] = str(folder)
    # TensorFlow greets every worker process with lines about the processor.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests of one server in one process, where several run tests."""
    for item in items:
        if item.path.parent.name == "browser":
            # Those with servers of their own need not wait for those that share one.
            own = item.path.stem == "test_server_process"
            item.add_marker(pytest.mark.xdist_group("servers" if own else "browser"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the tests wrote."""
    folder = config.stash.get(_temporary, None)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
