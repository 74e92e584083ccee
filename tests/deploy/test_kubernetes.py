"""The manifests, against the schemas of Kubernetes."""

import kubernetes_validate
import pytest
import yaml

from tests.running_app import REPOSITORY

VERSION = "1.31"
OURS = REPOSITORY / "deploy" / "kubernetes" / "digit-lab.yaml"
DASK = REPOSITORY / "deploy" / "kubernetes-dask" / "cluster.yaml"


def parts(path):
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def as_kubernetes_has_it(part):
    """What a part becomes: Dask's operator makes pods and a service of its cluster."""
    if part["kind"] != "DaskCluster":
        return [part]
    pods = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": part["metadata"], "spec": each["spec"]}
        for each in (part["spec"]["worker"], part["spec"]["scheduler"])
    ]
    service = part["spec"]["scheduler"]["service"]
    return [*pods, {"apiVersion": "v1", "kind": "Service", "metadata": {}, "spec": service}]


@pytest.mark.parametrize("path", [OURS, DASK], ids=["pages", "workers"])
def test_all_parts_have_the_right_form(path):
    for part in parts(path):
        for each in as_kubernetes_has_it(part):
            kubernetes_validate.validate(each, VERSION, strict=True)


def pods():
    for path in (OURS, DASK):
        for part in parts(path):
            for each in as_kubernetes_has_it(part):
                if each["kind"] == "Pod":
                    yield part["metadata"]["name"], each["spec"]
                elif each["kind"] in ("Deployment", "StatefulSet"):
                    yield part["metadata"]["name"], each["spec"]["template"]["spec"]


def test_no_pod_has_rights_or_unbounded_memory():
    found = list(pods())
    assert len(found) == 4
    for name, pod in found:
        assert pod["securityContext"]["runAsNonRoot"], name
        assert not pod["enableServiceLinks"], f"{name}: a service's name becomes DIGIT_LAB_PORT"
        for container in pod["containers"]:
            assert "memory" in container["resources"]["limits"], name
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}, name
            assert not container["securityContext"]["allowPrivilegeEscalation"], name


def test_the_scheduler_is_where_the_server_looks_for_it_and_answers_nobody_else():
    (cluster, policy) = parts(DASK)
    (server,) = [part for part in parts(OURS) if part["kind"] == "Deployment"]
    variables = {
        each["name"]: each for each in server["spec"]["template"]["spec"]["containers"][0]["env"]
    }
    # The operator calls the service by the cluster's name.
    assert (
        variables["DASK_SCHEDULER"]["value"]
        == f"tcp://{cluster['metadata']['name']}-scheduler:8786"
    )
    chosen = policy["spec"]["podSelector"]["matchLabels"]
    assert chosen == {"dask.org/cluster-name": cluster["metadata"]["name"]}
    pages = policy["spec"]["ingress"][0]["from"][0]["podSelector"]["matchLabels"]
    assert pages.items() <= server["spec"]["template"]["metadata"]["labels"].items()
    assert cluster["spec"]["scheduler"]["service"]["type"] == "ClusterIP"
