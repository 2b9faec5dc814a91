"""SAP S/4HANA Cloud, public edition."""

from datetime import date
from typing import Any

from shared.domain.identifiers import ProductId
from shared.domain.master_data.catalog import DimensionMapping, ErpMapping
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import Uncertain
from shared.domain.posting.readings import ReferenceKind
from shared.domain.posting.systems.sap_s4hana import SAP_S4HANA
from tests.contract.erp.systems.system_under_test import SystemUnderTest


def _cleared_with_the_rest_paid(sap: Any, invoice: str, *memos: str) -> None:
    is_open = {one.external_ref: one.open_amount for one in sap.documents()}
    sap.settle(invoice, *memos, paid=is_open[invoice] - sum(is_open[memo] for memo in memos), on=date(2026, 11, 30))


UNDER_TEST = SystemUnderTest(
    system=SAP_S4HANA,
    mapping=ErpMapping(
        system="sap_s4hana",
        connection="erp/sap_s4hana",
        company="1010",
        receivable_account="1100",
        tax_account="1776",
        products={ProductId("api"): "4400", ProductId("storage"): "4410"},
        tax_codes={"VAT19": "A1", "SERVICES19": "A3", "VAT7": "A2", "REVERSE": "A0"},
        accounts={"unbilled": "1250", "revenue": "4400", "receivable": "1100"},
        dimensions={
            "cost_centre": DimensionMapping(
                field="CostCenter", values={ProductId("api"): "4", ProductId("storage"): "7"}
            )
        },
        settings={
            "created_by": "U2CPOST",
            "business_partner_grouping": "BP02",
            "tax_number_category": "0",
            "logical_system": "U2C",
        },
    ),
    creates=dict.fromkeys(DocumentKind, "create_journal_entry"),
    looks_up="find_journal_entries",
    after_unknown_refusal=Uncertain,  # a SOAP fault: refusals of documents come as confirmations
    not_listed=frozenset({ReferenceKind.ITEMS, ReferenceKind.TAX_CODES, ReferenceKind.CURRENCIES}),
    tells_of_open=False,
    pages_by=("shared.adapters.erp.sap_s4hana.settlements.PAGE",),
    applies_credit=_cleared_with_the_rest_paid,
    takes_back=lambda simulator, key, day: simulator.reverse(key, day),
)
