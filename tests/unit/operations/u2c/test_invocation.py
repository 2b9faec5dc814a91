"""The commands that u2c suggests can be typed as they are printed, however it was called."""

import sys
from pathlib import Path

import pytest

from operations.u2c.invocation import command_line


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    script = tmp_path / ".venv" / "bin" / "u2c"
    script.parent.mkdir(parents=True)
    script.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    return script


@pytest.mark.parametrize("called", [".venv/bin/u2c", "{folder}/.venv/bin/u2c"])
def test_it_is_named_as_it_was_called_from_a_folder(
    called: str, script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [called.format(folder=tmp_path)])

    assert command_line("explain", "PS-INV1", "--out", Path("out/demo")) == (
        ".venv/bin/u2c explain PS-INV1 --out out/demo"
    )


def test_on_the_path_its_name_is_enough(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(script.parent))
    monkeypatch.setattr(sys, "argv", [str(script)])

    assert command_line("demo") == "u2c demo"


def test_a_module_is_run_by_its_python(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["operations/u2c/__main__.py"])
    monkeypatch.setattr(sys, "executable", str(script.with_name("python")))

    assert command_line("run") == ".venv/bin/python -m operations.u2c run"


def test_what_a_shell_would_split_is_quoted(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(script)])

    assert command_line("explain", "A & B", "--out", Path("my results")) == (
        ".venv/bin/u2c explain 'A & B' --out 'my results'"
    )
