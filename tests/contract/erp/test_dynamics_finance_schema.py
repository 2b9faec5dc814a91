"""What the adapter sends and the simulator answers fits the public models of Dynamics 365 Finance."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from shared.adapters.http.exact_json import read_object
from shared.domain.money import currency
from shared.domain.posting.outcome import Posted
from simulators.erp.dynamics_finance.entity_sets import ENTITY_SETS
from tests.builders.posting import a_credit_memo, a_document, in_dollars
from tests.contract.erp.dynamics_finance_site import Site, a_journal

MODEL: Final = json.loads((Path(__file__).parent / "schemas" / "dynamics_finance.json").read_text(encoding="utf-8"))
SEEN_ELSEWHERE: Final = {"CustTransBiEntities"}  # no model of it is public under a licence that permits its facts
TYPES: Final = {
    "string": (str,),
    "enum": (str,),
    "number": (int, Decimal),
    "integer": (int,),
    "any": (str, int, Decimal),
}


def properties_of(entity: str) -> Mapping[str, str]:
    """Return the type of each property."""
    model = MODEL["entities"][entity]
    typed = {name: kind for kind, names in model["properties"].items() for name in names}
    return typed | dict.fromkeys(model.get("recorded", []), "any")


def misfits(entity: str, row: Mapping[str, Any]) -> list[str]:
    known = properties_of(entity)
    return [
        f"{name}={value!r}"
        for name, value in row.items()
        if not name.startswith("@odata.") and not isinstance(value, TYPES.get(known.get(name, ""), ()))
    ]


@pytest.fixture(scope="module")
def site() -> Site:
    """Post one of everything, once."""
    site = Site()
    invoice = site.post(in_dollars(a_document()))
    assert isinstance(invoice, Posted)
    local = site.post(a_document(posting_id="acme-2/2026-10/r1", number="DE-2"))
    assert isinstance(local, Posted)
    site.post(a_credit_memo(of_invoice=local.ref.value, net="400.19", tax="76.03"))
    site.post(a_journal())
    site.post(a_journal(posting_id="recognition/many", pairs=60))
    site.simulator.pay(a_document(posting_id="acme-2/2026-10/r1").external_ref, Decimal("10.00"), date(2026, 11, 5))
    site.erp.ensure_customer(a_document().party, currency("EUR"))
    return site


def test_every_source_has_a_name_and_a_licence() -> None:
    assert {entity["source"] for entity in MODEL["entities"].values()} <= set(MODEL["sources"])
    assert all(source["name"] and source["licence"] for source in MODEL["sources"].values())


@pytest.mark.parametrize(
    "entity_set",
    ["CustomersV3", "FreeTextInvoiceHeaders", "FreeTextInvoiceLines", "LedgerJournalHeaders", "LedgerJournalLines"],
)
def test_what_is_sent_fits(site: Site, entity_set: str) -> None:
    sent = site.bodies(f"/data/{entity_set}")

    assert sent
    assert [misfits(entity_set, read_object(json.dumps(row).encode())) for row in sent] == [[]] * len(sent)


@pytest.mark.parametrize("entity_set", sorted(set(ENTITY_SETS) - SEEN_ELSEWHERE))
def test_what_the_simulator_answers_fits(site: Site, entity_set: str) -> None:
    rows = site.rows(entity_set)

    assert rows
    assert [misfits(entity_set, read_object(json.dumps(row).encode())) for row in rows] == [[]] * len(rows)


def test_the_fields_of_a_package_are_those_of_the_general_journal(site: Site) -> None:
    (upload,) = (request for request in site.http.sent if request.method == "PUT")
    with zipfile.ZipFile(io.BytesIO(upload.content)) as package:
        assert package.namelist() == ["PackageHeader.xml", "Manifest.xml", "General journal.csv"]
        text = package.read("General journal.csv").decode("utf-8-sig")

    (fields, *lines) = csv.reader(io.StringIO(text, newline=""))

    assert set(fields) <= {name.upper() for name in properties_of("General journal")}
    assert len(lines) == 120


def test_what_is_sent_as_an_enumeration_is_a_value_of_it(site: Site) -> None:
    sent = {line["AccountType"] for line in site.bodies("/data/LedgerJournalLines")}

    assert sent <= set(MODEL["enumerations"]["LedgerJournalACType"])
