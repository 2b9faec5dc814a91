"""What counted when a line was rated: voids are counted by contract, whichever invoice a line is on."""

from dataclasses import replace

from shared.domain.identifiers import CreditNoteId
from shared.domain.invoicing.consolidation import StoredBill, consolidated
from shared.domain.invoicing.invoice import Voided
from shared.domain.invoicing.rated_before import was_live_for
from tests.builders.billing import a_draft, calls
from tests.builders.consolidation import C_LABS


def test_a_line_of_a_member_was_rated_after_the_voids_that_its_own_bill_has_seen() -> None:
    bill = replace(a_draft(calls(40)), contract_id=C_LABS.contract_id, voids_known=1)
    shared = consolidated(a_draft(calls(150)), [StoredBill(bill, 1)])
    own, of_labs = shared.lines[0], shared.lines[-1]
    voided = replace(a_draft(), voided=Voided(number=1, by=CreditNoteId("void")))

    assert of_labs.contract_id == "c-labs"
    assert not was_live_for(of_labs, shared, voided)
    assert was_live_for(own, shared, voided)
    assert was_live_for(of_labs, shared, a_draft())
