"""Tryton's ids of what a mapping names: the codes of accounts, the names of taxes, the codes of journals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from shared.adapters.erp.tryton.connection import TrytonConnection, Unread
from shared.domain.posting.outcome import AuthFailed, Rejected, RejectionCode, Throttled

NotReady = Rejected | Throttled | AuthFailed


class Named(StrEnum):
    """What is known by a name; the value is Tryton's model."""

    ACCOUNT = "account.account"
    TAX = "account.tax"
    JOURNAL = "account.journal"
    CURRENCY = "currency.currency"


@dataclass(slots=True)
class Keys:
    """Each is looked up once for as long as this lives: an id never changes, what it is called might."""

    connection: TrytonConnection
    _known: dict[tuple[Named, str], int] = field(default_factory=dict)

    @property
    def company(self) -> int:
        return self.connection.company

    def of(self, what: Named, name: str) -> int:
        """Return an id that was learnt; raises KeyError."""
        return self._known[what, name]

    def learn(self, wanted: Mapping[Named, Iterable[str]]) -> NotReady | None:
        """Look up what is not known yet; None when all is known now."""
        for what, names in wanted.items():
            not_ready = self._learn(what, tuple(dict.fromkeys(names)))
            if not_ready is not None:
                return not_ready
        return None

    def period_of(self, day: date) -> int | NotReady:
        """Return the accounting period of a day; which one that is may change, so it is not kept."""
        of_company = [["company", "=", self.company], ["type", "=", "standard"]]
        within = [["start_date", "<=", day], ["end_date", ">=", day]]
        found = self.connection.rows("account.period", [*of_company, *within], ["name"])
        if isinstance(found, Unread):
            return found.for_document
        if len(found) != 1:
            return Rejected.of(RejectionCode.NO_SINGLE_PERIOD, f"{len(found)} accounting periods of Tryton hold {day}")
        return int(found[0]["id"])

    def _learn(self, what: Named, names: tuple[str, ...]) -> NotReady | None:
        unknown = [name for name in names if (what, name) not in self._known]
        if not unknown:
            return None
        known_by = "name" if what is Named.TAX else "code"
        found = self.connection.rows(what, [[known_by, "in", unknown], *self._in_use(what)], [known_by])
        if isinstance(found, Unread):
            return found.for_document
        self._known |= {(what, str(row.get(known_by))): int(row["id"]) for row in found}
        missing = [name for name in unknown if (what, name) not in self._known]
        text = f"Tryton has no {what.rpartition('.')[2]} {', '.join(missing)} that is in use"
        return Rejected.of(RejectionCode.NOT_IN_ERP, text) if missing else None

    def _in_use(self, what: Named) -> list[object]:
        own = ["company", "=", self.company]
        match what:
            case Named.ACCOUNT:
                return [own, ["closed", "!=", True]]
            case Named.TAX:
                return [own]
            case Named.JOURNAL | Named.CURRENCY:
                return []
