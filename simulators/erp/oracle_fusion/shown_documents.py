"""Transactions and imported batches in the words that fit every ERP."""

from datetime import date
from decimal import Decimal

from simulators.erp.documents import SimulatedDocument
from simulators.erp.oracle_fusion.books import UnitBooks
from simulators.erp.oracle_fusion.query import Entity
from simulators.erp.oracle_fusion.transaction_classes import TransactionClass
from simulators.erp.oracle_fusion.transaction_lines import net_of, tax_of


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
        accounting_period=_month(header["AccountingDate"]),
        currency=header["CurrencyCode"],
        net=batch["RunningTotalDr"],
        tax=Decimal(0),
        gross=batch["RunningTotalDr"],
        open_amount=Decimal(0),
    )


def transaction_document(books: UnitBooks, document: Entity) -> SimulatedDocument:
    of: TransactionClass = document["_class"]
    net, tax = net_of(document, of) * of.sign, tax_of(document, of) * of.sign
    return SimulatedDocument(
        kind=of.kind,
        company=books.setup.company,
        document_id=str(document["CustomerTransactionId"]),
        external_ref=document["CrossReference"] or "",
        number=document["TransactionNumber"],
        customer=document["BillToCustomerNumber"],
        status=document[of.status],
        posted=document[of.status] == "Complete",
        accounting_period=_month(document["AccountingDate"]),
        currency=document[of.currency],
        net=net,
        tax=tax,
        gross=net + tax,
        open_amount=document[of.balance] * of.sign,
    )


def _month(day: str) -> str:
    return date.fromisoformat(day).strftime("%Y-%m")
