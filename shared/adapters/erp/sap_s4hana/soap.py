"""XML as SAP's services speak it: written by full names with every value escaped, read without document types.

Prefixes are the parser's and the writer's business: a name is always {namespace}name here.
"""

from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_SOAP_1_2 = "http://www.w3.org/2003/05/soap-envelope"  # some systems answer a 1.1 request in it
_SFIN = "http://sap.com/xi/SAPSCORE/SFIN"
_XML_FORBIDS = dict.fromkeys(code for code in range(0x20) if chr(code) not in "\t\n\r") | {0xFFFE: None, 0xFFFF: None}


class MalformedXmlError(ValueError):
    """The text is no XML of the expected kind: half of a reply, a gateway's page, or one with a document type."""


def new_envelope(message: str) -> tuple[Element, Element]:
    """Return an envelope and the message of that name in its body, to be filled in."""
    envelope = Element(f"{{{_SOAP}}}Envelope")
    SubElement(envelope, f"{{{_SOAP}}}Header")
    return envelope, SubElement(SubElement(envelope, f"{{{_SOAP}}}Body"), f"{{{_SFIN}}}{message}")


def add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    """Add a child; control characters, which no XML can hold, are left out of its text."""
    child = SubElement(parent, name, attributes)
    child.text = text.translate(_XML_FORBIDS)
    return child


def to_xml(envelope: Element) -> bytes:
    written: bytes = tostring(envelope, encoding="utf-8", xml_declaration=True)
    return written


def read_message(body: bytes, message: str) -> Element:
    """Return the message of that name in an envelope's body; raises MalformedXmlError."""
    try:
        envelope: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise MalformedXmlError(f"not XML: {type(error).__name__}") from None
    for soap in (_SOAP, _SOAP_1_2):
        found = envelope.find(f"{{{soap}}}Body/{{{_SFIN}}}{message}")
        if found is not None and envelope.tag == f"{{{soap}}}Envelope":
            return found
    raise MalformedXmlError(f"no {message} in it")
