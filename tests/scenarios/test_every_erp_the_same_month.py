"""One catalogue, one month, a legal entity for each ERP: what they end with is the same trial balance everywhere."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core.data import Balance, Transaction
from rich.console import Console

from operations.u2c import report
from operations.u2c.run import Stopwatch
from shared.adapters.dynamodb.receivables import DynamoReceivables
from shared.domain.identifiers import TenantId
from shared.domain.posting.intent import IntentState
from shared.domain.posting.readings import SettlementStatus
from shared.runtime import aws
from tests.builders.erp_guides import example
from tests.contract.erp.systems.every_system import EVERY_SYSTEM
from tests.scenarios.small_month import CATALOG, Played, SmallMonth, usage

SOLD = ("platform", "api")  # of all that the demo sells


def erp_of(system: str) -> dict[str, Any]:
    """Return the `erp` of a legal entity: the example of the ERP's guide, for what is sold here. All have one chart."""
    entry = example(system)
    for name in {"products", "revenue_accounts"} & entry.keys():
        entry[name] = {product: entry[name][product] for product in SOLD}
    return entry | {"tax_codes": {"VAT-19": entry["tax_codes"]["DE-VAT-19"]}}


def same_month_everywhere(folder: Path) -> SmallMonth:
    month = SmallMonth(folder)
    origin: Any = CATALOG
    (template, _), catalog = origin["legal_entities"], month.catalog
    entity = {name: value for name, value in template.items() if name not in {"approval", "details"}}
    customer, contract = origin["customers"][0], origin["contracts"][0]
    names = {system: system.replace("_", "-") for system in EVERY_SYSTEM}
    catalog["legal_entities"] = [
        entity
        | {
            "id": f"to-{names[system]}",
            "name": f"To {names[system]}",
            "invoice_series": f"{system.upper()[:4]}-",
            "erp": erp_of(system),
        }
        for system in EVERY_SYSTEM
    ]
    catalog["customers"] = [
        {name: value for name, value in customer.items() if name != "details"} | {"id": f"acme-{names[system]}"}
        for system in EVERY_SYSTEM
    ]
    catalog["contracts"] = [
        contract
        | {
            "id": f"c-{names[system]}",
            "customer": f"acme-{names[system]}",
            "legal_entity": f"to-{names[system]}",
            "subscriptions": [{"id": f"s-{names[system]}", "plan": "team"}],
        }
        for system in EVERY_SYSTEM
    ]
    month.lines = [
        json.dumps(event)
        for system in EVERY_SYSTEM
        for event in (
            usage(f"{system}-1", f"acme-{names[system]}"),
            usage(f"{system}-2", f"acme-{names[system]}", time="2026-03-31T09:00:00Z"),
        )
    ]
    return month


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with same_month_everywhere(tmp_path_factory.mktemp("everywhere")).played() as played:
        yield played


def trial_balances(beancount: str) -> Mapping[str, Mapping[str, Decimal]]:
    """Return what each account holds, by company, as beancount adds the postings up; it must find nothing wrong."""
    entries, errors, _ = loader.load_string(beancount)
    assert errors == []
    assert any(isinstance(entry, Balance) for entry in entries), "a missing entry is noticed by closing balances alone"
    balances: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for entry in entries:
        for posting in entry.postings if isinstance(entry, Transaction) else ():
            _, company, account = posting.account.split(":")
            assert posting.units is not None
            assert posting.units.number is not None
            balances[company][account] += posting.units.number
    return balances


def test_every_document_is_posted_and_all_ties(played: Played) -> None:
    states = {intent.legal_entity_id: intent.state for intent in played.result.books.intents}

    assert states == {f"to-{system.replace('_', '-')}": IntentState.POSTED for system in EVERY_SYSTEM}
    assert played.tie_out.ties


def test_what_an_erp_by_files_was_sent_and_has_answered_is_among_the_results(played: Played, tmp_path: Path) -> None:
    report.report_run(played.result, played.given, tmp_path / "out", Stopwatch(), Console(quiet=True))

    (entity,) = (tmp_path / "out" / "erp-files").iterdir()
    sent = {path.name for path in (entity / "outbound").iterdir()}
    answered = {path.name for path in (entity / "inbound").iterdir() if not path.name.startswith("settlements.")}
    name = "nimbus.NDE1.invoice.2026-04.000001.txt"
    assert entity.name == "to-legacy-files"
    assert sent == {name, f"{name}.manifest.json"}
    assert answered == {f"{name}.ack", f"{name}.rsp"}


def test_what_customers_pay_in_any_erp_closes_their_invoices_here(played: Played) -> None:
    """Payments come home with the next reading; half of the customers pay all, the others the fee alone."""
    cloud, erps = played.result.cloud, played.result.erps
    invoices = {intent.legal_entity_id: intent for intent in played.result.books.intents}
    for number, entity in enumerate(sorted(invoices)):
        amount = Decimal("131.02") if number % 2 else Decimal("99.00")
        connection = next(one.erp.connection for one in erps.legal_entities if one.legal_entity_id == entity)
        erps.by_connection[connection].pay(invoices[entity].external_ref, amount, date(2026, 4, 2))

    cloud.invoke("read_erp_answers", {"time": "2026-04-05T00:00:00Z"})  # by files it is told when they are read
    cloud.invoke("sync_settlements", {"time": "2026-04-05T00:00:00Z"})

    receivables = DynamoReceivables(aws.dynamodb(), cloud.resource("PostingsTable"), TenantId("nimbus"))
    stands = {entity: receivables.read(entity, invoices[entity].posting_id) for entity in sorted(invoices)}
    assert {entity: one and (one.status, str(one.open_amount), one.is_closed) for entity, one in stands.items()} == {
        entity: (SettlementStatus.PAID, "0.00 EUR", True)
        if number % 2
        else (SettlementStatus.PARTLY_PAID, "32.02 EUR", False)
        for number, entity in enumerate(sorted(invoices))
    }


def test_the_same_month_is_the_same_trial_balance_in_every_erp(played: Played) -> None:
    """99.00 of fee; 120 calls: 100 at 0.10 and 20 at 0.055; 19 % of 110.10."""
    balances = trial_balances(played.result.beancount)

    expected = {"1400": "131.02", "1776": "-20.92", "8400": "-99.00", "8410": "-11.10"}
    assert {company: {name: str(held) for name, held in of.items()} for company, of in balances.items()} == {
        f"To-{system.replace('_', '-')}": expected for system in EVERY_SYSTEM
    }
