"""Every command of the pages, given by somebody who does not know the server's password."""

import ast
import inspect
from pathlib import Path

import pytest

from core.datasets.tables.owned import OwnTables
from core.errors import PasswordRequired
from core.handwriting.repository import Samples
from core.runs.manager import Runs
from core.search.manager import Searches
from core.training.card import TrainedModel
from tests.support.models import card_of_network
from ui.services import datasets, saved_models, server, tables, user_jobs
from ui.services.guarded import READS, guarded
from ui.services.training_api import PageManagers

REPOSITORY = Path(__file__).resolve().parents[3]
COMMANDS = {
    Runs: {"start", "start_all", "command", "resume", "rename", "delete"},
    Searches: {
        *("start", "pause", "resume", "stop", "extend", "open_test", "rename", "delete"),
    },
    Samples: {"add", "add_all", "add_each", "relabel", "delete", "delete_all"},
    OwnTables: {"add", "delete"},
}
# Without an owner: the server's own affair, which no page has any business with.
INTERNAL = {Runs: {"start_trial", "keep_test", "close"}, Searches: {"close"}}


def public_methods(kind):
    return {
        name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")
    }


@pytest.fixture(autouse=True)
def locked(monkeypatch, tmp_path):
    server.close()
    monkeypatch.setenv("DIGIT_LAB_PASSWORD", "correct horse")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/runs.sqlite3")
    monkeypatch.setenv("DIGIT_LAB_UPLOADS", str(tmp_path / "uploads"))
    yield
    server.close()


def call(function, owner):
    """Calls a command with nothing for all arguments but the owner."""
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name != "self"]
    needed = [p for p in parameters if p.default is p.empty and p.name != "owner"]
    by_place = [None for p in needed if p.kind is p.POSITIONAL_OR_KEYWORD]
    by_name = {p.name: None for p in needed if p.kind is p.KEYWORD_ONLY}
    if parameters[0].name == "owner":
        return function(owner, *by_place, **by_name)
    return function(*by_place, owner=owner, **by_name)


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_each_method_is_known_to_look_or_to_command(kind):
    commands = COMMANDS[kind] | INTERNAL.get(kind, set())
    assert public_methods(kind) - READS == commands
    assert not commands & READS
    for name in COMMANDS[kind]:
        assert "owner" in inspect.signature(getattr(kind, name)).parameters


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, names in COMMANDS.items() for name in sorted(names)]
)
def test_a_command_is_carried_out_only_for_whoever_knows_the_password(kind, name, monkeypatch):
    done = []
    signature = inspect.signature(getattr(kind, name))

    def carry_out(self, *args, **kwargs):
        done.append(signature.bind(self, *args, **kwargs).arguments["owner"])

    carry_out.__signature__ = signature
    monkeypatch.setattr(kind, name, carry_out)
    target = guarded(object.__new__(kind), server.check_password)
    with pytest.raises(PasswordRequired):
        call(getattr(target, name), "pupil")
    assert done == []
    server.password_guard().unlock("teacher", "correct horse")
    call(getattr(target, name), "teacher")
    assert done == ["teacher"]


def test_what_pages_get_from_the_server_is_guarded(monkeypatch):
    for get in (server.runs, server.searches, server.samples, server.own_tables):
        with pytest.raises(PasswordRequired):
            call(get().delete, "pupil")
    assert server.runs().of("pupil") == []
    with pytest.raises(PasswordRequired):
        server.runs().keep_test("run", None)  # without an owner it is nobody's to give
    server.close()
    monkeypatch.delenv("DIGIT_LAB_PASSWORD")
    assert server.runs() is server.unguarded_runs()


def test_programs_give_commands_by_their_token_alone():
    managers = PageManagers()
    assert managers.runs() is server.unguarded_runs()
    assert managers.searches() is server.unguarded_searches()


def test_what_is_saved_uploaded_or_begun_elsewhere_is_guarded(monkeypatch, tmp_path):
    monkeypatch.setattr(saved_models, "store", lambda: pytest.fail("it went on"))
    monkeypatch.setattr(tables.storage, "keep_draft", lambda data: pytest.fail("it went on"))
    monkeypatch.setattr(datasets.uploads, "keep", lambda data: pytest.fail("it went on"))
    monkeypatch.setattr(datasets, "workers", lambda: pytest.fail("it went on"))
    model = TrainedModel({}, card_of_network())
    for command in (
        lambda: saved_models.save("mine", model, owner="pupil"),
        lambda: saved_models.rename("mine", "new", owner="pupil"),
        lambda: saved_models.delete("mine", owner="pupil"),
        lambda: tables.keep_draft(b"a,b", owner="pupil"),
        lambda: datasets.keep_upload(b"", owner="pupil"),
        lambda: datasets.download_job("handwritten", "mnist", "pupil"),
        lambda: user_jobs.fine_tuning_jobs().start("pupil", lambda: pytest.fail("it went on")),
        lambda: user_jobs.ensemble_jobs().start("pupil", lambda: pytest.fail("it went on")),
        lambda: user_jobs.import_jobs().start("pupil", lambda: pytest.fail("it went on")),
    ):
        with pytest.raises(PasswordRequired):
            command()


def test_pages_have_no_other_way_to_change_something():
    """Nothing above `ui.services` reaches behind the guard."""
    around = {"unguarded_runs", "unguarded_searches", "keep", "keep_draft", "save", "rename"}
    allowed = {("runs", "rename"), ("saved_models", "rename"), ("saved_models", "save")}
    found = []
    for path in [
        *REPOSITORY.glob("pages/*.py"),
        *REPOSITORY.glob("ui/**/*.py"),
        REPOSITORY / "app.py",
    ]:
        if path.parent.name == "services":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            of = node.func.value
            of = of.func if isinstance(of, ast.Call) else of
            whose = getattr(of, "attr", getattr(of, "id", ""))
            if node.func.attr in around and (whose, node.func.attr) not in allowed:
                found.append(f"{path.name}: {whose}.{node.func.attr}")
    assert sorted(found) == [
        "footer.py: make.save",
        "form.py: tables.keep_draft",
        "train.py: SLOW_MOTION.keep",
    ]
