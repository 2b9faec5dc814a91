"""A month whose tax an outside engine works out: quoted on the draft, committed with the issue, once."""

from decimal import Decimal
from pathlib import Path

import pytest

from shared.adapters.dynamodb.accounting_periods import DynamoAccountingPeriods
from shared.domain.exception_record import ExceptionCode, ExceptionStatus
from shared.domain.identifiers import LegalEntityId
from shared.domain.posting.accounting_period import PeriodStatus
from shared.runtime import aws
from simulators.tax import FaultPlan
from tests.scenarios.outside_tax import ENGINES, month_taxed_by
from tests.scenarios.small_month import Played


def open_codes(played: Played) -> set[ExceptionCode]:
    return {r.code for r in played.result.books.exceptions if r.status is ExceptionStatus.OPEN}


def initechs_invoice(played: Played) -> tuple[Decimal, Decimal]:
    found = next(i for i in played.result.books.invoices.values() if i.invoice_id == "c-initech/2026-03")
    return found.net.amount, found.tax.amount


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_an_issued_invoice_is_in_the_tax_engine_and_in_the_ledger_with_the_same_tax(
    engine: str, tmp_path: Path
) -> None:
    with month_taxed_by(engine, tmp_path).played() as played:
        (held,) = played.result.tax_engines["nimbus-us/tax"].documents()

        # 109.00 at 8.25 % is 8.99, 11.10 is 0.92: rounded line by line, as the engine does
        assert initechs_invoice(played) == (Decimal("120.10"), Decimal("9.91"))
        assert (held.status, held.net, held.tax, held.version) == (
            "committed",
            Decimal("120.10"),
            Decimal("9.91"),
            1,
        )
        assert played.tie_out.is_settled
        assert open_codes(played) == {ExceptionCode.MALFORMED_JSON, ExceptionCode.UNKNOWN_CUSTOMER}


def test_a_lost_reply_at_commit_is_committed_again_and_the_month_can_be_closed(tmp_path: Path) -> None:
    """Seed 5 loses the first reply of the engine: what it has recorded is recorded again, under the same code."""
    faults = FaultPlan(seed=5, lose_reply=0.6)
    with month_taxed_by("avatax", tmp_path, faults=faults).played() as played:
        engine = played.result.tax_engines["nimbus-us/tax"]
        (held,) = engine.documents()

        assert engine.faults.injected["lose_reply"] >= 1
        assert held.version > 1
        assert (held.status, held.tax) == ("committed", Decimal("9.91"))
        assert ExceptionCode.TAX_UNAVAILABLE not in open_codes(played)
        assert played.tie_out.is_settled
        table = played.result.cloud.resource("PostingsTable")
        periods = DynamoAccountingPeriods(aws.dynamodb(), table, played.given.catalog.tenant)
        assert periods.read(LegalEntityId("nimbus-us"), "2026-04").unrecorded == 0
        assert periods.set_status(LegalEntityId("nimbus-us"), "2026-04", PeriodStatus.CLOSED)


def test_a_buyer_without_an_address_waits_in_the_exceptions_and_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    month = month_taxed_by("anrok", tmp_path)
    del month.catalog["customers"][1]["details"]
    with month.played() as played:
        states = {str(i.invoice_id): i.state.value for i in played.result.books.invoices.values()}

        assert states == {"c-acme/2026-03": "posted", "c-initech/2026-03": "invalid"}
        assert ExceptionCode.TAX_ATTRIBUTE_MISSING in open_codes(played)
        assert played.result.tax_engines["nimbus-us/tax"].documents() == ()
