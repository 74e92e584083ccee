import pytest

from core.errors import WorkersUnavailable
from core.workers.dask_cluster import scheduler_address


@pytest.mark.parametrize("address", ["host:8786", "http://host:1", "tcp://host", "tcp://a b:1"])
def test_a_wrong_address_of_a_scheduler_is_a_sentence(monkeypatch, address):
    monkeypatch.setenv("DASK_SCHEDULER", address)
    with pytest.raises(WorkersUnavailable, match="DASK_SCHEDULER"):
        scheduler_address()


@pytest.mark.parametrize("address", ["tcp://host:8786", " tls://10.0.0.1:1 "])
def test_an_address_of_a_scheduler_is_taken_and_none_means_a_cluster_of_our_own(
    monkeypatch, address
):
    monkeypatch.setenv("DASK_SCHEDULER", address)
    assert scheduler_address() == address.strip()
    monkeypatch.setenv("DASK_SCHEDULER", " ")
    assert scheduler_address() is None
    monkeypatch.delenv("DASK_SCHEDULER")
    assert scheduler_address() is None
