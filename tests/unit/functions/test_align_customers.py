"""How our customers stand in an ERP: linked, missing, unlinked, doubled, blocked, and what is told otherwise there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import pytest

from functions.align_customers.use_case import CustomersNotReadError, align_customers
from shared.domain.posting.customer_alignment import AlignmentStatus, alignment
from shared.domain.posting.document import PostingParty
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import CustomerReading
from shared.ports.erp import ReadableErp
from tests.builders.billing import catalog, published
from tests.builders.posting import a_document

ACME = a_document().party
LINKED = CustomerReading(key="ACME", name="Acme Corp", country="DE", tax_id="DE811907980", email="ap@acme.example")
BY_HAND = replace(LINKED, key="10042", linked=False)


@pytest.mark.parametrize(
    ("found", "status"),
    [
        ([LINKED], AlignmentStatus.LINKED),
        ([], AlignmentStatus.MISSING),
        ([BY_HAND], AlignmentStatus.UNLINKED),
        ([BY_HAND, LINKED], AlignmentStatus.DOUBLED),
        ([replace(LINKED, blocked=True)], AlignmentStatus.BLOCKED),
    ],
)
def test_a_customer_stands_as_what_was_found_of_it(found: Sequence[CustomerReading], status: AlignmentStatus) -> None:
    assert alignment(ACME, found).status is status


def test_what_the_erp_says_otherwise_is_drift_and_what_it_does_not_say_is_not() -> None:
    there = replace(LINKED, name="ACME CORP.", email="", country="AT")

    assert alignment(ACME, [there]).drift == (
        "name is ACME CORP. there, Acme Corp here",
        "country is AT there, DE here",
    )


@dataclass(slots=True)
class ListingErp:
    found: tuple[CustomerReading, ...] | LookupFailed

    def find_customers(self, party: PostingParty) -> tuple[CustomerReading, ...] | LookupFailed:
        del party
        return self.found


def test_the_customers_that_an_entity_bills_are_told_and_no_others() -> None:
    master_data = published(catalog())
    master_data.version()
    (entity,) = {contract.legal_entity_id for contract in catalog().contracts}
    erp = cast("ReadableErp", ListingErp(()))

    page = align_customers(entity, None, master_data=master_data, erp=erp)

    billed = sorted({contract.buyer_id for contract in catalog().contracts})
    assert [one.party.customer_id for one in page.alignments] == billed
    assert page.next_after is None
    assert align_customers(entity, billed[-1], master_data=master_data, erp=erp).alignments == ()


def test_an_erp_that_does_not_tell_is_no_missing_customer() -> None:
    (entity,) = {contract.legal_entity_id for contract in catalog().contracts}
    erp = cast("ReadableErp", ListingErp(LookupFailed("status 503")))
    master_data = published(catalog())
    master_data.version()

    with pytest.raises(CustomersNotReadError, match="status 503"):
        align_customers(entity, None, master_data=master_data, erp=erp)
