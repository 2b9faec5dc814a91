"""Whoever calls ERPs lets others have their turn when it is done: a permit that is kept keeps them waiting a minute."""

from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"
CALLERS = [path for path in sorted(FUNCTIONS.glob("*/handler.py")) if "tenant_site(" in path.read_text()]
BY_DOCUMENT = {"post_to_erp"}  # takes a turn for each document, by port ErpsInTurn


@pytest.mark.parametrize("handler", CALLERS, ids=lambda path: path.parent.name)
def test_a_handler_that_calls_erps_gives_its_permits_back(handler: Path) -> None:
    if handler.parent.name in BY_DOCUMENT:
        assert ".turn(" in (handler.parent / "use_case.py").read_text()
    else:
        assert "with site.in_turn():" in handler.read_text()
