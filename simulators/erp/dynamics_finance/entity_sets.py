"""The entity sets by name: where their rows are, what their keys are, and how a row is made or deleted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from simulators.erp.dynamics_finance import customers, free_text_invoices, journals, reference
from simulators.erp.dynamics_finance.books import CompanyBooks
from simulators.erp.dynamics_finance.values import Row
from simulators.http.faults import Fault

Creator = Callable[[CompanyBooks, Row, Fault | None], Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySet:
    """One address below /data. The rows of most sets belong to a company; its operations are named by its `noun`."""

    name: str
    noun: str
    keys: tuple[str, ...]
    rows: Callable[[CompanyBooks], Sequence[Row]] | None = None
    shared_rows: Callable[[Sequence[CompanyBooks]], Sequence[Row]] | None = None
    create: Creator | None = None
    delete: Callable[[CompanyBooks, Row], None] | None = None


def _lines_of(documents: Callable[[CompanyBooks], Mapping[object, Row]]) -> Callable[[CompanyBooks], Sequence[Row]]:
    return lambda books: [line for document in documents(books).values() for line in document["_lines"]]


_SETS = (
    EntitySet(
        name="CustomersV3",
        noun="customer",
        keys=("dataAreaId", "CustomerAccount"),
        rows=lambda books: list(books.customers.values()),
        create=lambda books, sent, _: customers.create_customer(books, sent),
    ),
    EntitySet(
        name="FreeTextInvoiceHeaders",
        noun="invoice_header",
        keys=("dataAreaId", "InvoiceIdentifier"),
        rows=lambda books: list(books.invoices.values()),
        create=free_text_invoices.create_header,
        delete=free_text_invoices.delete_header,
    ),
    EntitySet(
        name="FreeTextInvoiceLines",
        noun="invoice_line",
        keys=("dataAreaId", "ParentRecId", "LineNumber"),
        rows=_lines_of(lambda books: books.invoices),  # type: ignore[arg-type,return-value]
        create=free_text_invoices.create_line,
    ),
    EntitySet(
        name="LedgerJournalHeaders",
        noun="journal_header",
        keys=("dataAreaId", "JournalBatchNumber"),
        rows=lambda books: list(books.journals.values()),
        create=journals.create_header,
        delete=journals.delete_header,
    ),
    EntitySet(
        name="LedgerJournalLines",
        noun="journal_line",
        keys=("dataAreaId", "JournalBatchNumber", "LineNumber"),
        rows=_lines_of(lambda books: books.journals),  # type: ignore[arg-type,return-value]
        create=journals.create_line,
    ),
    EntitySet(
        name="CustomerPaymentJournalHeaders",
        noun="payment_header",
        keys=("dataAreaId", "JournalBatchNumber"),
        rows=lambda books: list(books.payments.values()),
    ),
    EntitySet(
        name="CustomerPaymentJournalLines",
        noun="payment_line",
        keys=("dataAreaId", "JournalBatchNumber", "LineNumber"),
        rows=_lines_of(lambda books: books.payments),  # type: ignore[arg-type,return-value]
    ),
    EntitySet(
        name="CustTransBiEntities",
        noun="customer_transaction",
        keys=("dataAreaId", "SourceKey"),
        rows=lambda books: books.transactions,
    ),
    EntitySet(name="TaxGroups", noun="tax_group", keys=("dataAreaId", "TaxGroupCode"), rows=reference.tax_groups),
    EntitySet(
        name="TaxItemGroups",
        noun="tax_item_group",
        keys=("dataAreaId", "TaxItemGroupCode", "TaxCodeId"),
        rows=reference.tax_item_groups,
    ),
    EntitySet(name="PaymentTerms", noun="payment_term", keys=("dataAreaId", "Name"), rows=reference.payment_terms),
    EntitySet(
        name="MainAccounts",
        noun="main_account",
        keys=("ChartOfAccounts", "MainAccountId"),
        shared_rows=reference.main_accounts,
    ),
    EntitySet(
        name="FinancialDimensionValues",
        noun="dimension_value",
        keys=("FinancialDimension", "LegalEntityId", "DimensionValue"),
        shared_rows=reference.dimension_values,
    ),
    EntitySet(name="Currencies", noun="currency", keys=("CurrencyCode",), shared_rows=reference.currencies),
    EntitySet(name="LegalEntities", noun="legal_entity", keys=("LegalEntityId",), shared_rows=reference.legal_entities),
    EntitySet(name="Ledgers", noun="ledger", keys=("LedgerRecId",), shared_rows=reference.ledgers),
    EntitySet(
        name="FiscalPeriods",
        noun="fiscal_period",
        keys=("Calendar", "FiscalYear", "PeriodName", "StartDate"),
        shared_rows=reference.fiscal_periods,
    ),
    EntitySet(
        name="LedgerFiscalPeriodsV2",
        noun="ledger_fiscal_period",
        keys=("LedgerName", "Calendar", "YearName", "PeriodName"),
        shared_rows=reference.ledger_fiscal_periods,
    ),
)
ENTITY_SETS: Mapping[str, EntitySet] = MappingProxyType({of.name: of for of in _SETS})
