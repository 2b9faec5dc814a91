"""`make simulate-postings` writes down what it has come to, once it has run whole."""

from pathlib import Path

import pytest

from tests.simulation.posting import __main__ as simulate_postings
from tests.simulation.posting.models import MODELS


@pytest.mark.parametrize(("posts", "is_whole"), [("40", True), ("39", False)])
def test_only_a_whole_run_writes_a_row_for_each_model(
    posts: str, is_whole: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "simulation-results.md"
    monkeypatch.setattr(simulate_postings, "DOCUMENT", results)
    monkeypatch.setattr(simulate_postings, "POSTS", 40)
    monkeypatch.setattr(simulate_postings, "MODELS", {"netsuite": MODELS["netsuite"]})

    assert simulate_postings.main(["--posts", posts]) == 0

    assert "0 of 2 histories failed" in capsys.readouterr().out
    assert results.exists() == is_whole
    if is_whole:
        *_, row = results.read_text().splitlines()
        assert row.startswith("| netsuite | 4")
        assert " | 2 | 0 | " in row
