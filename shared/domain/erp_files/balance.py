"""The control that holds on every way to a ledger: what was sent is what was posted, refused or is still pending."""

from collections import defaultdict
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
    """One currency of one file, which has one period. `posted` is what the receiver says it posted, not what we sent."""

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
    found: defaultdict[str, Balance] = defaultdict()
    for code in sorted({one.gross.currency.code for one in file.documents}):
        found[code] = Balance(file=file.name, period=file.period, currency=code)
    for document in file.documents:
        balance = found[document.gross.currency.code]
        balance.sent.add(document.gross.amount)
        verdict = verdicts.get(document.external_ref)
        if verdict is None:
            balance.pending.add(document.gross.amount)
        elif verdict.status is VerdictStatus.REJECTED:
            balance.rejected.add(document.gross.amount)
        else:
            balance.posted.add(verdict.gross.amount if verdict.gross else Decimal(0))
    return tuple(found.values())


def unbalanced(all_balances: Iterable[Balance]) -> tuple[Balance, ...]:
    return tuple(balance for balance in all_balances if balance.difference)
