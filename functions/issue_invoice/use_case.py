"""Issue an approved invoice: number, dates, posting intent and tax intent in one transaction, or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NoReturn

from shared.domain.currency_exchange.exchange_rate import ExchangeRate
from shared.domain.currency_exchange.published_rates import RateMissing
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.buyer import buyer_of, concerned, contract_of
from shared.domain.invoicing.consolidation import issued_with
from shared.domain.invoicing.conversion import ExchangeRateMissingError, conversion_rate
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.issuing import (
    ISSUED_STATES,
    credited_meanwhile,
    exceptions_settled_by,
    is_credited_meanwhile,
    issued,
    unfit_meanwhile,
)
from shared.domain.invoicing.numbering import advanced
from shared.domain.invoicing.validation import exceptions_of, unfit_for_its_erp
from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Contract, LegalEntity
from shared.domain.master_data.customer import Customer
from shared.domain.posting.accounting_period import first_day_after
from shared.domain.posting.compose import compose
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.intent import new_intent
from shared.domain.tax.document import issued_document
from shared.domain.tax.intent import TaxIntent, TaxIntentId, TaxOperation, new_tax_intent
from shared.ports.clock import Clock
from shared.ports.exceptions import ExceptionReporter
from shared.ports.invoices import (
    CreditedMeanwhileError,
    InvoiceChangedError,
    Invoices,
    SeriesMovedError,
    StoredInvoice,
)
from shared.ports.master_data import MasterData
from shared.ports.posting_intents import AccountingPeriodClosedError
from shared.ports.tax_intents import TaxRequests

MOST_TRIES_FOR_A_NUMBER = 10  # other invoices of the series are issued at the same time
FURTHEST_POSTING = timedelta(days=62)  # where nothing is open for that long, a person has to look


class InvoiceNotFoundError(LookupError):
    """There is no such invoice, or the published master data does not know one of its parties."""


class SeriesContendedError(Exception):
    """Other invoices took the number every time; a retry after a pause is the answer."""


class InvoiceInvalidError(Exception):
    """The invoice is invalid, and in the exceptions with every reason. A later bill run drafts it anew."""


class MemberBillChangedError(Exception):
    """A bill whose lines the invoice has was drafted anew since. The next bill run drafts the invoice anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssuer:
    invoices: Invoices
    master_data: MasterData
    exceptions: ExceptionReporter
    tax_requests: TaxRequests
    clock: Clock

    def issue(self, invoice_id: InvoiceId, revision: int) -> Invoice:
        """Return the issued invoice; issuing it again returns the same.

        It is posted into the period of its date, or the next one that is open. Raises TransitionNotAllowedError for one
        that is not approved, MemberBillChangedError, and AccountingPeriodClosedError where no period of the next two
        months is open. Raises CreditedMeanwhileError where a credit note was issued since it was drafted,
        or an invoice, that changes what it has to ask for: it is invalid then, and in the exceptions, until a later
        bill run drafts it anew. So it is with InvoiceInvalidError, where its ERP would refuse it by the master data of
        now, which may be another than it was validated by. Raises ExchangeRateMissingError where approval took longer
        than a rate may be old.
        """
        stored = self._read(invoice_id, revision)
        if stored.invoice.state is InvoiceState.INVALID:
            self._refuse(stored)
        if stored.invoice.state not in ISSUED_STATES:
            stored = self._number(stored)
        for one in (stored, *self._members(stored.invoice)):
            for exception in exceptions_settled_by(one.invoice, one.raised):
                self.exceptions.resolve(exception, f"issued as {stored.invoice.number}", self.clock.now())
        return stored.invoice

    def _number(self, stored: StoredInvoice) -> StoredInvoice:
        contract, buyer, entity = self._parties(stored.invoice)
        not_before = date.min
        for _ in range(MOST_TRIES_FOR_A_NUMBER):
            now = self.clock.now()
            series = self.invoices.series(entity.legal_entity_id, entity.invoice_series)
            series = advanced(series, today=entity.day_of(now))
            rate = self._rate(stored.invoice, entity, series.last_date)
            invoice = issued(stored.invoice, series=series, terms=contract.payment_terms, rate=rate)
            self._require_fit(stored, unfit_for_its_erp(invoice, entity=entity, contract=contract, buyer=buyer))
            members = self._issued_members(invoice)
            document = compose(invoice, contract=contract, customer=buyer, entity=entity, not_before=not_before)
            numbered = replace(stored, invoice=invoice, version=stored.version + 1)
            tax_intent = _tax_intent(invoice, document, buyer=buyer, entity=entity, now=now)
            try:
                self.invoices.issue(
                    numbered,
                    series=series,
                    intent=new_intent(document, created_at=now, on_closed_period=entity.on_closed_period),
                    tax_intent=tax_intent,
                    members=members,
                )
            except SeriesMovedError:
                continue
            except AccountingPeriodClosedError:  # there, not by the catalogue: the next one that is open takes it
                if document.posting_date > document.document_date + FURTHEST_POSTING:
                    raise
                not_before = first_day_after(document.posting_date)
            except CreditedMeanwhileError:
                self._refuse(self._save(credited_meanwhile(stored.invoice), stored))
            except InvoiceChangedError:
                stored = self._read(stored.invoice.invoice_id, stored.invoice.revision)
                if stored.invoice.state in ISSUED_STATES:
                    return stored  # our own write, whose reply was lost, or a twin's
            else:
                if tax_intent is not None:
                    self.tax_requests.request(tax_intent.tax_intent_id)  # the relay's, should we die before it
                return numbered
        raise SeriesContendedError(entity.invoice_series)

    def _require_fit(self, stored: StoredInvoice, faults: Iterable[Issue]) -> None:
        if found := tuple(faults):
            self._refuse(self._save(unfit_meanwhile(stored.invoice, found), stored))

    def _save(self, invalid: Invoice, before: StoredInvoice) -> StoredInvoice:
        codes = [record.code for record in exceptions_of(invalid, raised_at=self.clock.now())]
        raised = tuple(dict.fromkeys((*before.raised, *codes)))
        stored = StoredInvoice(invoice=invalid, version=before.version + 1, raised=raised)
        self.invoices.save(stored)
        return stored

    def _refuse(self, stored: StoredInvoice) -> NoReturn:
        self.exceptions.report(exceptions_of(stored.invoice, raised_at=self.clock.now()))
        if is_credited_meanwhile(stored.invoice):
            raise CreditedMeanwhileError(stored.invoice.invoice_id)
        raise InvoiceInvalidError(stored.invoice.invoice_id)

    def _rate(self, invoice: Invoice, entity: LegalEntity, day: date) -> ExchangeRate | None:
        rate = conversion_rate(invoice.gross.currency, entity, on=day, published=self.master_data.exchange_rates)
        if isinstance(rate, RateMissing):
            raise ExchangeRateMissingError(f"{invoice.invoice_id}: {rate.reason}")
        return rate

    def _issued_members(self, invoice: Invoice) -> list[StoredInvoice]:
        """Return the bills of its members with its number, one version on."""
        bills = self._members(invoice)
        for known, bill in zip(invoice.members, bills, strict=True):
            if known.version != bill.version:
                raise MemberBillChangedError(f"{bill.invoice.invoice_id}, which is on {invoice.invoice_id}")
        return [replace(bill, invoice=issued_with(bill.invoice, invoice), version=bill.version + 1) for bill in bills]

    def _members(self, invoice: Invoice) -> list[StoredInvoice]:
        return [self._read(one.invoice_id, one.revision) for one in invoice.members]

    def _parties(self, invoice: Invoice) -> tuple[Contract, Customer, LegalEntity]:
        self.master_data.version()
        entity = self.master_data.legal_entity(invoice.legal_entity_id)
        accounts = self.master_data.accounts(concerned(invoice))
        contract, buyer = contract_of(invoice, accounts), buyer_of(invoice, accounts)
        if entity is None or buyer is None or contract is None:
            raise InvoiceNotFoundError(f"the parties of {invoice.invoice_id}")
        return contract, buyer, entity

    def _read(self, invoice_id: InvoiceId, revision: int) -> StoredInvoice:
        stored = self.invoices.read(invoice_id, revision)
        if stored is None:
            raise InvoiceNotFoundError(invoice_id)
        return stored


def _tax_intent(
    invoice: Invoice, posting: PostingDocument, *, buyer: Customer, entity: LegalEntity, now: datetime
) -> TaxIntent | None:
    """Return what is to be recorded with an outside tax engine; there is nobody to tell of the table's tax."""
    if not entity.tax.is_outside:
        return None
    return new_tax_intent(
        TaxIntentId(posting.posting_id),
        TaxOperation.COMMIT,
        issued_document(invoice, seller=entity, buyer=buyer),
        tenant=invoice.tenant,
        accounting_period=posting.accounting_period,
        created_at=now,
    )
