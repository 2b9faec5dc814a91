"""An imported batch in the words that fit every ERP."""

from datetime import date
from decimal import Decimal

from simulators.erp.documents import SimulatedDocument
from simulators.erp.oracle_fusion.books import UnitBooks
from simulators.erp.oracle_fusion.query import Entity


def batch_document(books: UnitBooks, batch: Entity) -> SimulatedDocument:
    (header,) = batch["_journalHeaders"]
    return SimulatedDocument(
        kind="journal",
        company=books.setup.company,
        document_id=str(batch["JeBatchId"]),
        external_ref=batch["_reference"],
        number=header["JournalName"],
        customer="",
        status=batch["Status"],
        posted=batch["Status"] == "P",
        accounting_period=date.fromisoformat(header["AccountingDate"]).strftime("%Y-%m"),
        currency=header["CurrencyCode"],
        net=batch["RunningTotalDr"],
        tax=Decimal(0),
        gross=batch["RunningTotalDr"],
        open_amount=Decimal(0),
    )
