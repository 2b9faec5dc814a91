"""The files of a run's results, and how they come into their folder: all of them or none."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INVOICES = "invoices.jsonl"
POSTINGS = "postings.jsonl"
EXCEPTIONS = "exceptions.jsonl"
LINEAGE = "lineage.jsonl"
TIE_OUT = "tie-out.json"
LEDGER = "ledger.beancount"
ARCHIVE = "archive"  # a folder: the bucket's objects, named by their keys
DOCUMENTS = "documents"  # a folder: what customers were sent, named by the numbers of invoices and credit notes
ERP_FILES = "erp-files"  # a folder, where an ERP reads files: what it was sent and has answered, by legal entity
OUTPUT_FILES = (INVOICES, POSTINGS, EXCEPTIONS, LINEAGE, TIE_OUT, LEDGER, ARCHIVE, DOCUMENTS, ERP_FILES)


@contextmanager
def replaced_whole(folder: Path) -> Iterator[Path]:
    """Give a fresh folder to write to, and put it in the place of `folder` in the end.

    Whoever dies while writing leaves the earlier results untouched.
    """
    folder = folder.resolve()
    fresh, previous = (folder.with_name(folder.name + suffix) for suffix in (".writing", ".previous"))
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    yield fresh
    shutil.rmtree(previous, ignore_errors=True)
    if folder.exists():
        folder.rename(previous)
    fresh.rename(folder)
    shutil.rmtree(previous, ignore_errors=True)
