"""Envelopes: read without entities or document types, by full names whatever the prefixes; written by full names."""

from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SFIN = "http://sap.com/xi/SAPSCORE/SFIN"
REQUEST = f"{{{SFIN}}}JournalEntryBulkCreateRequest"
CONFIRMATION = f"{{{SFIN}}}JournalEntryBulkCreateConfirmation"


class MalformedEnvelopeError(ValueError):
    """The body is no SOAP 1.1 envelope with the one request of this service, or holds a document type."""


def read_request(body: bytes) -> Element:
    """Return the request in a SOAP body; raises MalformedEnvelopeError."""
    try:
        envelope: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise MalformedEnvelopeError(f"the XML cannot be read: {type(error).__name__}") from error
    found = envelope.find(f"{{{SOAP}}}Body/{REQUEST}") if envelope.tag == f"{{{SOAP}}}Envelope" else None
    if found is None:
        raise MalformedEnvelopeError("no JournalEntryBulkCreateRequest in a SOAP 1.1 body")
    return found


def confirmation_envelope() -> tuple[Element, Element]:
    """Return a new envelope, and the confirmation in it to be filled in."""
    envelope = Element(f"{{{SOAP}}}Envelope")
    SubElement(envelope, f"{{{SOAP}}}Header")
    body = SubElement(envelope, f"{{{SOAP}}}Body")
    return envelope, SubElement(body, CONFIRMATION)


def fault_xml(code: str, text: str) -> bytes:
    envelope = Element(f"{{{SOAP}}}Envelope")
    fault = SubElement(SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{SOAP}}}Fault")
    add(fault, "faultcode", code if ":" in code else "soap-env:Server")
    add(fault, "faultstring", text)
    return to_xml(envelope)


def to_xml(envelope: Element) -> bytes:
    written: bytes = tostring(envelope, encoding="utf-8", xml_declaration=True)
    return written


def add(parent: Element, name: str, text: str = "") -> Element:
    child = SubElement(parent, name)
    child.text = text
    return child
