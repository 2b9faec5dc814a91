"""What Tryton's parties are read as where they are not as Tryton has them."""

from typing import Any

import pytest

from shared.adapters.erp.tryton.connection import Row
from shared.adapters.erp.tryton.customers import readings
from shared.domain.posting.outcome import LookupFailed
from tests.builders.posting import a_document


class _Parties:
    """A connection to a database that has this party."""

    def __init__(self, party: Row) -> None:
        self._party = party

    def rows(self, *_: object) -> list[Row]:
        return [self._party]


@pytest.mark.parametrize("strange", [{"identifiers": 7}, {"addresses": 7}])
def test_a_party_that_cannot_be_read_is_a_reading_without_an_answer(strange: dict[str, Any]) -> None:
    parties = _Parties({"id": 1, "code": "ACME", **strange})

    found = readings(parties, a_document().party)  # type: ignore[arg-type]

    assert found == LookupFailed("the parties cannot be read: TypeError")
