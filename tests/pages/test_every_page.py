"""What holds for every page: it stands whatever is missing."""

from pathlib import Path

import pytest
import streamlit as st

from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE, LITERT_FILE
from tests.support.app_test import app_from_file
from ui.services import server

APP = Path(__file__).resolve().parents[2] / "app.py"
PAGES = sorted(file.stem for file in (APP.parent / "pages").glob("*.py"))


@pytest.mark.parametrize("task", ["seven-segment", "handwritten"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_any_model_has_no_traceback(open_page, tmp_path, monkeypatch, name, task):
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path / "none"))
    app = open_page(name, task=task)
    assert not app.exception
    assert app.title


def test_a_wrong_setting_of_the_server_is_a_sentence_instead_of_any_page(submitted, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_MAX_RUNS", "many")
    server.close()
    st.cache_resource.clear()
    app = app_from_file(APP).run()
    assert not app.exception
    assert [error.value for error in app.error] == [
        "This server's settings are wrong. Expected DIGIT_LAB_MAX_RUNS to be a whole number from 1."
        " Received: many."
    ]
    assert not app.title


@pytest.mark.parametrize("task", ["seven-segment", "handwritten"])
@pytest.mark.parametrize("name", PAGES)
def test_a_model_whose_file_is_no_network_is_a_sentence(
    open_page, tmp_path, monkeypatch, name, task
):
    bundled = ModelStore().get(task)
    store = ModelStore(tmp_path)
    store.save("broken", {KERAS_FILE: b"no network", LITERT_FILE: b"no network"}, bundled.card)
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path))
    app = open_page(name, task=task, model="broken", models="broken", pattern="1111110")
    assert not app.exception
    assert app.title
