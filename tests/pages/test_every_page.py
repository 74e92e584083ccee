"""What holds for every page: it stands whatever is missing."""

from pathlib import Path

import pytest

PAGES = sorted(file.stem for file in (Path(__file__).resolve().parents[2] / "pages").glob("*.py"))


@pytest.mark.parametrize("task", ["seven-segment", "handwritten"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_any_model_has_no_traceback(open_page, tmp_path, monkeypatch, name, task):
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path / "none"))
    app = open_page(name, task=task)
    assert not app.exception
    assert app.title
