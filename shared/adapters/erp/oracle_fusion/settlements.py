"""What is open of our transactions. Nothing in Fusion lists what was paid since a time: all of ours are gone through.

A receipt changes the installment of an invoice and not the invoice itself, so that only a walk over all complete
transactions of our source finds every change. It goes from id to id: by places in the list, each transaction that
leaves it would hide another one. A cursor is KIND|ID|SINCE|BEGUN: after which transaction the walk goes on, from when
on changes are told, and when it began. The next walk tells what changed since this one began, and a little before, for
clocks differ.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.adapters.erp.oracle_fusion.resources import FusionResources, Page, Row, Unread, children, equals, is_above
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.adapters.erp.oracle_fusion.transaction_names import TRANSACTIONS
from shared.adapters.erp.oracle_fusion.transactions import COMPLETE, open_and_gross, read_number
from shared.domain.money import Money, UnknownCurrencyError, exact_sum
from shared.domain.posting.document import DocumentKind, is_external_ref
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import Settlement, SettlementPage, SettlementStatus
from shared.ports.clock import Clock

_ID: Final = "CustomerTransactionId"
_INSTALLMENTS: Final = "receivablesInvoiceInstallments"
_CLOCKS_DIFFER_BY: Final = timedelta(minutes=15)
_BEGINNING: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class _Cursor:
    kind: DocumentKind
    after: int
    since: datetime
    begun: datetime

    @property
    def is_new_walk(self) -> bool:
        return self.kind is DocumentKind.INVOICE and not self.after

    def __str__(self) -> str:
        return f"{self.kind}|{self.after}|{self.since.isoformat()}|{self.begun.isoformat()}"


class FusionSettlements:
    """The settlements of one business unit's documents."""

    def __init__(self, resources: FusionResources, settings: FusionSettings, clock: Clock) -> None:
        self._resources = resources
        self._settings = settings
        self._clock = clock

    def page(self, cursor: str) -> SettlementPage | LookupFailed:
        """Return one page of the walk; raises ValueError for a cursor that is none of ours."""
        at = _parsed(cursor, self._clock.now())
        names = TRANSACTIONS[at.kind]
        ours = (
            equals("BusinessUnit", self._settings.mapping.company),
            equals("TransactionSource", self._settings.of("transaction_source")),
            equals(names.status, COMPLETE),
            is_above(_ID, at.after),
        )
        expand = _INSTALLMENTS if at.kind is DocumentKind.INVOICE else ""  # not the lines: a hundred are too much
        page = self._resources.page(names.resource, ours, expand=expand, order=_ID)
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

    def _settlement(self, row: Row, kind: DocumentKind) -> Settlement | LookupFailed | None:
        """Return how one of ours stands; None for what a person wrote in our source, in whatever currency."""
        try:
            external_ref = str(row[self._settings.key_field])
            if not is_external_ref(external_ref):
                return None
            installments = children(row, _INSTALLMENTS)
            open_amount, gross = open_and_gross(row, self._settings, kind)
            credited = exact_sum(read_number(one.get("InstallmentAmountCredited") or 0) for one in installments)
            return Settlement(
                external_ref=external_ref,
                kind=kind,
                erp_number=str(row["TransactionNumber"]),
                status=_status(open_amount, gross, credited=bool(credited)),
                open_amount=open_amount,
                changed_at=max(datetime.fromisoformat(one["LastUpdateDate"]) for one in (row, *installments)),
                credited=Money(abs(credited), gross.currency) if kind is DocumentKind.INVOICE else None,
            )
        except (KeyError, TypeError, ValueError, UnknownCurrencyError):
            return LookupFailed(f"what is open of {row.get('TransactionNumber')} cannot be read")


def _status(open_amount: Money, gross: Money, *, credited: bool) -> SettlementStatus:
    if not open_amount.amount:
        return SettlementStatus.CREDITED if credited else SettlementStatus.PAID
    return SettlementStatus.OPEN if open_amount == gross else SettlementStatus.PARTLY_PAID


def _parsed(cursor: str, now: datetime) -> _Cursor:
    if not cursor:
        return _Cursor(DocumentKind.INVOICE, 0, _BEGINNING, now)
    kind, after, since, begun = cursor.split("|")
    at = _Cursor(
        DocumentKind(kind),
        int(after),
        datetime.fromisoformat(since),
        datetime.fromisoformat(begun),
    )
    return _Cursor(at.kind, at.after, at.since, now) if at.is_new_walk else at


def _following(at: _Cursor, page: Page) -> _Cursor | LookupFailed:
    if page.more:
        last = _last_of(page, at.after)
        return last if isinstance(last, LookupFailed) else _Cursor(at.kind, last, at.since, at.begun)
    if at.kind is DocumentKind.INVOICE:
        return _Cursor(DocumentKind.CREDIT_MEMO, 0, at.since, at.begun)
    return _Cursor(DocumentKind.INVOICE, 0, at.begun - _CLOCKS_DIFFER_BY, at.begun)


def _last_of(page: Page, after: int) -> int | LookupFailed:
    """Return the last id of a page; nothing is passed over only where all of them rise."""
    try:
        ids = [int(row[_ID]) for row in page.rows]
    except (KeyError, TypeError, ValueError):
        ids = []
    if not ids or [after, *ids] != sorted({after, *ids}):
        return LookupFailed(f"the transactions do not come in the order of their {_ID}")
    return ids[-1]
