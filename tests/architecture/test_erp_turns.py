"""Whoever calls ERPs lets others have their turn when it is done: a permit that is kept keeps them waiting a minute."""

from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"
CALLERS = [path for path in sorted(FUNCTIONS.glob("*/handler.py")) if "tenant_site(" in path.read_text()]
IN_THE_USE_CASE = {  # a turn for each document or each ERP, by ports ErpsInTurn and ReadableErpsInTurn
    "post_to_erp": ".turn(",
    "renew_erp_notices": ".reading_turn(",
    "resolve_unknown_postings": ".reading_turn(",
    "sync_accounting_periods": ".reading_turn(",
    "sync_settlements": ".reading_turn(",
}


@pytest.mark.parametrize("handler", CALLERS, ids=lambda path: path.parent.name)
def test_a_handler_that_calls_erps_gives_its_permits_back(handler: Path) -> None:
    if handler.parent.name in IN_THE_USE_CASE:
        assert IN_THE_USE_CASE[handler.parent.name] in (handler.parent / "use_case.py").read_text()
    else:
        assert "with site.in_turn():" in handler.read_text()
