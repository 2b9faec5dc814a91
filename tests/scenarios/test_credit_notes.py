"""Two posted invoices credited in parts and then wholly, in both ERPs: every account back at nothing, to the cent."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from shared.domain.exception_record import ExceptionCode, ExceptionStatus
from shared.domain.posting.intent import IntentState
from shared.domain.time_period import format_instant
from simulators.erp import AccountRole
from tests.scenarios.small_month import Played, SmallMonth, instant, usage
from tests.scenarios.test_redrive import as_it_is_now, receivables

EVENTS = (usage("calls-1"), usage("calls-2", "initech"))
NOTHING = Decimal(0)


class Finance:
    """Dora credits, Clara approves; both through the deployed function."""

    def __init__(self, played: Played) -> None:
        self.cloud = played.result.cloud

    def asks(
        self,
        contract: str,
        request_id: str,
        credit: Mapping[str, Any],
        *,
        preview: bool = False,
        purpose: str = "goodwill",
    ) -> dict[str, Any]:
        asked = {
            "request_id": request_id,
            "invoice_id": f"{contract}/2026-03",
            "credit": credit,
            "reason": "the API was down",
            "requested_by": "dora@nimbus.example",
            "requested_at": format_instant(self.cloud.clock.now()),
            "preview": preview,
            "purpose": purpose,
        }
        return self._answer({"request": asked})

    def approves(self, contract: str, request_id: str) -> dict[str, Any]:
        said = {
            "request_id": request_id,
            "invoice_id": f"{contract}/2026-03",
            "approved": True,
            "decided_by": "clara@nimbus.example",
            "decided_at": format_instant(self.cloud.clock.now()),
        }
        return self._answer({"decision": said})

    def _answer(self, event: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self.cloud.invoke("issue_credit_note", event)
        self.cloud.settle()
        return answer


def small_month(folder: Path) -> SmallMonth:
    month = SmallMonth(folder, until=instant("2026-04-04"))
    month.lines = [json.dumps(event) for event in EVENTS]
    month.catalog["legal_entities"][0]["erp"]["settings"] = {"no_tax_code": "NOVAT"}
    return month


def test_invoices_are_credited_to_the_cent_in_both_erps(tmp_path: Path) -> None:
    with small_month(tmp_path).played() as played:
        finance = Finance(played)
        assert receivables(played) == {"nimbus-de EUR": Decimal("124.95"), "nimbus-us USD": Decimal("115.00")}

        preview = finance.asks("c-acme", "sla-1", {"share": "0.333"}, preview=True)
        for part in range(1, 4):  # of 105.00: 34.97, 34.97 and 34.97 at 19 %, and then 0.09
            answer = finance.asks("c-acme", f"sla-{part}", {"share": "0.333"})
            assert (answer["outcome"], answer["net"], answer["tax"]) == ("issued", "34.97 EUR", "6.64 EUR")
        assert preview["gross"] == answer["gross"]
        last = finance.asks("c-acme", "rest", {})
        assert (last["net"], last["tax"]) == ("0.09 EUR", "0.03 EUR")  # 19 % of it is 0.02

        gift = {"lines": [{"line_id": "s-initech/calls", "amount": "1.50"}], "currency": "USD"}
        assert finance.asks("c-initech", "gift", gift) == finance.asks("c-initech", "gift", gift)
        finance.asks("c-initech", "rest", {})
        refused = finance.asks("c-initech", "more", {})
        now = as_it_is_now(played)

        assert refused == {"outcome": "refused", "reason": "nothing is left of NUS-000001 to credit"}
        assert {note.number for note in now.result.books.credit_notes} == {
            *(f"NDE-CN-00000{number}" for number in range(1, 5)),
            *(f"NUS-CN-00000{number}" for number in range(1, 3)),
        }
        assert {intent.state for intent in now.result.books.intents} == {IntentState.POSTED}
        assert receivables(now) == {"nimbus-de EUR": NOTHING, "nimbus-us USD": NOTHING}
        for entity in now.given.catalog.legal_entities:
            ledger = now.result.erps.by_connection[entity.erp.connection].ledger
            for role in AccountRole:
                assert set(ledger.balances(company=entity.erp.company, role=role).values()) == {NOTHING}
        assert now.tie_out.is_settled
        pdfs = {key.removeprefix("nimbus/") for key in now.sent if key.endswith(".pdf") and "credit" in key}
        assert pdfs == {
            *(f"c-acme/2026-03/r001/credit-{name}.pdf" for name in ("sla-1", "sla-2", "sla-3", "rest")),
            *(f"c-initech/2026-03/r001/credit-{name}.pdf" for name in ("gift", "rest")),
        }


def test_a_great_credit_waits_for_its_approver_and_what_is_voided_is_billed_anew(tmp_path: Path) -> None:
    with small_month(tmp_path).played() as played:
        finance = Finance(played)
        voided = finance.asks("c-initech", "price", {}, purpose="void")

        asked = finance.asks("c-acme", "goodwill", {})
        waiting = as_it_is_now(played)

        assert (voided["outcome"], voided["gross"]) == ("issued", "115.00 USD")
        assert states_of("c-initech/2026-03", waiting) == {1: "voiding"}
        assert (asked["outcome"], asked["number"]) == ("awaiting_approval", "")
        assert pending(waiting) == ["c-acme/2026-03/r1/credit/goodwill"]
        assert receivables(waiting) == receivables(played) | {"nimbus-us USD": NOTHING}
        assert waiting.tie_out.is_settled

        assert finance.approves("c-acme", "goodwill")["number"] == "NDE-CN-000001"
        finance.cloud.advance_to(instant("2026-04-05"))
        now = as_it_is_now(played)
        assert pending(now) == []
        assert states_of("c-initech/2026-03", now) == {1: "voided", 2: "posted"}
        assert receivables(now) == {"nimbus-de EUR": NOTHING, "nimbus-us USD": Decimal("115.00")}
        assert now.tie_out.is_settled


def states_of(name: str, played: Played) -> dict[int, str]:
    books = played.result.books
    every = (*books.invoices.values(), *books.reversed)
    return {one.revision: one.state.value for one in every if one.invoice_id == name}


def pending(played: Played) -> list[str]:
    return [
        record.subject
        for record in played.result.books.exceptions
        if record.code is ExceptionCode.CREDIT_NOTE_PENDING and record.status is ExceptionStatus.OPEN
    ]
