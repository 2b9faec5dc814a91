"""Invoices and credit notes as free text invoices; a credit note is one of negative lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from shared.adapters.erp.customer_key import customer_key
from shared.adapters.erp.dynamics_finance.data_service import DataService, Row, literal, refs_of
from shared.adapters.erp.dynamics_finance.dates import at_noon, month_of
from shared.adapters.erp.dynamics_finance.display_values import default_dimensions, ledger_account, main_account
from shared.adapters.erp.dynamics_finance.settings import NO_TAX_CODE, Settings
from shared.adapters.erp.dynamics_finance.tax import difference_of
from shared.domain.money import Money, UnknownCurrencyError, currency, exact_sum
from shared.domain.posting.document import DocumentKind, PostingDocument, PostingLine
from shared.domain.posting.outcome import ErpRef, LookupFailed, PostedDocument

HEADERS: Final = "FreeTextInvoiceHeaders"
_DESCRIPTION_WIDTH: Final = 60


@dataclass(frozen=True, slots=True)
class FreeTextInvoices:
    """How free text invoices are written and read. `ref` is their InvoiceIdentifier (type of draft Drafts works on)."""

    settings: Settings
    headers: str = HEADERS
    lines: str = "FreeTextInvoiceLines"
    read_of_lines: tuple[str, ...] = (
        "LineNumber",
        "MainAccountDisplayValue",
        "TransactionCurrencyAmount",
        "SalesTaxAmount",
    )

    @property
    def read_of_headers(self) -> tuple[str, ...]:
        return (
            "InvoiceIdentifier",
            "FreeTextNumber",
            "InvoiceDate",
            "CurrencyCode",
            "ExchangeRate",
            "IsPosted",
            self.settings.reference_field,
            self.settings.number_field,
        )

    def ref_of(self, header: Row) -> str:
        return str(int(header["InvoiceIdentifier"]))

    def header_of(self, ref: str) -> str | None:
        """Return what selects an invoice; None for what is no key of one."""
        return f"InvoiceIdentifier eq {ref}" if ref.isdecimal() else None

    def address(self, ref: str, company: str) -> str:
        return f"{HEADERS}(dataAreaId={literal(company)},InvoiceIdentifier={ref})"

    def lines_of(self, ref: str) -> str:
        return f"ParentRecId eq {ref}"

    def find(self, data: DataService, external_ref: str) -> list[str] | LookupFailed:
        carries = f"{self.settings.reference_field} eq {literal(external_ref)}"
        rows = data.company_rows(HEADERS, carries, fields=["InvoiceIdentifier"])
        return rows if isinstance(rows, LookupFailed) else refs_of(rows, self.ref_of)

    def header_fields(self, document: PostingDocument, *, corrects: str) -> dict[str, object]:
        settings, rate = self.settings, document.exchange_rate
        fields: dict[str, object] = {
            "CustomerAccount": customer_key(document.party.customer_id),
            "InvoiceDate": at_noon(document.posting_date),  # it decides the period
            "DocumentDate": at_noon(document.document_date),
            "DueDate": at_noon(document.due_date),
            "CurrencyCode": document.gross.currency.code,
            settings.reference_field: document.external_ref,
            settings.number_field: document.human_number,
        }
        if document.purchase_order:
            fields["CustomerRequisition"] = document.purchase_order
        if rate is not None:
            fields["ExchangeRate"] = rate * settings.exchange_rate_units
        if corrects:
            fields["CorrectedInvoiceId"] = corrects
        return fields

    def line_fields(self, document: PostingDocument, ref: str) -> list[dict[str, object]]:
        sign = -1 if document.kind is DocumentKind.CREDIT_MEMO else 1
        lines = [{**self._line(line, document, sign), "ParentRecId": int(ref)} for line in document.lines]
        difference = difference_of(document, self.settings.mapping)
        if difference.amount:
            lines.append({**self._rounding(difference, len(lines) + 1, sign), "ParentRecId": int(ref)})
        return lines

    def reading(self, header: Row, lines: Sequence[Row]) -> PostedDocument | LookupFailed:
        """Return a document as it is; its amounts are negative where it credits."""
        try:
            unit = currency(header["CurrencyCode"])
            tax_account = self.settings.mapping.tax_account
            taxes = [Decimal(line["SalesTaxAmount"]) for line in lines]
            accounts = [main_account(str(line["MainAccountDisplayValue"]), self.settings) for line in lines]
            amounts = list(zip(accounts, (Decimal(line["TransactionCurrencyAmount"]) for line in lines), strict=True))
            on_tax_account = [amount for account, amount in amounts if account == tax_account]
            others = [amount for account, amount in amounts if account != tax_account]
            net, tax = Money(exact_sum(others), unit), Money(exact_sum([*taxes, *on_tax_account]), unit)
            rate = Decimal(header["ExchangeRate"]) / self.settings.exchange_rate_units
            return PostedDocument(
                ref=ErpRef(self.ref_of(header)),
                external_ref=str(header[self.settings.reference_field]),
                number=str(header["FreeTextNumber"]),
                posted=header["IsPosted"] == "Yes",
                accounting_period=month_of(header["InvoiceDate"]),
                net=net,
                tax=tax,
                gross=net + tax,
                exchange_rate=rate or None,
                human_number=str(header[self.settings.number_field]) or None,
            )
        except (KeyError, TypeError, ValueError, InvalidOperation, UnknownCurrencyError) as error:
            return LookupFailed(f"the invoice cannot be read: {type(error).__name__}")

    def _line(self, line: PostingLine, document: PostingDocument, sign: int) -> dict[str, object]:
        mapping, settings = self.settings.mapping, self.settings
        group, item_group = settings.tax_groups(mapping.tax_codes[line.tax_code])
        says = document.posting_id if len(document.posting_id) <= _DESCRIPTION_WIDTH else document.human_number
        # Quantity 1 at the line's amount: the ERP's own product of quantity and price could round otherwise.
        return {
            "LineNumber": line.line_no,
            "Description": says,
            "InvoiceText": f"{line.description} ({line.service_from} to {line.service_to})",
            "MainAccountDisplayValue": ledger_account(mapping.products[line.product_id], (), settings),
            "DefaultDimensionDisplayValue": default_dimensions(line.dimensions, settings),
            "Quantity": sign,
            "UnitPrice": line.amount.amount,
            "SalesTaxGroupId": group,
            "SalesTaxItemGroupId": item_group,
        }

    def _rounding(self, difference: Money, line_number: int, sign: int) -> Mapping[str, object]:
        group, item_group = self.settings.tax_groups(self.settings.mapping.settings[NO_TAX_CODE])
        return {
            "LineNumber": line_number,
            "Description": "Rounding of tax",
            "InvoiceText": "Rounding of tax",
            "MainAccountDisplayValue": ledger_account(self.settings.mapping.tax_account, (), self.settings),
            "Quantity": sign,
            "UnitPrice": difference.amount,
            "SalesTaxGroupId": group,
            "SalesTaxItemGroupId": item_group,
        }


def is_credit(reading: PostedDocument) -> bool:
    return reading.gross.amount < 0
