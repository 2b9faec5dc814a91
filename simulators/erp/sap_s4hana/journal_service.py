"""Journal Entry - Post (synchronous): many entries in, one confirmation out, with status 200 whatever came of them.

The entries of a bulk request are answered in another order than they were sent in.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element

from simulators.erp.sap_s4hana.books import CompanyBooks
from simulators.erp.sap_s4hana.dialect import soap_fault
from simulators.erp.sap_s4hana.messages import SUCCESS, Message, NotPostedError
from simulators.erp.sap_s4hana.posting import OWN_SYSTEM, post_entry
from simulators.erp.sap_s4hana.request_schema import check_entry, check_message_header, text_of
from simulators.erp.sap_s4hana.soap import (
    MalformedEnvelopeError,
    add,
    confirmation_envelope,
    read_request,
    to_xml,
)
from simulators.http.exchange import Call, Reply
from simulators.http.faults import Fault

NO_NUMBER = (" ", "0000000000")  # what stands where a document has none; both were seen
WRAPPER = Message("609(RW)", f"Error in document: BKPFF $ {OWN_SYSTEM}")


class JournalService:
    """Posts what it is sent, over the books of all company codes."""

    def __init__(self, books_of: Mapping[str, CompanyBooks]) -> None:
        self._books_of = books_of
        self._confirmations = 0
        self._refused = 0

    def create(self, call: Call) -> Reply:
        """Answer a request; raises a Refusal (soap:Fault) where it cannot be read as one."""
        if not call.headers.get("content-type", "").startswith("text/xml"):
            raise soap_fault("Content-Type must be text/xml")
        try:
            request = read_request(call.body)
        except MalformedEnvelopeError as error:
            raise soap_fault(str(error)) from error
        check_message_header(request)
        entries = request.findall("JournalEntryCreateRequest")
        if not entries:
            raise soap_fault("JournalEntryCreateRequest is required")
        for entry in entries:
            _check(entry)
        envelope, confirmation = confirmation_envelope()
        self._header(confirmation, _id_of(request), call.arrived_at)
        add(confirmation, "ConfirmationInterfaceOrignName")
        confirmed = [(_id_of(entry), self._confirmed(entry, call)) for entry in entries]
        for _, part in sorted(confirmed, key=lambda each: hashlib.sha256(each[0].encode()).digest()):
            confirmation.append(part)
        add(confirmation, "Log")
        return Reply(status=200, body=to_xml(envelope), media_type="text/xml; charset=utf-8")

    def _confirmed(self, request: Element, call: Call) -> Element:
        part = Element("JournalEntryCreateConfirmation")
        self._header(part, _id_of(request), call.arrived_at)
        journal_entry = request.find("JournalEntry")
        assert journal_entry is not None, "checked before"
        try:
            books, document, noted = post_entry(self._books_of, journal_entry, fault=_of_the_entry(call))
        except NotPostedError as error:
            self._refused += 1
            _outcome(part, NO_NUMBER[self._refused % len(NO_NUMBER)], " ", "0000", [WRAPPER, *error.messages])
        else:
            key = f"{document.number}{books.setup.company}{document.fiscal_year}"
            posted = Message("605(RW)", f"Document posted successfully: BKPFF {key} {OWN_SYSTEM}", SUCCESS)
            _outcome(part, document.number, books.setup.company, document.fiscal_year, [posted, *noted])
        return part

    def _header(self, parent: Element, reference: str, now: datetime) -> None:
        self._confirmations += 1
        header = add(parent, "MessageHeader")
        add(header, "UUID", str(uuid5(NAMESPACE_URL, f"confirmation:{self._confirmations}")))
        if reference:
            add(header, "ReferenceID", reference)
        add(header, "CreationDateTime", now.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _check(request: Element) -> None:
    """Refuse the whole message for one entry that cannot be read: nothing of it has reached the application yet."""
    check_message_header(request)
    journal_entry = request.find("JournalEntry")
    if journal_entry is None:
        raise soap_fault("JournalEntry is required")
    check_entry(journal_entry)


def _of_the_entry(call: Call) -> Fault | None:
    of_entries = {Fault.CLOSED_PERIOD, Fault.OBJECT_LOCKED, Fault.REFERENCE_REPLACED}
    return call.fault if call.fault in of_entries else None


def _id_of(request: Element) -> str:
    return text_of(request, "MessageHeader/ID")


def _outcome(part: Element, number: str, company: str, fiscal_year: str, messages: list[Message]) -> None:
    document = add(part, "JournalEntryCreateConfirmation")
    add(document, "AccountingDocument", number)
    add(document, "CompanyCode", company)
    add(document, "FiscalYear", fiscal_year)
    log = add(part, "Log")
    add(log, "MaximumLogItemSeverityCode", str(max(message.severity for message in messages)))
    for message in messages:
        item = add(log, "Item")
        add(item, "TypeID", message.type_id)
        add(item, "SeverityCode", str(message.severity))
        add(item, "Note", message.text)
