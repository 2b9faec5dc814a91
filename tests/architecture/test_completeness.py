"""The tree keeps its promises: every function has its files, a sample event, and a line in the documentation."""

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = sorted(folder.parent.name for folder in (ROOT / "functions").glob("*/handler.py"))


def test_there_are_functions() -> None:
    assert "post_to_erp" in FUNCTIONS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_a_handler_and_a_use_case(function: str) -> None:
    files = {path.name for path in (ROOT / "functions" / function).glob("*.py")}

    assert files >= {"__init__.py", "handler.py", "use_case.py"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_a_sample_event(function: str) -> None:
    assert json.loads((ROOT / "events" / "aws" / f"{function}.json").read_text())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_documented(function: str) -> None:
    assert f"`{function}`" in (ROOT / "docs" / "reference" / "functions.md").read_text()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_handler_only_translates_and_wires(function: str) -> None:
    text = (ROOT / "functions" / function / "handler.py").read_text()
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]

    assert len(text.splitlines()) <= 80
    assert all((one.end_lineno or 0) - one.lineno < 20 for one in functions)


@pytest.mark.parametrize("tree", ["functions", "shared", "infra", "operations", "simulators"])
def test_no_module_is_called_utils(tree: str) -> None:
    vague = {"utils", "helpers", "common", "manager", "misc"}

    assert not [path for path in (ROOT / tree).rglob("*.py") if path.stem in vague]


@pytest.mark.parametrize("tree", ["shared/domain", "functions"])
def test_time_and_chance_enter_from_outside(tree: str) -> None:
    forbidden = ("datetime.now(", "datetime.utcnow(", "time.time(", "uuid4(", "random.", "date.today(")

    for path in (ROOT / tree).rglob("*.py"):
        text = path.read_text()
        assert not [call for call in forbidden if call in text], path
