"""Account moves: drafts that need not balance, posted ones that must; closed periods and journals keep them out."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from simulators.erp.company import AccountRole
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import Entry, EntryLine
from simulators.erp.tryton.company_records import has_role
from simulators.erp.tryton.database import Database, Record
from simulators.erp.tryton.dialect import message

LINE = "Account Move Line"


def create_move(database: Database, sent: Record) -> Record:
    """Store a draft from outside; raises a Refusal."""
    company = database.referred("company.company", sent, "company", field_of=("Company", "Account Move"))
    journal = database.referred("account.journal", sent, "journal", field_of=("Journal", "Account Move"))
    period = database.referred("account.period", sent, "period", field_of=("Period", "Account Move"))
    lines = created(sent.get("lines"))
    _only_its_digits(database, company, lines)
    return new_move(
        database,
        company=company["id"],
        journal=journal["id"],
        period=period["id"],
        day=sent["date"],
        description=sent.get("description") or "",
        lines=lines,
    )


def new_move(
    database: Database,
    *,
    company: int,
    journal: int,
    period: int,
    day: date,
    lines: Sequence[Record],
    description: str = "",
    origin: str | None = None,
) -> Record:
    if lines:
        _open_journal(database, journal, period)
    checked = [_line(database, line) for line in lines]
    move = database.add(
        "account.move",
        company=company,
        journal=journal,
        period=period,
        date=day,
        description=description,
        origin=origin,
        number=None,
        state="draft",
        lines=[],
    )
    for line in checked:
        move["lines"].append(database.add("account.move.line", move=move["id"], reconciliation=None, **line)["id"])
    return move


def post_move(database: Database, move: Record, *, reference: str, customer: str, kind: str, currency: str) -> None:
    """Bring a draft into the ledger; raises a Refusal. The last four are what the ledger's entry is to say."""
    if move["state"] == "posted":
        return
    lines = database.each("account.move.line", move["lines"])
    if not lines:
        raise message(f'To post move "({move["id"]})", you must fill in its lines.')
    if sum((line["debit"] - line["credit"] for line in lines), Decimal(0)):
        raise message(f'To post move "({move["id"]})", you must balance all its lines debits and credits.')
    move["number"] = database.next_number("AM")
    move["state"] = "posted"
    database.written(move)
    database.ledger.post(
        Entry(
            company=database.companies[move["company"]].company,
            posting_date=move["date"],
            document_number=move["number"],
            external_ref=reference,
            customer=customer,
            currency=currency,
            lines=tuple(_entry_line(database, line) for line in lines),
            document_type=kind,
        )
    )


def cancel_move(database: Database, move: Record, *, on: date) -> Record:
    """Return a draft of a move the other way round: a copy of it, with its description, whose origin it is."""
    lines = database.each("account.move.line", move["lines"])
    return new_move(
        database,
        company=move["company"],
        journal=move["journal"],
        period=move["period"],
        day=on,
        description=move["description"],
        origin=f"account.move,{move['id']}",
        lines=[{**line, "debit": line["credit"], "credit": line["debit"]} for line in lines],
    )


def as_document(database: Database, move: Record) -> SimulatedDocument:
    """Return a move that was entered as one, so not that of an invoice or a payment."""
    debits = sum((line["debit"] for line in database.each("account.move.line", move["lines"])), Decimal(0))
    return SimulatedDocument(
        kind="journal",
        company=database.companies[move["company"]].company,
        document_id=str(move["id"]),
        external_ref=move["description"],
        number=move["number"] or "",
        customer="",
        status=move["state"],
        posted=move["state"] == "posted",
        accounting_period=move["date"].strftime("%Y-%m"),
        currency=local_currency(database, move["company"]),
        net=debits,
        tax=Decimal(0),
        gross=debits,
        open_amount=Decimal(0),
    )


def created(sent: Any) -> list[Record]:  # noqa: ANN401 - what a caller sends may be anything
    """Return the records of a field's [["create", [...]]]; nothing else is taken of new records."""
    return [record for action, records in sent or () if action == "create" for record in records]


def added(sent: Any) -> list[int]:  # noqa: ANN401 - what a caller sends may be anything
    """Return the ids of a field's [["add", [...]]]."""
    return [record for action, records in sent or () if action == "add" for record in records]


def local_currency(database: Database, company: int) -> str:
    return database.companies[company].local_currency


def _open_journal(database: Database, journal: int, period: int) -> None:
    """Find the journal's part of the period, or make it: as an open one, which a closed period does not have."""
    month, name = (
        database.get(model, one) for model, one in (("account.period", period), ("account.journal", journal))
    )
    assert month is not None, "the period was looked up"
    assert name is not None, "the journal was looked up"
    for record in database.all("account.journal.period"):
        if (record["journal"], record["period"]) == (journal, period):
            if record["state"] == "closed":
                what = f"{name['name']} - {month['name']}"
                raise message(f'You cannot add/modify/delete lines on closed journal-period "{what}".')
            return
    if month["state"] != "open":
        raise message(f'You cannot create a journal-period in closed period "{month["name"]}".')
    database.add("account.journal.period", journal=journal, period=period, state="open")


def _only_its_digits(database: Database, company: Record, lines: Sequence[Record]) -> None:
    currency = database.get("currency.currency", company["currency"])
    assert currency is not None, "a company has one"
    for label in ("Debit", "Credit"):
        for amount in (Decimal(line.get(label.lower()) or 0) for line in lines):
            if amount != round(amount, currency["digits"]):
                raise message(
                    f'The number of digits in the value "{amount}" for field "{label}" in "{LINE}" exceeds the limit.'
                )


def _line(database: Database, sent: Record) -> Record:
    account = database.referred("account.account", sent, "account", field_of=("Account", LINE))
    debit, credit = (Decimal(sent.get(name) or 0) for name in ("debit", "credit"))
    if debit and credit:
        raise message("You cannot set both debit and credit on the line.")
    if has_role(database, account["id"], AccountRole.RECEIVABLE) and sent.get("party") is None:
        raise message(f'A value is required for field "Party" in record of "{LINE}".')
    return {
        "account": account["id"],
        "debit": debit,
        "credit": credit,
        "party": sent.get("party"),
        "description": sent.get("description") or "",
        "maturity_date": sent.get("maturity_date"),
    }


def _entry_line(database: Database, line: Record) -> EntryLine:
    account = database.get("account.account", line["account"])
    assert account is not None, "the account was looked up"
    return EntryLine(role=account["role"], account=account["code"], amount=line["debit"] - line["credit"])
