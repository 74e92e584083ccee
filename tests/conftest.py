"""What every test has: models in a folder of its own, so that no test writes into the project."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

REPOSITORY = Path(__file__).resolve().parents[1]
BROWSER = "tests/browser/"
NICENESS = 10  # as much as the app's workers have, on which journeys wait

NO_POSTGRESQL = "no PostgreSQL on this machine; on Debian: apt-get install postgresql"

# No test fails because it was slow: the first call of one may load a library.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

_temporary = pytest.StashKey[Path]()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Any]:
    """A PostgreSQL server. Without one tests are skipped, or fail where it is required."""
    from tests.support.postgresql import PostgreSQL, programs

    found = programs()
    if found is None:
        if os.environ.get("DIGIT_LAB_REQUIRE_POSTGRES") == "1":
            pytest.fail(NO_POSTGRESQL, pytrace=False)
        pytest.skip(NO_POSTGRESQL)
    server = PostgreSQL(found)
    yield server
    server.close()


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
    """Put the tests into the order in which two processes are done with them soonest.

    Those in the browser come first: they take longest. Those that load Keras come last, as
    Streamlit then clears Keras' state at the end of every script that `AppTest` runs.
    """

    def place(item: pytest.Item) -> int:
        if item.nodeid.startswith(BROWSER):
            return 0
        return 2 if item.get_closest_marker("keras") else 1

    items.sort(key=place)


class KerasWhereMarked(MetaPathFinder):
    """Lets TensorFlow and Keras be loaded by tests that have the marker `keras`, and by no other.

    One that loads them unmarked would slow down every page that the same process tests after it.
    """

    allowed = False

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name in ("tensorflow", "keras") and not self.allowed:
            pytest.fail(f"{name} is loaded by a test that lacks the marker “keras”")


_keras = KerasWhereMarked()
sys.meta_path.insert(0, _keras)


class OneBrowser(LoadScopeScheduling):
    """Gives all tests in the browser to one process, and the others to whichever is free.

    They share a browser, a server and that server's workers, which two cores could not carry twice.
    (xdist's own groups do nothing with pytest 9.2: pytest-xdist, issue 1386.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else nodeid


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Lets the browser and what it waits for go first, where another process runs other tests."""
    _keras.allowed = item.get_closest_marker("keras") is not None
    if hasattr(os, "nice") and os.environ.get("PYTEST_XDIST_WORKER"):
        wanted = 0 if item.nodeid.startswith(BROWSER) else NICENESS
        os.nice(max(0, wanted - os.nice(0)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneBrowser:
    """Hand the tests out to processes."""
    return OneBrowser(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the tests wrote."""
    folder = config.stash.get(_temporary, None)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
