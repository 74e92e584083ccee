"""`python -m core export`."""

import pytest

from core.cli import main
from core.export.formats import FORMATS
from core.models.store import ModelStore
from core.networks.formats import INT8_FILE


def test_it_writes_the_file_and_never_over_another_unless_told(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept = ModelStore().get("parity").read(INT8_FILE)
    (written := tmp_path / "plain").write_text("")
    assert main(["export", "parity", "--format", "int8"]) == 0
    path = tmp_path / "parity-int8.tflite"
    assert path.read_bytes() == kept
    assert (
        path.stat().st_mode & 0o777 == written.stat().st_mode & 0o777
    )  # as any new file: a web server may read it
    assert "before 100.00 %" in capsys.readouterr().out
    assert main(["export", "parity", "--format", "card", "--to", str(path)]) == 2
    assert "--replace writes over it" in capsys.readouterr().err
    assert path.read_bytes() == kept
    assert main(["export", "parity", "--format", "card", "--to", str(path), "--replace"]) == 0
    assert path.read_bytes().startswith(b"{")
    assert main(["export", "parity", "--format", "card", "--to", str(tmp_path)]) == 2


@pytest.mark.parametrize("name", FORMATS)
def test_an_ensemble_has_only_its_card(name, tmp_path, capsys):
    status = main(
        ["export", "handwritten-ensemble", "--format", name, "--to", str(tmp_path / "file")]
    )
    assert (status == 0) == (name == "card")
    assert (tmp_path / "file").exists() == (name == "card")
    assert "Traceback" not in capsys.readouterr().err
