"""Documents that an ERP holds while its reads do not show them yet; the real ones know of none to ask for it."""

from datetime import timedelta

import pytest

from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import Absent, Found, Uncertain
from simulators.erp import Fault
from tests.builders.posting import a_document
from tests.contract.erp.conftest import PostingSite


@pytest.mark.parametrize("fault", [Fault.READ_LAG, Fault.LOST_UNSEEN])
def test_what_reads_trail_is_absent_at_first_and_found_within_the_quiet_period(site: PostingSite, fault: Fault) -> None:
    site.simulator.faults.script(fault, operation=site.creates_invoice)

    outcome = site.erp.submit(a_document())

    assert isinstance(outcome, Uncertain if fault is Fault.LOST_UNSEEN else site.submits_to)
    assert len(site.simulator.documents()) == 1
    assert site.erp.locate(a_document().external_ref, DocumentKind.INVOICE) == Absent()
    site.clock.instant += timedelta(seconds=site.erp.capabilities().quiet_period_seconds)
    assert isinstance(site.erp.locate(a_document().external_ref, DocumentKind.INVOICE), Found)
    assert site.simulator.faults.injected == {fault: 1}
