"""Our journals as account moves of Tryton, and its moves as our reading."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from shared.adapters.erp.tryton.connection import UNREADABLE, Row
from shared.adapters.erp.tryton.keys import Keys, Named
from shared.domain.identifiers import CustomerId
from shared.domain.master_data.catalog import ErpMapping
from shared.domain.money import Money, currency, exact_sum
from shared.domain.posting.doubles import without_reversed
from shared.domain.posting.journal import Journal, JournalLine
from shared.domain.posting.outcome import ErpRef, LookupFailed, PostedDocument

MOVE_MODEL: Final = "account.move"
MOVE_FIELDS: Final = (
    "description",
    "number",
    "state",
    "origin",
    "period.start_date",
    "lines.debit",
    "company.currency.code",
)


def move_fields(
    journal: Journal, mapping: ErpMapping, booked_in: str, *, keys: Keys, period: int, parties: Mapping[CustomerId, int]
) -> dict[str, object]:
    return {
        "company": keys.company,
        "journal": keys.of(Named.JOURNAL, booked_in),
        "period": period,
        "date": journal.posting_date,
        "description": journal.external_ref,  # what a move is found by: it has no reference of its own
        "lines": [["create", [_line(line, journal, mapping, keys, parties) for line in journal.lines]]],
    }


def posted_move(row: Row) -> PostedDocument | LookupFailed:
    try:
        unit = currency(row["company"]["currency"]["code"])
        debits = Money(exact_sum(Decimal(line["debit"]) for line in row["lines"]), unit)
        return PostedDocument(
            ref=ErpRef(str(row["id"])),
            external_ref=str(row["description"] or ""),
            number=str(row["number"] or ""),
            posted=row["state"] == "posted",
            accounting_period=row["period"]["start_date"].strftime("%Y-%m"),
            net=debits,
            tax=Money.zero(unit),
            gross=debits,
        )
    except UNREADABLE as error:
        return LookupFailed(f"the move cannot be read: {type(error).__name__}")


def counting_moves(moves: Sequence[Row]) -> Sequence[Row]:
    """Return which of the moves with one key count. Its cancellation keeps a move's description: it is none."""
    entered = [one for one in moves if not any(_cancels(one, another) for another in moves)]
    return without_reversed(entered, is_posted=_is_posted, is_reversed=lambda one: _is_cancelled(one, moves))


def _is_cancelled(move: Row, moves: Sequence[Row]) -> bool:
    """Whether a cancellation of it stands: that may have been cancelled as well."""
    return any(_cancels(one, move) and not _is_cancelled(one, moves) for one in moves)


def _cancels(move: Row, another: Row) -> bool:
    later = move["id"] > another["id"]  # so none cancels itself, by whatever way
    return later and _is_posted(move) and move.get("origin") == f"{MOVE_MODEL},{another['id']}"


def _is_posted(move: Row) -> bool:
    return move.get("state") == "posted"


def _line(
    line: JournalLine, journal: Journal, mapping: ErpMapping, keys: Keys, parties: Mapping[CustomerId, int]
) -> dict[str, object]:
    amount = line.amount.amount
    party = {"party": parties[line.customer_id]} if line.customer_id is not None else {}
    return {
        "account": keys.of(Named.ACCOUNT, mapping.account(line.account)),
        "debit": max(amount, Decimal(0)),
        "credit": max(-amount, Decimal(0)),
        "description": f"{line.text or journal.text} ({journal.posting_id})",
        **party,
    }
