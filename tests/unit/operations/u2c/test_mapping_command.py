"""`u2c mapping`: what the catalogue maps to, held against the ERPs, in words and an exit status."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from operations.u2c.__main__ import main
from operations.u2c.commands import mapping
from tests.fakes.catalog_folder import spoil, write_catalog

GERMANY = {
    "legal_entity": "nimbus-de",
    "erp": "business_central",
    "connection": "nimbus-de/bc",
    "problems": [],
    "unknown": ["product api: the ERP has no 8410"],
    "not_compared": [],
}
AMERICA = {**GERMANY, "legal_entity": "nimbus-us", "unknown": [], "not_compared": ["tax_codes: it shows none"]}
UNASKED = {"legal_entity": "nimbus-de", "checked_at": "", "left_alone": "", "not_read": "", "periods": []}


def shown() -> tuple[StringIO, Console]:
    text = StringIO()
    return text, Console(file=text, width=200)


def test_each_entity_is_told_with_what_is_to_mend() -> None:
    text, console = shown()

    status = mapping.check({}, lambda _: {"entities": [GERMANY, AMERICA]}, console)

    assert status == mapping.NOT_WELL
    assert text.getvalue().splitlines() == [
        "nimbus-de in business_central (nimbus-de/bc): 1 to mend",
        "  product api: the ERP has no 8410",
        "nimbus-us in business_central (nimbus-de/bc): well",
        "  not compared: tax_codes: it shows none",
    ]


def test_a_mapping_without_remarks_is_well() -> None:
    assert mapping.check({}, lambda _: {"entities": [AMERICA]}, shown()[1]) == mapping.WELL


def test_a_proposed_catalogue_that_cannot_be_used_has_its_faults_named_and_no_erp_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_catalog(tmp_path / "proposed")
    spoil(folder, file="legal_entities.yaml", old="netsuite\n", new="abacus\n")

    assert main(["mapping", "check", "--proposed", str(folder)]) == mapping.UNUSABLE_REQUEST
    assert "legal_entities.yaml" in capsys.readouterr().out


def test_a_check_that_is_refused_is_an_unusable_request_in_words() -> None:
    text, console = shown()
    refusal = "the catalogue is of the tenant nimbus, and the deployment of cumulus"

    assert mapping.check({}, lambda _: {"refused": refusal}, console) == mapping.UNUSABLE_REQUEST
    assert text.getvalue() == f"{refusal}\n"


def test_each_period_is_told_with_what_is_unsettled_in_it() -> None:
    october = {"period": "2026-10", "status": "soft_closed", "unsettled": 2, "unrecorded": 0}
    ledger = {"period": "2026-10#general-ledger", "status": "open", "unsettled": 0, "unrecorded": 0}
    asked = {**UNASKED, "checked_at": "2026-11-01T06:00:00Z", "periods": [october, ledger]}
    of_files = {**UNASKED, "legal_entity": "nimbus-at"}
    of_sap = {**UNASKED, "legal_entity": "nimbus-ch", "periods": [{**october, "status": "open"}]}
    text, console = shown()

    assert mapping.periods(lambda _: {"legal_entities": [asked, of_files, of_sap]}, console) == mapping.WELL
    assert text.getvalue().splitlines() == [
        "nimbus-de, told 2026-11-01T06:00:00Z",
        "  2026-10: soft-closed, 2 unsettled, 0 without tax record",
        "  2026-10 (general ledger): open, 0 unsettled, 0 without tax record",
        "nimbus-at: its ERP shows no periods",
        "nimbus-ch: its ERP shows no periods; what we have posted into is taken here, until the ERP refuses, for",
        "  2026-10: open, 2 unsettled, 0 without tax record",
    ]


def test_periods_of_an_erp_that_was_not_asked_are_shown_with_their_age() -> None:
    text, console = shown()
    down = {**UNASKED, "legal_entity": "nimbus-us", "left_alone": "the ERP is down and left alone"}

    assert mapping.periods(lambda _: {"legal_entities": [down]}, console) == mapping.NOT_WELL
    assert text.getvalue() == "nimbus-us was not asked, the ERP is down and left alone; told last: never\n"


def test_an_erp_that_does_not_answer_is_named_with_the_reason_beside_the_periods_of_the_others() -> None:
    text, console = shown()
    november = {"period": "2026-11", "status": "open", "unsettled": 0, "unrecorded": 0}
    dead = {**UNASKED, "not_read": "ConnectError for a token", "checked_at": "2026-11-01T06:00:00Z"}
    healthy = {**UNASKED, "legal_entity": "nimbus-us", "checked_at": "2026-11-02T06:00:00Z", "periods": [november]}

    assert mapping.periods(lambda _: {"legal_entities": [dead, healthy]}, console) == mapping.NOT_WELL
    assert text.getvalue().splitlines() == [
        "nimbus-de could not be asked: ConnectError for a token; told last: 2026-11-01T06:00:00Z",
        "nimbus-us, told 2026-11-02T06:00:00Z",
        "  2026-11: open, 0 unsettled, 0 without tax record",
    ]


def test_customers_are_asked_for_until_all_were_told() -> None:
    asked: list[Mapping[str, Any]] = []
    linked = {"customer": "acme", "name": "Acme", "status": "linked", "keys": ["ACME"], "drift": []}
    doubled = {"customer": "zeta", "name": "Zeta", "status": "doubled", "keys": ["ZETA", "10042"], "drift": []}

    def invoke(event: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(event)
        first = event["after"] is None
        return {"customers": [linked if first else doubled], "next_after": "acme" if first else None}

    text, console = shown()

    assert mapping.customers("nimbus-de", invoke, console) == mapping.NOT_WELL
    assert [event["after"] for event in asked] == [None, "acme"]
    assert text.getvalue().splitlines() == ["zeta (Zeta) is doubled: ZETA, 10042", "2 customers, 1 remarks"]


def test_customers_that_cannot_be_asked_for_are_an_unusable_request_in_words() -> None:
    text, console = shown()
    unknown = "the catalogue has no legal entity nope; it has nimbus-de, nimbus-us"

    assert mapping.customers("nope", lambda _: {"refused": unknown}, console) == mapping.UNUSABLE_REQUEST
    assert text.getvalue() == f"{unknown}\n"


def test_customers_of_an_erp_that_does_not_tell_now_are_not_well() -> None:
    text, console = shown()

    assert mapping.customers("nimbus-us", lambda _: {"not_read": "nimbus-us: status 503"}, console) == mapping.NOT_WELL
    assert text.getvalue() == "nimbus-us: status 503\n"
