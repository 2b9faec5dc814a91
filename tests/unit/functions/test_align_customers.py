"""How our customers stand in an ERP: linked, missing, unlinked, doubled, blocked, and what is told otherwise there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import pytest

from functions.align_customers.use_case import (
    AlignedPage,
    CustomersNotAskedError,
    CustomersNotReadError,
    align_customers,
)
from shared.domain.identifiers import CustomerId, LegalEntityId
from shared.domain.posting.customer_alignment import AlignmentStatus, alignment
from shared.domain.posting.document import PostingParty
from shared.domain.posting.outcome import LookupFailed, Unreached
from shared.domain.posting.readings import CustomerReading, Customers, NotSupported
from shared.ports.erp import ReadableErp
from tests.builders.billing import catalog, published
from tests.builders.posting import a_document

ACME = a_document().party
(ENTITY,) = {contract.legal_entity_id for contract in catalog().contracts}
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
    found: Customers

    def erp_for(self, legal_entity_id: LegalEntityId) -> ReadableErp:
        assert legal_entity_id == ENTITY
        return cast("ReadableErp", self)

    def find_customers(self, party: PostingParty) -> Customers:
        del party
        return self.found


def aligned(legal_entity_id: LegalEntityId, after: CustomerId | None, *, found: Customers) -> AlignedPage:
    master_data = published(catalog())
    master_data.version()
    return align_customers(legal_entity_id, after, master_data=master_data, erps=ListingErp(found))


def test_the_customers_that_an_entity_bills_are_told_and_no_others() -> None:
    page = aligned(ENTITY, None, found=())

    billed = sorted({contract.buyer_id for contract in catalog().contracts})
    assert [one.party.customer_id for one in page.alignments] == billed
    assert page.next_after is None
    assert aligned(ENTITY, billed[-1], found=()).alignments == ()


@pytest.mark.parametrize(
    ("failed", "words"),
    [
        (LookupFailed("status 400"), "nimbus-de does not tell of acme: status 400"),
        (Unreached("it does not answer (ConnectError)"), "nimbus-de: it does not answer (ConnectError)"),
    ],
)
def test_an_erp_that_does_not_tell_is_no_missing_customer(failed: LookupFailed, words: str) -> None:
    with pytest.raises(CustomersNotReadError) as raised:
        aligned(ENTITY, None, found=failed)

    assert str(raised.value) == words


def test_an_erp_that_shows_no_customers_blames_none_of_them() -> None:
    with pytest.raises(CustomersNotAskedError) as raised:
        aligned(ENTITY, None, found=NotSupported("compare them with its own list"))

    assert str(raised.value) == "customers of nimbus-de are not shown by this ERP: compare them with its own list"


def test_a_legal_entity_that_is_in_no_catalogue_is_told_with_those_that_are() -> None:
    with pytest.raises(CustomersNotAskedError) as raised:
        aligned(LegalEntityId("nope"), None, found=())

    assert str(raised.value) == "the catalogue has no legal entity nope; it has nimbus-de"
