"""The control that holds on every way to a ledger: what was sent is what was posted, refused or is still pending."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from shared.domain.erp_files.delivery_file import DeliveryFile
from shared.domain.erp_files.staged_document import Verdict, VerdictStatus
from shared.domain.identifiers import ExternalRef
from shared.domain.money import EXACT


@dataclass(slots=True, kw_only=True)
class Side:
    """How many documents, and what they come to, gross, in currency units."""

    documents: int = 0
    gross: Decimal = Decimal(0)

    def add(self, gross: Decimal) -> None:
        self.documents += 1
        self.gross = EXACT.add(self.gross, gross)


@dataclass(slots=True, kw_only=True)
class Balance:
    """One currency of a file, which has one period. `posted` is what the receiver says it has posted."""

    file: str
    period: str
    currency: str
    sent: Side = field(default_factory=Side)
    posted: Side = field(default_factory=Side)
    rejected: Side = field(default_factory=Side)
    pending: Side = field(default_factory=Side)

    @property
    def difference(self) -> Decimal:
        """What was sent beyond what became of it; nothing unless the receiver has posted other amounts."""
        answered = EXACT.add(self.posted.gross, self.rejected.gross)
        return EXACT.subtract(self.sent.gross, EXACT.add(answered, self.pending.gross))


def balances(file: DeliveryFile, verdicts: Mapping[ExternalRef, Verdict]) -> tuple[Balance, ...]:
    """Return one balance for each currency of a file, in order of the currencies."""
    codes = sorted({one.gross.currency.code for one in file.documents})
    found = {code: Balance(file=file.name, period=file.period, currency=code) for code in codes}
    for document in file.documents:
        balance = found[document.gross.currency.code]
        balance.sent.add(document.gross.amount)
        verdict = verdicts.get(document.external_ref)
        if verdict is None:
            balance.pending.add(document.gross.amount)
        elif verdict.status is VerdictStatus.REJECTED:
            balance.rejected.add(document.gross.amount)
        else:
            balance.posted.add(_in_currency(verdict, balance.currency))
    return tuple(found.values())


def _in_currency(verdict: Verdict, code: str) -> Decimal:
    """Return what was posted in a currency: nothing where the receiver names another one."""
    gross = verdict.gross
    return gross.amount if gross is not None and gross.currency.code == code else Decimal(0)


def unbalanced(all_balances: Iterable[Balance]) -> tuple[Balance, ...]:
    return tuple(balance for balance in all_balances if balance.difference)
