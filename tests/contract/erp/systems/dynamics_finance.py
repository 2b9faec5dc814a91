"""Dynamics 365 Finance."""

from shared.domain.identifiers import ProductId
from shared.domain.master_data.catalog import DimensionMapping, ErpMapping
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.readings import ReferenceKind
from shared.domain.posting.systems.dynamics_finance import DYNAMICS_FINANCE
from tests.contract.erp.systems.system_under_test import SystemUnderTest

UNDER_TEST = SystemUnderTest(
    system=DYNAMICS_FINANCE,
    mapping=ErpMapping(
        system="dynamics_finance",
        connection="erp/dynamics_finance",
        company="DE01",
        receivable_account="1100",
        tax_account="1776",
        products={ProductId("api"): "4400", ProductId("storage"): "4410"},
        tax_codes={
            "VAT19": "AR-DE/FULL",
            "SERVICES19": "AR-DE/SERVICES",
            "VAT7": "AR-DE/REDUCED",
            "REVERSE": "AR-EU/REVERSE",
        },
        accounts={"unbilled": "1250", "revenue": "4400", "receivable": "1100"},
        dimensions={
            "cost_centre": DimensionMapping(
                field="CostCenter", values={ProductId("api"): "4", ProductId("storage"): "7"}
            )
        },
        settings={
            "dimension_order": "CostCenter",
            "customer_group": "10",
            "journal_name": "GenJrn",
            "no_tax_code": "AR-DE/NONE",
            "credits_name_invoice": "yes",
            "fiscal_calendar": "Fiscal",
            "period_entity": "LedgerFiscalPeriodsV2",
            "transactions_entity": "CustTransBiEntities",
            "data_project": "GeneralJournalImport",
            "package_lines": "100",
        },
    ),
    creates={
        DocumentKind.INVOICE: "create_invoice_header",
        DocumentKind.CREDIT_MEMO: "create_invoice_header",  # to this ERP it is one of negative lines
        DocumentKind.JOURNAL: "create_journal_header",
    },
    looks_up="find_invoice_headers",
    not_listed=frozenset({ReferenceKind.ITEMS}),
    other_company="fr01",
    pages_by=("shared.adapters.erp.dynamics_finance.settlements.PAGE",),
)
