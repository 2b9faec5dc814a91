"""Which company's books a call is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.dialect import not_found
from simulators.http.exchange import Call

API: Final = "/v2.0/{tenant}/{environment}/api/v2.0"
COMPANY: Final = API + "/companies({company})"


@dataclass(frozen=True, slots=True)
class Companies:
    """The books of an environment, by company id in lower case."""

    books: Mapping[str, CompanyBooks]

    def of(self, call: Call) -> CompanyBooks:
        books = self.books.get(call.path["company"].lower())
        if books is None:
            raise not_found(f"The company {call.path['company']}")
        return books
