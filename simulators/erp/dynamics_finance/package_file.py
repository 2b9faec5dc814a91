"""A data package: a zip of Manifest.xml, PackageHeader.xml and the data files that the manifest names."""

import csv
import io
import zipfile
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

NAMESPACE = "{http://schemas.microsoft.com/dynamics/2015/01/DataManagement}"
ENTITY = "General journal"
ENCODINGS = {"CSV": "utf-8-sig", "CSV-Unicode": "utf-8-sig"}


class PackageError(ValueError):
    """The package cannot be staged; the text says why."""


def rows_of(package: bytes) -> list[dict[str, str]]:
    """Return the rows of general journals by the names of their fields; raises PackageError."""
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            if "PackageHeader.xml" not in archive.namelist():
                raise PackageError("PackageHeader.xml is missing.")
            ElementTree.fromstring(archive.read("PackageHeader.xml"))
            entity = _entity(ElementTree.fromstring(archive.read("Manifest.xml")))
            text = archive.read(_text(entity, "InputFilePath")).decode(
                ENCODINGS.get(_text(entity, "SourceFormat"), "utf-8")
            )
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, ElementTree.ParseError) as error:
        raise PackageError(f"The package cannot be read: {error}") from error
    fields = {
        _text(field, "XMLField"): _text(field, "EntityField") for field in entity.iterfind(f".//{NAMESPACE}EntityMap")
    }
    if not fields:
        raise PackageError("The manifest maps no fields.")
    if "\r\n" not in text:
        raise PackageError("The mapping is incorrect: lines end with a carriage return and a line feed.")
    return [
        {fields[name]: value for name, value in row.items() if name in fields}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]


def _entity(manifest: Element) -> Element:
    for entity in manifest.iterfind(f".//{NAMESPACE}DataManagementPackageEntityData"):
        if _text(entity, "EntityName") == ENTITY:
            return entity
    raise PackageError(f"The manifest does not name the entity {ENTITY}.")


def _text(element: Element, name: str) -> str:
    found = element.find(f"{NAMESPACE}{name}")
    if found is None or not found.text:
        raise PackageError(f"{name} is missing in the manifest.")
    return found.text
