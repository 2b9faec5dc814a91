"""One catalogue, one month, a legal entity for each ERP: what they end with is the same trial balance everywhere."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
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
from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.posting.intent import IntentState
from shared.domain.posting.readings import SettlementStatus
from shared.runtime import aws
from tests.builders.erp_guides import example
from tests.contract.erp.systems.every_system import EVERY_SYSTEM
from tests.scenarios.small_month import CATALOG, Played, SmallMonth, usage
from tests.scenarios.test_credit_notes import Finance

COMPANIES = [f"To-{system.replace('_', '-')}" for system in EVERY_SYSTEM]
# They take a credit memo of an invoice of which nothing is open any more; not every ERP does.
PAYS_ALL = ("to-dynamics-finance", "to-oracle-fusion", "to-sap-s4hana")
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
            "approval": {"approver": "clara@nimbus.example", "thresholds": {"EUR": 1000}},
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


@pytest.fixture(scope="module")
def paid(played: Played) -> Played:
    """Have some customers pay all, the others the fee alone."""
    for entity in entities(played):
        pays(played, entity, "131.02" if entity in PAYS_ALL else "99.00", on=date(2026, 4, 2))
    return played


@pytest.fixture(scope="module")
def played_on(paid: Played) -> Played:
    """Play on: a tenth of each invoice is credited, 40.00 are accrued, and who has paid the fee pays what is left."""
    for entity in entities(paid):
        credited(paid, entity)
        accrued(paid, entity)
    cloud = paid.result.cloud
    for _ in range(2):  # for the ERPs' own files, jobs and batches
        cloud.advance_to(cloud.clock.now() + timedelta(hours=1))
    for entity in entities(paid):
        if entity not in PAYS_ALL:
            pays(paid, entity, "18.92", on=date(2026, 4, 3))
    return paid


def credited(played: Played, entity: LegalEntityId) -> None:
    answer = Finance(played).asks(entity.replace("to-", "c-"), "sla", {"share": "0.1"})
    assert (answer["outcome"], answer["gross"]) == ("issued", "13.10 EUR")


def accrued(played: Played, entity: LegalEntityId) -> None:
    """Accrue revenue, as two people of finance do."""
    journal = {
        "id": f"acc-{entity}",
        "legal_entity": entity,
        "posting_date": "2026-04-02",
        "currency": "EUR",
        "text": "Usage that is not billed",
        "lines": [{"account": "unbilled_receivables", "debit": "40.00"}, {"account": "revenue", "credit": "40.00"}],
    }
    prepared = {"act": "prepare", "journal": journal, "prepared_by": "fred@nimbus.example", "send": True}
    decided = {"act": "decide", "journal_id": journal["id"], "approved": True, "decided_by": "clara@nimbus.example"}
    cloud = played.result.cloud
    assert cloud.invoke("record_journal", prepared)["outcome"] == "awaiting_approval"
    assert cloud.invoke("record_journal", decided)["outcome"] == "approved"


def entities(played: Played) -> list[LegalEntityId]:
    return sorted(intent.legal_entity_id for intent in played.result.books.intents)


def pays(played: Played, entity: LegalEntityId, amount: str, *, on: date) -> None:
    erps = played.result.erps
    connection = next(one.erp.connection for one in erps.legal_entities if one.legal_entity_id == entity)
    invoice = next(intent for intent in played.result.books.intents if intent.legal_entity_id == entity)
    erps.by_connection[connection].pay(invoice.external_ref, Decimal(amount), on)


def trial_balances(beancount: str) -> Mapping[str, Mapping[str, str]]:
    """Return what each account holds, by company, as beancount adds the postings up; it must find nothing wrong.

    What it would not miss an entry by are closing balances: every account has one, on the last day or after it.
    """
    entries, errors, _ = loader.load_string(beancount)
    assert errors == []
    closed = {entry.account: entry.date for entry in entries if isinstance(entry, Balance)}
    held: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        for posting in entry.postings if isinstance(entry, Transaction) else ():
            assert posting.units is not None
            assert posting.units.number is not None
            assert entry.date < closed.get(posting.account, date.min), posting.account
            held[posting.account] += posting.units.number
    assert closed.keys() == held.keys()
    balances: dict[str, dict[str, str]] = defaultdict(dict)
    for name, amount in held.items():
        _, company, account = name.split(":")
        balances[company][account] = str(amount)
    return balances


def test_every_document_is_posted_and_all_ties(played: Played) -> None:
    states = {intent.legal_entity_id: intent.state for intent in played.result.books.intents}

    assert states == {f"to-{system.replace('_', '-')}": IntentState.POSTED for system in EVERY_SYSTEM}
    assert played.tie_out.is_settled


def test_what_an_erp_by_files_was_sent_and_has_answered_is_among_the_results(played: Played, tmp_path: Path) -> None:
    report.report_run(played.result, played.given, tmp_path / "out", Stopwatch(), Console(quiet=True))

    (entity,) = (tmp_path / "out" / "erp-files").iterdir()
    sent = {path.name for path in (entity / "outbound").iterdir()}
    answered = {path.name for path in (entity / "inbound").iterdir() if not path.name.startswith("settlements.")}
    name = "nimbus.NDE1.invoice.2026-04.000001.txt"
    assert entity.name == "to-legacy-files"
    assert sent == {name, f"{name}.manifest.json"}
    assert answered == {f"{name}.ack", f"{name}.rsp"}


def test_what_customers_pay_in_any_erp_closes_their_invoices_here(paid: Played) -> None:
    """Payments come home with the next reading."""
    cloud = paid.result.cloud
    invoices = {intent.legal_entity_id: intent for intent in paid.result.books.intents}

    cloud.invoke("read_erp_answers", {"time": "2026-04-05T00:00:00Z"})  # by files it is told when they are read
    cloud.invoke("sync_settlements", {"time": "2026-04-05T00:00:00Z"})

    receivables = DynamoReceivables(aws.dynamodb(), cloud.resource("PostingsTable"), TenantId("nimbus"))
    stands = {entity: receivables.read(entity, invoices[entity].posting_id) for entity in sorted(invoices)}
    assert {entity: one and (one.status, str(one.open_amount), one.is_closed) for entity, one in stands.items()} == {
        entity: (SettlementStatus.PAID, "0.00 EUR", True)
        if entity in PAYS_ALL
        else (SettlementStatus.PARTLY_PAID, "32.02 EUR", False)
        for entity in invoices
    }


def test_the_same_month_is_the_same_trial_balance_in_every_erp(played: Played) -> None:
    """99.00 of fee; 120 calls: 100 at 0.10 and 20 at 0.055; 19 % of 110.10."""
    expected = {"1400": "131.02", "1776": "-20.92", "8400": "-99.00", "8410": "-11.10"}
    assert trial_balances(played.result.beancount) == dict.fromkeys(COMPANIES, expected)


def test_a_credit_an_accrual_and_payments_are_on_the_same_accounts_in_every_erp(played_on: Played) -> None:
    """9.90 and 1.11 are credited with 2.09 of tax; 40.00 are accrued on 1250. Who paid all has 13.10 to come back."""
    booked = {"1250": "40.00", "1776": "-18.83", "8400": "-89.10", "8410": "-49.99"}
    paid_all = booked | {"1200": "131.02", "1400": "-13.10"}
    paid_the_rest = booked | {"1200": "117.92", "1400": "0.00"}

    assert trial_balances(played_on.result.erps.to_beancount()) == {
        entity.capitalize(): paid_all if entity in PAYS_ALL else paid_the_rest for entity in entities(played_on)
    }


def test_beancount_misses_every_entry_that_is_left_out_of_a_ledger(played_on: Played) -> None:
    ledger = played_on.result.erps.to_beancount()
    entries = re.findall(r"^\S+ \* .*\n(?:  .*\n)+", ledger, re.MULTILINE)

    # An invoice, a credit memo, an accrual and a payment of each; those who paid the fee first have two.
    assert len(entries) == 5 * len(EVERY_SYSTEM) - len(PAYS_ALL)
    for entry in entries:
        _, errors, _ = loader.load_string(ledger.replace(entry, ""))
        assert any(error.message.startswith("Balance failed") for error in errors), entry
