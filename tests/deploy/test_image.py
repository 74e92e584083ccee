"""The Dockerfile: read by a linter, and its commands run in a clean folder without an engine."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core.models.saved_model import BUNDLED
from tests.running_app import REPOSITORY, free_port, tail
from tests.support.image import IN_HERE, context, environment, read_image, unpack
from tests.support.patience import PATIENCE, wait_until
from tests.support.visits import visit

LIKE_PACKAGES = re.compile(r"-[rc] (\S+)")


def lines(name):
    """The packages that a file of requirements names, those of files that it names included."""
    found = set()
    for line in (REPOSITORY / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found |= lines(line.removeprefix("-r "))
        elif line and not line.startswith("#"):
            found.add(re.split(r"[~=<>;\[ ]", line)[0].lower())
    return found


def test_a_linter_finds_nothing():
    done = subprocess.run(
        [IN_HERE / "hadolint", REPOSITORY / "Dockerfile"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("packages", ["server", "all"])
def test_packages_come_from_files_that_are_there_pinned_and_compiled_nowhere(packages):
    image = read_image(packages)
    assert re.fullmatch(r"python:3\.1[123]\.\d+-slim-\w+", image.base)
    assert image.environment["PIP_NO_CACHE_DIR"] == "1"
    installs = [(stage, run) for stage, run in image.runs if "pip install" in run]
    assert len(installs) == {"server": 1, "all": 2}[packages]
    copied = set()
    for stage, words in image.copies:
        copied |= {word for word in words[:-1] if stage.startswith("packages")}
    for _, run in installs:
        assert "--only-binary=:all:" in run
        assert "-c constraints.txt" in run
        for file in LIKE_PACKAGES.findall(run):
            assert file in copied
            assert file in context()
    wanted = {file for _, run in installs for file in LIKE_PACKAGES.findall(run)}
    named = set().union(*(lines(file) for file in wanted - {"constraints.txt"}))
    assert ("tensorflow" in named) == (packages == "all")
    assert named <= lines("constraints.txt")
    assert lines("requirements-server.txt") < lines("requirements.txt")


def test_tensorflow_is_the_small_one_where_there_is_one(tmp_path):
    (run,) = [run for stage, run in read_image().runs if stage == "packages-all"]
    for name in ("requirements.txt", "constraints.txt"):
        shutil.copy(REPOSITORY / name, tmp_path)
    # `pip` only says what it would install.
    run = run.replace("-m pip install", "-c 'import sys; print(*sys.argv)'")
    done = subprocess.run(["sh", "-ec", run], cwd=tmp_path, capture_output=True, text=True)
    assert "requirements.txt" in done.stdout, done.stderr
    for name in ("requirements.txt", "constraints.txt"):
        before = (REPOSITORY / name).read_text(encoding="utf-8")
        after = (tmp_path / name).read_text(encoding="utf-8")
        small = re.sub(r"(?m)^tensorflow(?=[~=])", "tensorflow-cpu", before)
        assert after == (small if os.uname().machine == "x86_64" else before)
        assert small != before


def test_the_image_holds_the_project_and_nothing_of_a_person(tmp_path):
    kept = set(context())
    tracked = subprocess.run(
        ["git", "ls-files", "app.py", "core", "pages", "ui", "saved_models"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert {*tracked, "static/icon.svg", ".streamlit/config.toml"} <= kept
    folders = {path.partition("/")[0] for path in kept}
    assert not folders & {"tests", "docs", "var", ".git", ".venv", "deploy"}

    private = (
        "saved_models/mine/card.json", ".streamlit/secrets.toml", ".env", "var/digit-lab.sqlite3",
        "core/__pycache__/data.pyc", "key.pem",
    )  # fmt: skip
    for path in ("app.py", "saved_models/shapes/card.json", ".streamlit/config.toml", *private):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert set(context(tmp_path)) == {
        "app.py", "saved_models/shapes/card.json", ".streamlit/config.toml"
    }  # fmt: skip


def test_all_that_is_bundled_comes_along():
    listed = {path.split("/")[1] for path in context() if path.startswith("saved_models/")}
    assert listed == set(BUNDLED)


def a_user():
    """Who runs the server: the image's user where this is root and may become somebody else."""
    if os.geteuid() != 0:
        return {}
    number = int(read_image().user.partition(":")[0])
    somebody = {"user": number, "group": number, "extra_groups": []}
    try:
        done = subprocess.run([sys.executable, "-c", "import streamlit"], cwd="/", **somebody)
    except PermissionError:  # the project stands in a folder that only root may enter
        return {}
    return {} if done.returncode else somebody


@pytest.fixture
def container():
    """A folder as the image has it, and one for its data, both where another user can go."""
    folder = Path(tempfile.mkdtemp(prefix="digit-lab-image-"))
    folder.chmod(0o755)
    try:
        for name in ("app", "data"):
            (folder / name).mkdir()
        unpack(folder / "app")
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.mark.keras
@pytest.mark.slow
def test_the_image_s_commands_serve_pages_in_a_clean_folder(container):
    image, user = read_image("server"), a_user()
    app, data, log = container / "app", container / "data", container / "log"
    if user:
        os.chown(data, user["user"], user["group"])
    port = free_port()
    variables = environment(image, data, {"STREAMLIT_SERVER_PORT": str(port)})
    for stage, run in image.runs:
        if stage == "digit-lab":
            subprocess.run(["sh", "-ec", run], cwd=app, env=variables, check=True)
    assert list((app / "static").glob("plotly-*.js"))
    before = {path for path in app.rglob("*") if path.is_file()}

    def healthy():
        done = subprocess.run(image.health, cwd=app, env=variables, capture_output=True, **user)
        return done.returncode == 0

    assert not healthy()
    with log.open("wb") as output:
        server = subprocess.Popen(
            image.command, cwd=app, env=variables, stdout=output, stderr=output, **user
        )
    try:
        wait_until(lambda: server.poll() is not None or healthy(), "it is not healthy")
        assert server.poll() is None, tail(log.read_text())
        page = visit(f"http://localhost:{port}")
        assert not page.exceptions
        assert "Damage it" in page.buttons
        assert {path.name for path in (data / "models").iterdir()} >= set(BUNDLED)
        assert not visit(f"http://localhost:{port}", "runs").exceptions
        assert (data / "digit-lab.sqlite3").exists()
    finally:
        server.send_signal(signal.SIGTERM)  # as `docker stop` does
        server.wait(timeout=PATIENCE)
    assert server.returncode in (0, -signal.SIGTERM)
    assert "Traceback" not in log.read_text()
    assert {path for path in app.rglob("*") if path.is_file()} == before, "it wrote beside /data"
