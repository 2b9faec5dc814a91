"""A run needs nothing of the folder that it is started from."""

from pathlib import Path

import pytest

from infra.synthesize import templates
from operations.u2c.run import SYNTH_CACHE


def test_templates_are_kept_with_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert "UsageToCashApplication" in templates(SYNTH_CACHE)
    assert list(tmp_path.iterdir()) == []
