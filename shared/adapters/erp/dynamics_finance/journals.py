"""Journals as general journals: one voucher, our key on each line and on the header."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from shared.adapters.erp.customer_key import customer_key
from shared.adapters.erp.dynamics_finance.data_service import DataService, Row, literal, refs_of
from shared.adapters.erp.dynamics_finance.dates import at_noon, month_of
from shared.adapters.erp.dynamics_finance.display_values import customer_account, ledger_account
from shared.adapters.erp.dynamics_finance.settings import Settings
from shared.domain.money import Currency, Money, UnknownCurrencyError, currency, exact_sum
from shared.domain.posting.journal import Journal, JournalLine
from shared.domain.posting.outcome import ErpRef, LookupFailed, PostedDocument

HEADERS: Final = "LedgerJournalHeaders"
_LINES: Final = "LedgerJournalLines"
_DESCRIPTION_WIDTH: Final = 60


@dataclass(frozen=True, slots=True)
class GeneralJournals:
    """How journals are written and read. `ref` is their JournalBatchNumber (type of draft Drafts works on)."""

    settings: Settings
    books_currency: Currency
    headers: str = HEADERS
    lines: str = _LINES
    read_of_lines: tuple[str, ...] = (
        "LineNumber",
        "CurrencyCode",
        "TransDate",
        "Document",
        "DebitAmount",
        "CreditAmount",
    )

    @property
    def read_of_headers(self) -> tuple[str, ...]:
        return ("JournalBatchNumber", "IsPosted", self.settings.journal_reference_field)

    def ref_of(self, header: Row) -> str:
        return str(header["JournalBatchNumber"])

    def header_of(self, ref: str) -> str:
        return f"JournalBatchNumber eq {literal(ref)}"

    def address(self, ref: str, company: str) -> str:
        return f"{HEADERS}(dataAreaId={literal(company)},JournalBatchNumber={literal(ref)})"

    def lines_of(self, ref: str) -> str:
        return f"JournalBatchNumber eq {literal(ref)}"

    def find(self, data: DataService, external_ref: str) -> list[str] | LookupFailed:
        """Return every journal with our key: it is on the header, or before its description, and on every line."""
        by_key = f"{self.settings.journal_reference_field} eq {literal(external_ref)}"
        by_description = f"Description eq {literal(external_ref + '*')}"
        headers = data.company_rows(HEADERS, f"{by_key} or {by_description}", fields=["JournalBatchNumber"])
        if isinstance(headers, LookupFailed):
            return headers
        lines = data.company_rows(_LINES, f"Document eq {literal(external_ref)}", fields=["JournalBatchNumber"])
        if isinstance(lines, LookupFailed):
            return lines
        return refs_of((*headers, *lines), self.ref_of)

    def package_description(self, journal: Journal) -> str:
        """Return what the header of a package's journal says: it has no other field for our key."""
        says = f"{journal.external_ref} {journal.posting_id}"
        return says if len(says) <= _DESCRIPTION_WIDTH else journal.external_ref

    def header_fields(self, journal: Journal) -> dict[str, object]:
        says = journal.posting_id if len(journal.posting_id) <= _DESCRIPTION_WIDTH else journal.human_number
        return {
            "JournalName": self.settings.journal_name,
            "Description": says,
            self.settings.journal_reference_field: journal.external_ref,
        }

    def line_fields(self, journal: Journal, ref: str) -> list[dict[str, object]]:
        return [{**self.line(line, journal), "JournalBatchNumber": ref} for line in journal.lines]

    def line(self, line: JournalLine, journal: Journal) -> dict[str, object]:
        amount = line.amount.amount
        account = self.settings.mapping.account(line.account)
        if line.customer_id is not None and account == self.settings.mapping.receivable_account:
            account_type, display = "Cust", customer_account(customer_key(line.customer_id), self.settings)
        else:
            account_type, display = "Ledger", ledger_account(account, line.dimensions, self.settings)
        return {
            "LineNumber": line.line_no,
            "AccountType": account_type,
            "AccountDisplayValue": display,
            "DebitAmount": max(amount, Decimal(0)),
            "CreditAmount": max(-amount, Decimal(0)),
            "CurrencyCode": line.amount.currency.code,
            "TransDate": at_noon(journal.posting_date),
            "Voucher": journal.external_ref,
            "Document": journal.external_ref,
            "Text": line.text,
        }

    def reading(self, header: Row, lines: Sequence[Row]) -> PostedDocument | LookupFailed:
        """Return a journal with its debits as net and its credits as gross: a line that is missing shows in either."""
        try:
            unit = currency(lines[0]["CurrencyCode"]) if lines else self.books_currency
            months = {month_of(line["TransDate"]) for line in lines}
            keys = {str(line["Document"]) for line in lines} | {self._key_on(header)}
            debits, credits_ = (
                Money(exact_sum(Decimal(line[side]) for line in lines), unit)
                for side in ("DebitAmount", "CreditAmount")
            )
            return PostedDocument(
                ref=ErpRef(self.ref_of(header)),
                external_ref=", ".join(sorted(one for one in keys if one)),
                number=self.ref_of(header),
                posted=header["IsPosted"] == "Yes",
                accounting_period=", ".join(sorted(months)),
                net=debits,
                tax=Money.zero(unit),
                gross=credits_,
            )
        except (KeyError, TypeError, ValueError, InvalidOperation, UnknownCurrencyError) as error:
            return LookupFailed(f"the journal cannot be read: {type(error).__name__}")

    def _key_on(self, header: Row) -> str:
        """Return our key on a header; behind it a package's description has the posting's id."""
        text = str(header[self.settings.journal_reference_field])
        return text.partition(" ")[0] if self.settings.journal_reference_field == "Description" else text
