"""compose.yaml: read by a parser of its format, and its services run against each other."""

import re
from urllib.parse import quote

import pytest
import yaml
from compose_spec import PyCompose
from sqlalchemy import text

from core.database import Database
from core.settings import Settings
from tests.running_app import REPOSITORY
from tests.support.compose import Composed, read_compose
from tests.support.image import read_image
from tests.support.patience import wait_until
from tests.support.postgresql import PASSWORD
from tests.support.visits import visit

NEEDED = {"POSTGRES_PASSWORD": "secret"}
WITHOUT = ("tensorflow", "keras", "onnx", "tf2onnx")  # in the image of the server


def test_its_format_is_right_and_what_it_refers_to_is_there():
    read = read_compose(**NEEDED)
    compose = PyCompose.from_yaml(yaml.safe_dump(read))
    compose.validate()
    assert set(compose.service_names()) == {"proxy", "app", "scheduler", "worker", "database"}
    for name, service in read["services"].items():
        assert service["restart"] == "unless-stopped", name
        assert service["cap_drop"] == ["ALL"], name
        for mount in service["volumes"]:
            source = mount.partition(":")[0]
            if source.startswith("."):
                assert (REPOSITORY / source).is_file()
            else:
                assert source in read["volumes"]
        assert set(service.get("depends_on", {})) <= set(read["services"])
        # A service whose health nobody knows is never waited for.
        for other in service.get("depends_on", {}):
            assert other == "app" or "healthcheck" in read["services"][other]


def test_two_workers_train_and_nothing_but_the_proxy_can_be_reached_from_outside():
    services = read_compose(**NEEDED)["services"]
    assert services["worker"]["deploy"]["replicas"] == 2
    assert [name for name, service in services.items() if service.get("ports")] == ["proxy"]


def test_a_password_must_be_given_and_stands_nowhere():
    with pytest.raises(KeyError, match="POSTGRES_PASSWORD"):
        read_compose()
    example = (REPOSITORY / "deploy" / "example.env").read_text(encoding="utf-8")
    assert re.search(r"(?m)^POSTGRES_PASSWORD=$", example)
    named = set(re.findall(r"\$\{(\w+)", (REPOSITORY / "compose.yaml").read_text("utf-8")))
    assert set(re.findall(r"(?m)^(\w+)=", example)) <= named


def test_what_it_sets_is_what_the_app_reads():
    known = {field.validation_alias for field in Settings.model_fields.values()} | {
        "DIGIT_LAB_PASSWORD"
    }
    set_here = set(read_compose(**NEEDED)["services"]["app"]["environment"])
    own = set(read_image().environment)
    assert {name for name in set_here | own if name.startswith(("DIGIT_LAB", "DA"))} <= known


@pytest.mark.keras
@pytest.mark.slow
def test_its_services_train_a_network_together(postgresql, tmp_path):
    """The server and the scheduler have no TensorFlow here, as in the image without it."""
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    for name in WITHOUT:
        (nothing / f"{name}.py").write_text(f"raise ImportError('{name} is not in this image')")
    services = read_compose(POSTGRES_PASSWORD=quote(PASSWORD), SITE="lab.example")["services"]
    with postgresql.empty_database() as url:
        composed = Composed(services, tmp_path, url.partition("@")[2])
        database = Database(url)
        try:
            composed.start("scheduler", PYTHONPATH=str(nothing))
            composed.start("worker")
            composed.start("app", PYTHONPATH=str(nothing))
            shown = visit(
                composed.address,
                "train",
                recipe="guide",
                epochs="1",
                batch_size="1024",
                press="Start training",
            )
            assert not shown.exceptions

            def state():
                with database.session() as session:
                    return session.execute(text("SELECT state FROM runs")).scalar_one_or_none()

            wait_until(lambda: state() in ("finished", "failed"), composed.log("app"))
            assert state() == "finished", composed.log("app") + composed.log("worker")
        finally:
            composed.stop()
            database.close()
    assert "Traceback" not in composed.log("app")
