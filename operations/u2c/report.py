"""What a run leaves: the output files, and its story on screen."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

from rich.console import Console

from operations.u2c import tie_out as reconciliation
from operations.u2c.archive_folder import copy_bucket
from operations.u2c.books import Books, Fate
from operations.u2c.document_files import copy_documents, numbered
from operations.u2c.erp_file_copies import copy_erp_files
from operations.u2c.invocation import command_line
from operations.u2c.output_files import DOCUMENTS, OUTPUT_FILES
from operations.u2c.outputs import RunReport, line_name, write_outputs
from operations.u2c.run import RunInput, RunResult, Stopwatch
from operations.u2c.screen import plain, show_exceptions, show_tie_out, show_waiting
from shared.domain.exception_record import ExceptionStatus
from shared.domain.posting.intent import IntentState
from shared.domain.reconciliation.tie_out import TieOut
from shared.domain.time_period import format_instant
from shared.runtime import aws


@dataclass(frozen=True, slots=True)
class Reported:
    tie_out: TieOut
    open_exceptions: int


def report_run(result: RunResult, given: RunInput, out: Path, watch: Stopwatch, console: Console) -> Reported:
    """Write the files and print the story; the figures on screen are those in the files."""
    books, catalog = result.books, given.catalog
    with watch.part("tie out and write"):
        usage = reconciliation.billed(books, catalog)
        tie_out = reconciliation.tie_out(books, catalog, result.erps, usage)
        by_id = {(i.invoice_id, line.line_id): line_name(i, line) for i in books.invoices.values() for line in i.lines}
        write_outputs(
            RunReport(
                books=books,
                tie_out=tie_out,
                lines_of_window={key: [by_id[name] for name in names] for key, names in usage.lines_of_window.items()},
                legal_entities={entity.legal_entity_id: entity for entity in catalog.legal_entities},
                beancount=result.beancount,
                facts={
                    "tenant": catalog.tenant,
                    "events": given.events_name,
                    "simulated_from": format_instant(result.start),
                    "simulated_until": format_instant(result.until),
                },
                copy_archive=partial(copy_bucket, aws.s3(), result.cloud.resource("UsageArchiveBucket")),
                copy_documents=partial(
                    copy_documents,
                    aws.s3(),
                    result.cloud.resource("InvoiceDocumentsBucket"),
                    catalog.tenant,
                    tuple(numbered(books.invoices.values(), books.credit_notes)),
                ),
                copy_erp_files=partial(
                    copy_erp_files,
                    aws.s3(),
                    result.cloud.resource("ErpFilesBucket"),
                    catalog.tenant,
                    tuple(entity.legal_entity_id for entity in catalog.legal_entities),
                ),
            ),
            out,
        )
    _show_story(result, console)
    show_exceptions(books, console)
    show_tie_out(tie_out, console)
    show_waiting(tie_out, console)
    _show_end(books, tie_out, out, watch, console)
    open_exceptions = sum(record.status is ExceptionStatus.OPEN for record in books.exceptions)
    return Reported(tie_out, open_exceptions)


def _show_story(result: RunResult, console: Console) -> None:
    books = result.books
    fates = Counter(fate.fate for fate in books.fates)
    console.print(f"Simulated {result.start:%Y-%m-%d} to {result.until:%Y-%m-%d} (UTC).")
    ends = ", ".join(f"{fates[fate]:,} {fate.value}" for fate in Fate if fates[fate])
    console.print(f"{_counted(len(books.fates), 'event')} received: {ends or 'none'}.")
    issued = reconciliation.issued(books)
    totals: dict[tuple[str, str], list[Decimal]] = {}
    for invoice in issued:
        totals.setdefault((invoice.legal_entity_id, invoice.gross.currency.code), []).append(invoice.gross.amount)
    for (entity, code), amounts in sorted(totals.items()):
        console.print(
            f"{_counted(len(amounts), 'invoice')} of {entity}: {plain(sum(amounts, Decimal(0)), code)} {code} gross."
        )
    posted = [intent for intent in books.intents if intent.state is IntentState.POSTED]
    attempts = sum(intent.attempts for intent in posted)
    console.print(f"{_counted(len(posted), 'document')} posted to the ERPs in {_counted(attempts, 'attempt')}.")
    if result.injected_faults:
        faults = ", ".join(f"{name} {times}x" for name, times in sorted(result.injected_faults.items()))
        console.print(f"Faults that the ERP simulators injected: {faults}.")
    console.print()


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _verdict(tie_out: TieOut) -> str:
    if not tie_out.ties:
        return "[red]Something does not tie; see above.[/]"
    if tie_out.is_settled:
        return "[green]Everything ties.[/]"
    waiting = sum(one.documents for one in tie_out.waiting)
    return f"[yellow]Everything ties, with {_counted(waiting, 'document')} waiting: not posted yet.[/]"


def _show_end(books: Books, tie_out: TieOut, out: Path, watch: Stopwatch, console: Console) -> None:
    console.print(f"\n{_verdict(tie_out)}")
    parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in watch.seconds.items())
    console.print(f"Took {sum(watch.seconds.values()):.1f} s: {parts}.", highlight=False)
    console.print(f"Results are in {out}:", highlight=False, markup=False, soft_wrap=True)
    written = ", ".join(name for name in OUTPUT_FILES if (out / name).exists())
    console.print(f"  {written}", highlight=False, soft_wrap=True)
    if sent := sorted(path.name for path in (out / DOCUMENTS).glob("*.pdf")):
        example = f"What customers are sent, PDFs and e-invoices, is in {out / DOCUMENTS}: {sent[0]} is one."
        console.print(example, highlight=False, markup=False, soft_wrap=True)
    console.print(f"The functions' log is {out}.log.", highlight=False, markup=False, soft_wrap=True)
    posted = next((intent for intent in books.intents if intent.erp_number), None)
    if posted is not None:
        further = f"Look further: {command_line('explain', posted.erp_number, '--out', out)}"
        console.print(further, highlight=False, markup=False, soft_wrap=True)
