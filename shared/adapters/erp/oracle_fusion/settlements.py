"""What is open of our transactions, and what has changed in it: those that changed are asked for, all of them daily.

A receipt or a credit changes the installment of an invoice and not the invoice itself, so that invoices are asked for
by when an installment changed. That a parent's list is filtered by a child's attribute is published of payables'
invoices and not of these: the first walk of a day goes over all complete transactions of our source, and tells what the
filter has missed; where Fusion refuses the filter, each walk does. A walk goes from id to id: by places in the list,
each transaction that leaves it would hide another one.

A cursor is KIND|ID|SINCE|BEGUN|WHOLE: after which transaction the walk goes on, from when on changes are told, when it
began, and when the last one began that goes over all. The next walk tells what changed since this one began, and a
little before, for clocks differ.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shared.adapters.erp.oracle_fusion.resources import (
    FusionResources,
    Page,
    Row,
    Unread,
    children,
    equals,
    is_above,
    is_since,
)
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.adapters.erp.oracle_fusion.transaction_names import TRANSACTIONS
from shared.adapters.erp.oracle_fusion.transactions import COMPLETE, open_and_gross, read_number
from shared.domain.money import Money, UnknownCurrencyError, exact_sum
from shared.domain.posting.document import DocumentKind, is_external_ref
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import Settlement, SettlementPage, SettlementStatus
from shared.ports.clock import Clock

PAGE: Final = 499  # 500 are the most, connectors say; of the few attributes that are read that is a tenth of a megabyte
_ID: Final = "CustomerTransactionId"
_CHANGED: Final = "LastUpdateDate"
_CREDITED: Final = "InstallmentAmountCredited"
_INSTALLMENTS: Final = "receivablesInvoiceInstallments"
_CLOCKS_DIFFER_BY: Final = timedelta(minutes=15)
_IN_ANY_ZONE: Final = timedelta(days=1)  # nobody says in whose time zone Fusion reads an instant of a filter
_BEGINNING: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class _Cursor:
    kind: DocumentKind
    after: int
    since: datetime
    begun: datetime
    whole: datetime

    @property
    def is_new_walk(self) -> bool:
        return self.kind is DocumentKind.INVOICE and not self.after

    @property
    def goes_over_all(self) -> bool:
        return self.whole == self.begun

    def __str__(self) -> str:
        instants = (self.since, self.begun, self.whole)
        return "|".join((self.kind, str(self.after), *(instant.isoformat() for instant in instants)))


class FusionSettlements:
    """The settlements of one business unit's documents."""

    def __init__(self, resources: FusionResources, settings: FusionSettings, clock: Clock) -> None:
        self._resources = resources
        self._settings = settings
        self._clock = clock

    def page(self, cursor: str) -> SettlementPage | LookupFailed:
        """Return one page of the walk; raises ValueError for a cursor that is none of ours."""
        at = _parsed(cursor, self._clock.now())
        page = self._page(at)
        if isinstance(page, Unread) and page.is_refused and not at.goes_over_all:
            at = replace(at, whole=at.begun)
            page = self._page(at)
        if isinstance(page, Unread):
            return page.lookup
        following = _following(at, page)
        if isinstance(following, LookupFailed):
            return following
        settlements = [self._settlement(row, at.kind) for row in page.rows]
        unread = next((one for one in settlements if isinstance(one, LookupFailed)), None)
        if unread is not None:
            return unread
        changed = [one for one in settlements if isinstance(one, Settlement) and one.changed_at >= at.since]
        return SettlementPage(
            settlements=tuple(sorted(changed, key=lambda one: one.changed_at)),
            next_cursor=str(following),
            complete=following.is_new_walk,
        )

    def _page(self, at: _Cursor) -> Page | Unread:
        names, is_invoice = TRANSACTIONS[at.kind], at.kind is DocumentKind.INVOICE
        changed = is_since(f"{_INSTALLMENTS}.{_CHANGED}" if is_invoice else _CHANGED, at.since - _IN_ANY_ZONE)
        ours = (
            equals("BusinessUnit", self._settings.mapping.company),
            equals("TransactionSource", self._settings.of("transaction_source")),
            equals(names.status, COMPLETE),
            is_above(_ID, at.after),
            *(() if at.goes_over_all else (changed,)),
        )
        read = (
            _ID,
            "TransactionNumber",
            self._settings.key_field,
            names.currency,
            names.balance,
            "EnteredAmount",
            _CHANGED,
        )
        of_installments = f";{_INSTALLMENTS}:{_CREDITED},{_CHANGED}" if is_invoice else ""
        fields = ",".join(dict.fromkeys(read)) + of_installments
        return self._resources.page(names.resource, ours, fields=fields, order=_ID, limit=PAGE)

    def _settlement(self, row: Row, kind: DocumentKind) -> Settlement | LookupFailed | None:
        """Return how one of ours stands; None for what a person wrote in our source, in whatever currency."""
        try:
            external_ref = str(row[self._settings.key_field])
            if not is_external_ref(external_ref):
                return None
            installments = children(row, _INSTALLMENTS)
            open_amount, gross = open_and_gross(row, self._settings, kind)
            credited = exact_sum(read_number(one.get(_CREDITED) or 0) for one in installments)
            return Settlement(
                external_ref=external_ref,
                kind=kind,
                erp_number=str(row["TransactionNumber"]),
                status=_status(open_amount, gross, credited=bool(credited)),
                open_amount=open_amount,
                changed_at=max(datetime.fromisoformat(one[_CHANGED]) for one in (row, *installments)),
                credited=Money(abs(credited), gross.currency) if kind is DocumentKind.INVOICE else None,
            )
        except (KeyError, TypeError, ValueError, UnknownCurrencyError):
            return LookupFailed(f"what is open of {row.get('TransactionNumber')} cannot be read")


def _status(open_amount: Money, gross: Money, *, credited: bool) -> SettlementStatus:
    if not open_amount.amount:
        return SettlementStatus.CREDITED if credited else SettlementStatus.PAID
    return SettlementStatus.OPEN if open_amount == gross else SettlementStatus.PARTLY_PAID


def _parsed(cursor: str, now: datetime) -> _Cursor:
    kind, *numbers = cursor.split("|")
    if len(numbers) != len(("after", "since", "begun", "whole")):  # none yet, or one of a former form
        return _Cursor(DocumentKind.INVOICE, 0, _BEGINNING, now, now)
    after, *instants = numbers
    since, begun, whole = map(datetime.fromisoformat, instants)
    at = _Cursor(DocumentKind(kind), int(after), since, begun, whole)
    if not at.is_new_walk:
        return at
    if now.date() > whole.date():
        return replace(at, since=whole - _CLOCKS_DIFFER_BY, begun=now, whole=now)
    return replace(at, begun=now)


def _following(at: _Cursor, page: Page) -> _Cursor | LookupFailed:
    if page.more:
        last = _last_of(page, at.after)
        return last if isinstance(last, LookupFailed) else replace(at, after=last)
    if at.kind is DocumentKind.INVOICE:
        return replace(at, kind=DocumentKind.CREDIT_MEMO, after=0)
    return replace(at, kind=DocumentKind.INVOICE, after=0, since=at.begun - _CLOCKS_DIFFER_BY)


def _last_of(page: Page, after: int) -> int | LookupFailed:
    """Return the last id of a page; nothing is passed over only where all of them rise."""
    try:
        ids = [int(row[_ID]) for row in page.rows]
    except (KeyError, TypeError, ValueError):
        ids = []
    if not ids or [after, *ids] != sorted({after, *ids}):
        return LookupFailed(f"the transactions do not come in the order of their {_ID}")
    return ids[-1]
