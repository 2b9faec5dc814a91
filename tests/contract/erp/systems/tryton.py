"""Tryton."""

from shared.domain.identifiers import ProductId
from shared.domain.master_data.catalog import ErpMapping
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.readings import ReferenceKind
from shared.domain.posting.systems.tryton import TRYTON
from tests.contract.erp.systems.system_under_test import SystemUnderTest

UNDER_TEST = SystemUnderTest(
    system=TRYTON,
    mapping=ErpMapping(
        system="tryton",
        connection="erp/tryton",
        company="1",
        receivable_account="1100",
        tax_account="1776",
        products={ProductId("api"): "4400", ProductId("storage"): "4410"},
        tax_codes={"VAT19": "VAT19", "SERVICES19": "SERVICES19", "VAT7": "VAT7", "REVERSE": "REVERSE"},
        accounts={"unbilled": "1250", "revenue": "4400", "receivable": "1100", "rounding": "6980"},
    ),
    creates={
        DocumentKind.INVOICE: "create_invoice",
        DocumentKind.CREDIT_MEMO: "create_invoice",  # to Tryton it is one with negative quantities
        DocumentKind.JOURNAL: "create_journal",
    },
    looks_up="find_invoices",
    wrong_credentials={"key": "nobody's"},
    not_listed=frozenset({ReferenceKind.ITEMS, ReferenceKind.DIMENSIONS}),
    pages_by=("shared.adapters.erp.tryton.settlements._PAGE",),
    takes_back=lambda simulator, key, day: simulator.void(key, day),
)
