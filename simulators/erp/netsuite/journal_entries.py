"""journalEntry: created once per external id; debits and credits of one subsidiary, in the ledger unless it waits."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from simulators.erp.company import AccountRole, CompanySetup, rounded
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import Entry, journal_line
from simulators.erp.netsuite import payload
from simulators.erp.netsuite.books import AccountBooks, Record
from simulators.erp.netsuite.customers import currency_code
from simulators.erp.netsuite.dialect import business_rule, unknown_reference
from simulators.erp.netsuite.document_header import APPROVALS, APPROVED, exchange_rate, read_texts
from simulators.erp.netsuite.line_dimensions import read_dimensions
from simulators.erp.netsuite.posting_periods import posting_period
from simulators.http.exchange import Call
from simulators.http.faults import Fault

LINES_MAX: Final = 10_000
KNOWN: Final = frozenset(
    {
        "externalId",
        "tranId",
        "tranDate",
        "postingPeriod",
        "subsidiary",
        "currency",
        "exchangeRate",
        "memo",
        "approved",
        "approvalStatus",
        "reversalDate",
        "reversalDefer",
        "line",
    }
)
LINE_FIELDS: Final = frozenset(
    {
        "account",
        "debit",
        "credit",
        "memo",
        "entity",
        "department",
        "class",
        "location",
        "startDate",
        "endDate",
        "eliminate",
    }
)


def create_journal_entry(books: AccountBooks, call: Call) -> tuple[Record, list[str]]:
    """Return the stored record and warnings of names that were ignored."""
    fields = call.json_object()
    warnings = payload.warnings_of(call, fields, known=KNOWN)
    key = payload.external_id(fields, books.journals)
    setup = _subsidiary(books, fields)
    currency = _currency(books, fields, setup)
    day = payload.day(fields, "tranDate", default=books.now().date())
    period = posting_period(books, fields, day, receivables=False, closed=call.fault is Fault.CLOSED_PERIOD)
    lines, line_warnings = _lines(books, call, fields, setup, currency=currency["refName"])
    number = books.new_id()
    texts = read_texts(fields)
    record: Record = {
        "id": number,
        "externalId": key,
        "memo": texts["memo"],
        "tranId": books.number(texts["tranId"], f"JE{number}"),
        "tranDate": day.isoformat(),
        "subsidiary": {"id": setup.company, "refName": setup.name},
        "currency": currency,
        "exchangeRate": exchange_rate(fields, setup, currency=currency["refName"]),
        "postingPeriod": {"id": period.period_id, "refName": period.name},
        "approvalStatus": _approval(fields),
        "_total": sum((line.get("debit", Decimal(0)) for line in lines), start=Decimal(0)),
        "_lines": lines,
    }
    record["approved"] = record["approvalStatus"]["id"] == APPROVED
    books.changed(record)
    if record["approved"]:
        books.ledger.post(_entry(setup, record))
    books.journals.add(record)
    return record, [*warnings, *line_warnings]


def as_document(books: AccountBooks, journal: Record) -> SimulatedDocument:
    return SimulatedDocument(
        kind="journal",
        company=journal["subsidiary"]["id"],
        document_id=journal["id"],
        external_ref=journal["externalId"],
        number=journal["tranId"],
        customer="",
        status=journal["approvalStatus"]["refName"],
        posted=journal["approved"],
        accounting_period=books.periods[journal["postingPeriod"]["id"]].start.strftime("%Y-%m"),
        currency=journal["currency"]["refName"],
        net=journal["_total"],
        tax=Decimal(0),
        gross=journal["_total"],
        open_amount=Decimal(0),
    )


def _subsidiary(books: AccountBooks, fields: dict[str, Any]) -> CompanySetup:
    key = payload.internal_id(fields, "subsidiary")
    if key not in books.subsidiaries:
        raise unknown_reference("subsidiary", key)
    return books.subsidiaries[key]


def _currency(books: AccountBooks, fields: dict[str, Any], setup: CompanySetup) -> dict[str, str]:
    """Return the currency as a reference; without one it is the subsidiary's own."""
    key = payload.internal_id(fields, "currency") if "currency" in fields else setup.currencies[setup.local_currency]
    code = currency_code(books, setup.company, key)
    if code is None:
        raise unknown_reference("currency", key)
    return {"id": key, "refName": code}


def _approval(fields: dict[str, Any]) -> dict[str, str]:
    approval = payload.internal_id(fields, "approvalStatus") if "approvalStatus" in fields else APPROVED
    if fields.get("approved") is False:
        approval = "1"
    if approval not in APPROVALS:
        raise unknown_reference("approvalStatus", approval)
    return {"id": approval, "refName": APPROVALS[approval]}


def _lines(
    books: AccountBooks, call: Call, fields: dict[str, Any], setup: CompanySetup, *, currency: str
) -> tuple[list[Record], list[str]]:
    rows = payload.rows(fields, "line")
    if not 1 < len(rows) <= LINES_MAX:
        raise business_rule(f"A journal entry has 2 to {LINES_MAX} lines.", path="line")
    warnings: list[str] = []
    lines: list[Record] = []
    for index, row in enumerate(rows):
        path = f"line.items[{index}]."
        warnings += payload.warnings_of(call, row, known=LINE_FIELDS, path=path)
        lines.append(_line(books, row, setup, currency=currency, path=path))
    if sum((_signed(line) for line in lines), start=Decimal(0)):
        raise business_rule("The amounts of this journal entry do not balance.", path="line")
    return lines, warnings


def _line(books: AccountBooks, row: dict[str, Any], setup: CompanySetup, *, currency: str, path: str) -> Record:
    account = payload.internal_id(row, "account", path=f"{path}account")
    role = setup.chart().get(account)
    if role is None or ("account", account) in books.inactive:
        raise unknown_reference(f"{path}account", account)
    sides = {name: payload.number(row, name, path=path + name) for name in ("debit", "credit")}
    given = {name: amount for name, amount in sides.items() if amount is not None}
    if len(given) != 1 or min(given.values()) <= 0:
        raise business_rule("A line has either a debit or a credit, above zero.", path=path.rstrip("."))
    if role is AccountRole.RECEIVABLE and "entity" not in row:
        raise business_rule("A line on an account of receivables needs a customer.", path=f"{path}entity")
    customer = (
        books.customers.referred(payload.reference(row, "entity", path=f"{path}entity")) if "entity" in row else {}
    )
    if customer is None:
        raise unknown_reference(f"{path}entity", row["entity"])
    return {
        "account": {"id": account},
        **{name: rounded(amount, currency=currency) for name, amount in given.items()},
        "memo": str(row.get("memo", "")),
        **_customer(books, row, path=f"{path}entity"),
        **read_dimensions(books, row, setup, path=path),
    }


def _customer(books: AccountBooks, row: dict[str, Any], *, path: str) -> Record:
    if "entity" not in row:
        return {}
    customer = books.customers.referred(payload.reference(row, "entity", path=path))
    if customer is None:
        raise unknown_reference(path, row["entity"])
    return {"entity": {"id": customer["id"], "refName": customer["companyName"]}}


def _signed(line: Record) -> Decimal:
    return line["debit"] if "debit" in line else -line["credit"]  # type: ignore[no-any-return]


def _entry(setup: CompanySetup, journal: Record) -> Entry:
    return Entry(
        company=setup.company,
        posting_date=date.fromisoformat(journal["tranDate"]),
        document_number=journal["tranId"],
        external_ref=journal["externalId"],
        customer="",
        currency=journal["currency"]["refName"],
        lines=tuple(
            journal_line(setup, account=line["account"]["id"], amount=_signed(line)) for line in journal["_lines"]
        ),
        document_type="Journal",
    )
