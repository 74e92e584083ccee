import re
from dataclasses import replace

import numpy as np
import pytest

from core.datasets.tables import storage
from core.errors import LimitReached, ModelUnusable
from core.export import html_page as exported
from core.export import plans
from core.export.formats import FORMATS, make
from core.export.html_page import HTML, MAX_BYTES, html_page, unavailable
from core.export.page_data import weight_bytes
from core.models.store import ModelStore
from core.networks.plan import Dense
from core.networks.saved_layers import SavedLayer
from core.training.card import EnsembleCard, parse_card
from tests.support.models import card_of_ensemble, save_copy
from tests.support.tables import fruit, record_of


def page_of(model):
    return html_page(model).decode()


def test_every_page_that_is_offered_is_small_enough():
    offered = [model for model in ModelStore().models() if not unavailable(model)]
    assert {model.task.name for model in offered} >= {"handwritten", "seven-segment", "gestures"}
    assert {"handwritten-large", "handwritten-kernel-7"} <= {model.name for model in offered}
    for model in offered:
        assert len(html_page(model)) < MAX_BYTES, model.name


def test_what_is_too_large_gets_a_sentence():
    ensemble = ModelStore().get("handwritten-ensemble")
    assert "larger than 3 MB" in unavailable(ensemble)
    with pytest.raises(LimitReached, match="weights would make the page larger than 3 MB"):
        html_page(ensemble)


def test_where_four_bytes_are_too_many_a_weight_has_three(monkeypatch):
    model = ModelStore().get("handwritten-dense")
    monkeypatch.setattr(exported, "MAX_BYTES", 600_000)
    page = page_of(model)
    assert '"bytesEach":3' in page
    assert len(page.encode()) < 600_000


def test_three_bytes_are_the_closest_that_there_are():
    values = np.array([1, -1, 0, 1 + 2**-16, 1 + 2**-17, 1e-30, 3.4028235e38], np.float32)
    step = Dense("d", (7,), (1,), values[:, np.newaxis], np.zeros(1, np.float32))
    data = weight_bytes([[step]], 3)
    bits = np.zeros((8, 4), np.uint8)
    bits[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    read = bits.view("<f4")[:7, 0]
    np.testing.assert_allclose(read, values, rtol=2**-16)
    assert read[4] == 1  # half to even
    assert np.isfinite(read).all()


def test_a_missing_member_gets_a_sentence(tmp_path):
    store = ModelStore(tmp_path)
    members = [save_copy(store, "handwritten-dense", name) for name in ("one", "two")]
    ensemble = store.save("both", {}, card_of_ensemble(*members))
    assert not unavailable(ensemble)
    (tmp_path / "two" / "card.json").unlink()
    assert "two" in unavailable(ensemble)


def test_names_from_outside_are_text_and_not_html(tmp_path):
    evil = "</script><script>alert(1)</script>"
    data = fruit().replace(b"farbe", evil.encode()).replace(b"Apfel", evil.encode())
    record = record_of(data, title="<img src=x onerror=alert(1)>")
    storage.learn(record)
    model = ModelStore().get("seven-segment")
    figures = [{"data": "<b>bold</b>", "correct": 9, "total": 10}]
    card = {**model.card.entries, "task": record.name, "table": record.entries, "figures": figures}
    card |= {"noise": "none", "noise_level": 0.0, "source": record.name}
    page = page_of_table(model, card, record)
    assert page.count("</script>") == 3
    assert "<img" not in page
    assert "<b>bold" not in page
    assert re.search(r'"examples":\[\]', page)  # the rows of a person's own table stay at home


def page_of_table(model, card, record):
    """Returns the page of a network for a table, of whose layers nothing depends on the names."""
    made = replace(model, card=parse_card(card))
    size, classes = len(record.features), len(record.classes)
    step = Dense("d", (size,), (classes,), np.ones((size, classes), np.float32), np.ones(classes))
    data = exported._data(made, [made], [[step]], 4)
    return exported._rendered(made, data, [[step]]).decode()


def test_it_is_one_of_the_formats():
    model = ModelStore().get("parity")
    assert FORMATS["html"] is HTML
    assert HTML.file_name(model) == "parity.html"
    page = make(model, HTML, lambda *_: None).data.decode()
    assert "100.00 % right" in page
    assert "default-src 'none'" in page


def test_a_layer_that_no_page_can_compute_gets_a_sentence(monkeypatch):
    leaky = SavedLayer("leaky", "ReLU", {"negative_slope": 0.1})
    monkeypatch.setattr(plans, "read_layers", lambda model: [leaky])
    model = ModelStore().get("parity")
    with pytest.raises(ModelUnusable, match="leaky"):
        html_page(model)
    assert not unavailable(model)  # it was trained here, so nobody looks
    monkeypatch.setattr(plans, "NetworkCard", EnsembleCard)  # as if it came from outside
    assert "leaky" in unavailable(model)
