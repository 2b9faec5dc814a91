"""u2c explain: the chain and the arithmetic behind an event, an invoice line, an invoice or an ERP document."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from rich.console import Console
from rich.tree import Tree

from shared.domain.exception_record import ExceptionCode
from shared.domain.exceptions_catalog import CATALOG
from shared.domain.identifiers import InvoiceId, PostingId
from shared.domain.posting.compose import posting_id
from shared.domain.posting.names import first_posting

Record: TypeAlias = dict[str, Any]

EXAMPLES = 3


class NothingToExplainError(LookupError):
    """No event, invoice, line or ERP document of the run has this id."""


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The files that `u2c run` wrote, read record by record."""

    folder: Path

    def records(self, name: str) -> Iterator[Record]:
        with (self.folder / name).open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)

    def usage_of(self, line: str) -> tuple[int, list[str]]:
        """Return how many windows are on a line (invoice#line), and the ids of the events that they hold."""
        windows = {r["id"] for r in self.records("lineage.jsonl") if r["kind"] == "window" and line in r["lines"]}
        events = (r for r in self.records("lineage.jsonl") if r["kind"] == "event")
        return len(windows), [event["id"] for event in events if event["window"] in windows]

    def postings_of(self, invoice: Record) -> list[Record]:
        """Return the posting of an invoice, or of the one that it is on, and before it those that were refused."""
        known = [p for p in self.records("postings.jsonl") if p["kind"] == "invoice"]
        if on := invoice["consolidated_on"]:
            return [posting for posting in known if posting["invoice_id"] == on]
        first = posting_id(InvoiceId(invoice["invoice_id"]), invoice["revision"])
        return [posting for posting in known if first_posting(PostingId(posting["posting_id"])) == first]


def explain(wanted: str, *, folder: Path, console: Console) -> None:
    """Print what is known of an id. Raises NothingToExplainError when no file of the run knows it.

    `console` reads no markup: ids and descriptions are whatever people wrote. Understood: an event id (alone or as
    source#id), an invoice id or number, a line id (alone or as invoice#line), an external reference or ERP document
    number.
    """
    files = RunFiles(folder)
    trees = [*_invoices(wanted, files), *_events(wanted, files)]
    if not trees:
        raise NothingToExplainError(wanted)
    for tree in trees:
        console.print(tree)


def _invoices(wanted: str, files: RunFiles) -> Iterator[Tree]:
    posted = {
        posting["invoice_id"]
        for posting in files.records("postings.jsonl")
        if wanted in (posting["erp_number"], posting["external_ref"], posting["posting_id"])
    }
    for invoice in files.records("invoices.jsonl"):
        names = [invoice["invoice_id"], None if invoice["consolidated_on"] else invoice["number"]]
        whole = wanted in names or invoice["invoice_id"] in posted
        lines = [
            line
            for line in invoice["lines"]
            if whole or wanted in (line["line_id"], f"{invoice['invoice_id']}#{line['line_id']}", line["lineage"])
        ]
        if whole or lines:
            yield _invoice_tree(invoice, lines, files)


def _events(wanted: str, files: RunFiles) -> Iterator[Tree]:
    for event in files.records("lineage.jsonl"):
        if event["kind"] == "event" and wanted in (event["id"], event["event_id"], event["delivery"]):
            yield _event_tree(event, files)


def _event_tree(event: Record, files: RunFiles) -> Tree:
    tree = Tree(f"event {event['id']}  delivery {event['delivery']}: {event['fate']}")
    if event["occurred_at"]:
        tree.add(f"{event['quantity']} {event['meter']} at {event['occurred_at']}")
    if event["correction"]:
        tree.add(event["correction"])
    if event["code"]:
        tree.add(f"{event['code']}: {event['reason']}").add(CATALOG[ExceptionCode(event["code"])].remedies[0])
    if event["window"] is None:
        return tree
    window = next(r for r in files.records("lineage.jsonl") if r["kind"] == "window" and r["id"] == event["window"])
    branch = tree.add(
        f"window {window['start']} of {window['customer']}: "
        f"events: {window['events']}, {window['quantity']} {window['meter']}"
    )
    for invoice in files.records("invoices.jsonl"):
        lines = [line for line in invoice["lines"] if line["lineage"] in window["lines"]]
        if lines and not invoice["consolidated_on"]:
            branch.add(_invoice_tree(invoice, lines, files))
    if not window["lines"]:
        branch.add("on no invoice yet")
    return tree


def _invoice_tree(invoice: Record, lines: list[Record], files: RunFiles) -> Tree:
    unit = invoice["currency"]
    tree = Tree(
        f"invoice {invoice['number'] or invoice['invoice_id']} ({invoice['state']}) of {invoice['customer_id']}"
        f" for {invoice['billing_period']}: net {invoice['net']} + tax {invoice['tax']} = {invoice['gross']} {unit}"
    )
    for line in lines:
        of = "" if line["contract_id"] == invoice["contract_id"] else f" of {line['contract_id']}"
        branch = tree.add(f"line {line['line_id']}{of}: {line['description']} = {line['amount']} {unit}")
        branch.add(f"price: {line['price']}")
        for text in _arithmetic(line, unit):
            branch.add(text)
        if line["meter"] is not None:
            windows, events = files.usage_of(line["lineage"])
            branch.add(f"windows: {windows}, events: {len(events)}{_examples(events)}")
            for carried in invoice["carried_in"]:
                if carried["meter"] == line["meter"] and not of:
                    branch.add(
                        f"carried in: {carried['level']}, as {carried['event']} said at {carried['reported_at']}"
                    )
    for tax in invoice["taxes"]:
        tree.add(f"tax {tax['code']}: {tax['base']} x {tax['rate']} = {tax['amount']} {unit}")
    if invoice["consolidated_on"]:
        tree.add(f"on the invoice {invoice['consolidated_on']}, with its tax")
    postings = files.postings_of(invoice)
    for text in (text for posting in postings for text in _in_the_erp(posting)):
        tree.add(text)
    if not postings:
        tree.add("not in any ERP")
    return tree


def _in_the_erp(posting: Record) -> Iterator[str]:
    """Yield what became of a posting, and what its ERP says is owed of it."""
    state = f"{posting['state']} ({posting['reason']})" if posting["reason"] else posting["state"]
    yield (
        f"ERP document {posting['erp_number'] or '(none yet)'} in {posting['connection']}: {state}, "
        f"period {posting['accounting_period'] or '-'}, our key {posting['external_ref']}, "
        f"attempts: {posting['attempts']}"
    )
    if owed := posting["receivable"]:
        status = owed["status"].replace("_", " ")
        yield f"in the ERP's receivables: {status}, {owed['open_amount']} {posting['currency']} open"


def _arithmetic(line: Record, unit: str) -> Iterator[str]:
    """Yield each step from quantities and prices to the line's amount."""
    for part in line["parts"]:
        flat = f" + {part['flat_amount']}" if part["flat_amount"] != "0" else ""
        yield f"{part['label']}: {part['quantity']} x {part['unit_price']}{flat} = {part['amount']}"
    adjusts = line["adjusts"]
    if adjusts is None:
        yield f"sum {line['precise_amount']}, rounded half away from zero to {line['amount']} {unit}"
        return
    amount, quantity = (
        sum(map(Decimal, pair))
        for pair in ((line["amount"], adjusts["amount_before"]), (line["quantity"], adjusts["quantity_before"]))
    )
    yield (
        f"service period {line['service_period']}, all of it rated again: quantity {quantity:f}, "
        f"sum {line['precise_amount']}, rounded half away from zero to {amount:f} {unit}"
    )
    yield (
        f"less {adjusts['amount_before']} {unit} for {adjusts['quantity_before']}, billed before "
        f"(invoice {adjusts['invoice_number'] or adjusts['invoice_id']} and its adjustments) = {line['amount']} {unit} "
        f"for {line['quantity']}"
    )


def _examples(events: list[str]) -> str:
    if not events:
        return ""
    more = ", ... (all are in lineage.jsonl)" if len(events) > EXAMPLES else ""
    return f": {', '.join(events[:EXAMPLES])}{more}"
