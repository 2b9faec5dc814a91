"""Department, class and location of a line: references to records of the account."""

from collections.abc import Mapping
from typing import Any

from simulators.erp.company import CompanySetup
from simulators.erp.netsuite import payload
from simulators.erp.netsuite.books import AccountBooks
from simulators.erp.netsuite.dialect import unknown_reference
from simulators.erp.netsuite.reference_records import DIMENSIONS


def read_dimensions(
    books: AccountBooks, line: Mapping[str, Any], setup: CompanySetup, *, path: str
) -> dict[str, dict[str, str]]:
    """Return the references as they are shown; raises the Refusal of a value that the account does not have."""
    found: dict[str, dict[str, str]] = {}
    for name, record_type in DIMENSIONS.items():
        if name in line:
            key = payload.internal_id(line, name, path=path + name)
            if key not in setup.dimensions.get(name, ()) or (record_type, key) in books.inactive:
                raise unknown_reference(path + name, key)
            found[name] = {"id": key, "refName": f"{name} {key}"}
    return found
