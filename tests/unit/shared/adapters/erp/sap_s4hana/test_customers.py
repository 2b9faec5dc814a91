"""What SAP may answer to the creation of a customer beside its number."""

from dataclasses import dataclass

import pytest

from shared.adapters.erp.sap_s4hana.adapter import SapS4HanaErp
from shared.adapters.erp.sap_s4hana.session import SapSession
from shared.adapters.erp.session import CallResult
from shared.adapters.http.transport import Reply
from shared.domain.money import currency
from shared.domain.posting.outcome import Throttled
from tests.builders.posting import a_document
from tests.contract.erp.conftest import an_entity
from tests.contract.erp.systems.sap_s4hana import UNDER_TEST
from tests.fakes.in_memory_customer_creations import InMemoryCustomerCreations
from tests.fakes.posting_world import SimulatedClock


@dataclass(frozen=True, slots=True)
class Always:
    """Answers look-ups and creations with the same."""

    body: bytes

    def call(self, *_: object, **__: object) -> CallResult:
        return Reply(200, {"x-csrf-token": "a token"}, self.body)


@pytest.mark.parametrize("customer", [b"", b', "Customer": ""', b', "Customer": null'])
def test_a_partner_that_is_told_without_its_number_as_a_customer_is_looked_up_after_the_quiet_period(
    customer: bytes,
) -> None:
    session = SapSession(Always(b'{"d": {"results": []' + customer + b"}}"))
    sap = SapS4HanaErp(session, an_entity(UNDER_TEST), SimulatedClock(), InMemoryCustomerCreations())

    assert sap.ensure_customer(a_document().party, currency("EUR")) == Throttled(16 * 60)
