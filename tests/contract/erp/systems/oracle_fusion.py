"""Oracle Fusion Cloud ERP."""

from dataclasses import replace
from typing import Any

from shared.domain.identifiers import ProductId
from shared.domain.master_data.catalog import DimensionMapping, ErpMapping
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.systems.oracle_fusion import ORACLE_FUSION
from simulators.erp.oracle_fusion.books import FIRST_ACCESS_SET_ID, FIRST_LEDGER_ID
from tests.contract.erp.systems.system_under_test import SystemUnderTest


def _number_by_itself(fusion: Any) -> None:
    books = fusion.books_of(UNDER_TEST.mapping.company)
    books.options = replace(books.options, automatic_numbers=True)


UNDER_TEST = SystemUnderTest(
    system=ORACLE_FUSION,
    mapping=ErpMapping(
        system="oracle_fusion",
        connection="erp/oracle_fusion",
        company="Acme BU",
        receivable_account="1100",
        tax_account="1776",
        products={ProductId("api"): "API calls", ProductId("storage"): "Storage"},
        revenue_accounts={ProductId("api"): "4400", ProductId("storage"): "4410"},
        tax_codes={"VAT19": "VAT19", "SERVICES19": "SERVICES19", "VAT7": "VAT7", "REVERSE": "REVERSE"},
        currencies={"EUR": "EUR", "USD": "USD", "JPY": "JPY", "KWD": "KWD"},
        accounts={"unbilled": "1250", "revenue": "4400", "receivable": "1100"},
        dimensions={
            "cost_centre": DimensionMapping(field="SEGMENT2", values={ProductId("api"): "4", ProductId("storage"): "7"})
        },
        settings={
            "account_combination": "{account}.{SEGMENT2:000}",
            "ledger_id": str(FIRST_LEDGER_ID),
            "transaction_source": "U2C",
            "invoice_type": "Invoice",
            "credit_memo_type": "Credit Memo",
            "tax_regime": "EU-VAT",
            "customer_creation": "/crmRestApi/resources/11.13.18.05/hubOrganizations",
            "data_access_set_id": str(FIRST_ACCESS_SET_ID),
            "journal_source": "U2C",
            "journal_source_id": "1",
            "journal_category": "Usage",
            "accounts_list": "valueSets/ACCOUNT/child/values:Value:Description",
            "items_list": "memoLinesLOV:MemoLineName:Description",
            "tax_codes_list": "taxClassificationsLOV:LookupCode:Meaning",
            "currencies_list": "currenciesLOV:CurrencyCode:Name",
            "dimensions_list": "SEGMENT2=valueSets/SEGMENT2/child/values:Value:Description",
        },
    ),
    creates={
        DocumentKind.INVOICE: "create_invoice",
        DocumentKind.CREDIT_MEMO: "create_credit_memo",
        DocumentKind.JOURNAL: "import_bulk_data",
    },
    looks_up="find_invoices",
    other_company="Other BU",
    pages_by=("shared.adapters.erp.oracle_fusion.settlements.PAGE",),
    applies_credit=lambda fusion, invoice, *memos: [fusion.apply(memo, to=invoice) for memo in memos],
    numbers_by_itself=_number_by_itself,
)
