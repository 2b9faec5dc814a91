"""Dynamics 365 Business Central."""

from shared.domain.identifiers import ProductId
from shared.domain.master_data.catalog import DimensionMapping, ErpMapping
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import RejectionCode
from shared.domain.posting.readings import ReferenceKind
from shared.domain.posting.systems.business_central import BUSINESS_CENTRAL
from tests.contract.erp.systems.system_under_test import SystemUnderTest

UNDER_TEST = SystemUnderTest(
    system=BUSINESS_CENTRAL,
    mapping=ErpMapping(
        system="business_central",
        connection="erp/business_central",
        company="5d115c9c-44e3-ea11-bb43-000d3a2feca1",
        receivable_account="1100",
        tax_account="1776",
        products={ProductId("api"): "4400", ProductId("storage"): "4410"},
        tax_codes={"VAT19": "VAT19", "SERVICES19": "SERVICES19", "VAT7": "VAT7", "REVERSE": "REVERSE"},
        currencies={"USD": "USD", "JPY": "JPY", "KWD": "KWD"},
        settings={"no_tax_code": "NOVAT"},
        accounts={"unbilled": "1250", "revenue": "4400", "receivable": "1100"},
        dimensions={
            "cost_centre": DimensionMapping(field="DEPT", values={ProductId("api"): "4", ProductId("storage"): "7"})
        },
    ),
    creates={
        DocumentKind.INVOICE: "create_invoice",
        DocumentKind.CREDIT_MEMO: "create_credit_memo",
        DocumentKind.JOURNAL: "batch",
    },
    looks_up="find_invoices",
    not_listed=frozenset({ReferenceKind.ITEMS}),
    other_company="00000000-0000-0000-0000-000000000000",
    pages_by=("shared.adapters.erp.business_central.settlements._PAGE",),
    own_codes={
        RejectionCode.INVOICE_MISSING: "Internal_RecordNotFound",
        RejectionCode.BEYOND_INVOICE: "Application_DialogException",
    },
    takes_back=lambda simulator, key, day: simulator.void(key, day),
)
