"""dimensionSetLines: a dimension's code and one of its values, for a line of a document or of a journal."""

from typing import Any, Final

from simulators.erp.business_central import payload
from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.dialect import bad_request, unknown_reference
from simulators.erp.business_central.odata import Entity
from simulators.http.exchange import Refusal

COLLECTION: Final = "dimensionSetLines"
SETTABLE: Final = frozenset({"code", "valueCode"})


def new_dimension_lines(books: CompanyBooks, line: Entity, sent: object) -> None:
    """Give a line the dimensions of a deep insert; raises a Refusal for one that the company does not have."""
    line["_dimensions"] = []
    if not isinstance(sent, list):
        raise bad_request(f"{COLLECTION} must be a list.")
    for one in sent:
        if not isinstance(one, dict):
            raise bad_request(f"{COLLECTION} must be a list of objects.")
        add_dimension_line(books, line, one)


def add_dimension_line(books: CompanyBooks, line: Entity, sent: dict[str, Any]) -> Entity:
    payload.only_known(sent, known=SETTABLE, entity="Microsoft.NAV.dimensionSetLine")
    code, value = (payload.text(sent, name, width=20) for name in ("code", "valueCode"))
    if code not in books.setup.dimensions:
        raise unknown_reference("Dimension Code", code, "Dimension")
    if value not in books.setup.dimensions[code]:
        raise unknown_reference("Dimension Value Code", value, "Dimension Value")
    if code in {held["code"] for held in line["_dimensions"]}:
        raise Refusal(400, "Internal_EntityWithSameKeyExists", f"The dimension {code} is there already.")
    added: Entity = {
        "@odata.etag": "",
        "id": books.new_id(),
        "code": code,
        "parentId": line["id"],
        "displayName": code,
        "valueCode": value,
        "valueDisplayName": value,
    }
    books.stamp(added)
    line["_dimensions"].append(added)
    return added
