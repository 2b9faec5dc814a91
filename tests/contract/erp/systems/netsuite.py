"""Oracle NetSuite."""

from shared.domain.identifiers import ProductId
from shared.domain.master_data.catalog import DimensionMapping, ErpMapping
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import RejectionCode
from shared.domain.posting.systems.netsuite import NETSUITE
from tests.contract.erp.systems.system_under_test import SystemUnderTest

UNDER_TEST = SystemUnderTest(
    system=NETSUITE,
    mapping=ErpMapping(
        system="netsuite",
        connection="erp/netsuite",
        company="2",
        receivable_account="1100",
        tax_account="1776",
        products={ProductId("api"): "540", ProductId("storage"): "541"},
        revenue_accounts={ProductId("api"): "4400", ProductId("storage"): "4410"},
        tax_codes={"VAT19": "11", "SERVICES19": "12", "VAT7": "13", "REVERSE": "14"},
        currencies={"EUR": "1", "USD": "2", "JPY": "3", "KWD": "4"},
        settings={"tax_type": "5"},
        accounts={"unbilled": "1250", "revenue": "4400", "receivable": "1100"},
        dimensions={
            "cost_centre": DimensionMapping(
                field="department", values={ProductId("api"): "4", ProductId("storage"): "7"}
            )
        },
    ),
    creates={
        DocumentKind.INVOICE: "create_invoice",
        DocumentKind.CREDIT_MEMO: "create_credit_memo",
        DocumentKind.JOURNAL: "create_journal",
    },
    looks_up="get_invoice",
    pages_by=("shared.adapters.erp.netsuite.settlements._PAGE",),
    numbers_by_itself=lambda netsuite: netsuite.number_by_itself(),
    own_codes={RejectionCode.INVOICE_MISSING: "INVALID_KEY_OR_REF", RejectionCode.BEYOND_INVOICE: "USER_ERROR"},
)
