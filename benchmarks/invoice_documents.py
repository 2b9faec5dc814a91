"""Measures what a customer is sent: PDF and e-invoice of 5 and of 200 lines, each invoice with other figures."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median

from benchmarks.report import Answer, Figure
from shared.adapters.typst.invoice_pdf import TypstInvoicePrinter
from shared.contracts.ubl import write_ubl
from shared.domain.identifiers import InvoiceNumber
from shared.domain.invoice_document.document import InvoiceDocument
from tests.builders.invoice_documents import document, usage_line

MANY, FEW, INVOICES, FRESH_STARTS = 200, 5, 25, 5
FIRST_OF_A_PROCESS = "from benchmarks import invoice_documents; invoice_documents.print_one()"


def an_invoice(number: int, lines: int) -> InvoiceDocument:
    """Return an invoice of two tiers a line, ten lines a subscription, that no other number gives."""
    made = document(*(usage_line(str(100 + n * 97 + number), name=f"s-{n // 10}/c-{n}") for n in range(lines)))
    return replace(made, number=InvoiceNumber(f"DE-{number:06d}"))


def print_one() -> None:
    TypstInvoicePrinter().print(an_invoice(1, MANY))


def answer() -> Answer:
    printer = TypstInvoicePrinter()
    many = _seconds(printer.print, MANY)
    pages = printer.print(an_invoice(0, MANY))
    return Answer(
        question="What is a customer sent?",
        module="benchmarks.invoice_documents",
        setting=(
            f"{INVOICES} invoices of {MANY} and of {FEW} lines in a process that has printed before, two tiers a line"
            f" with their arithmetic; no two alike. From a fresh process: Python, imports and fonts included, median of"
            f" {FRESH_STARTS}."
        ),
        figures=(
            Figure(what=f"PDF of {MANY} lines", measured=median(many), unit="s", target=0.5),
            Figure(what=f"PDF of {MANY} lines, slowest", measured=max(many), unit="s", target=0.5),
            Figure(what=f"PDF of {MANY} lines from a fresh process", measured=_from_a_fresh_process(), unit="s"),
            Figure(what=f"PDF of {FEW} lines", measured=median(_seconds(printer.print, FEW)), unit="s"),
            Figure(what=f"e-invoice of {MANY} lines", measured=median(_seconds(write_ubl, MANY)), unit="s"),
            Figure(what=f"size of the PDF of {MANY} lines", measured=len(pages) / 1024, unit="KiB"),
        ),
    )


def _seconds(render: Callable[[InvoiceDocument], bytes], lines: int) -> list[float]:
    return list(_timed(render, [an_invoice(number, lines) for number in range(1, INVOICES + 1)]))


def _timed(render: Callable[[InvoiceDocument], bytes], invoices: list[InvoiceDocument]) -> Iterator[float]:
    render(an_invoice(0, len(invoices[0].lines)))
    for invoice in invoices:
        started = time.perf_counter()
        render(invoice)
        yield time.perf_counter() - started


def _from_a_fresh_process() -> float:
    taken = []
    for _ in range(FRESH_STARTS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", FIRST_OF_A_PROCESS], check=True)
        taken.append(time.perf_counter() - started)
    return median(taken)


if __name__ == "__main__":
    print(answer().markdown())
