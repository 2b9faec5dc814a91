"""Our customer against those that an ERP has: linked, missing, unlinked, doubled, or told otherwise there.

Name, country, tax id and email are ours to say: the catalogue, and behind it the CRM, is where they change. Terms of
payment, credit limits, dunning and bank details are the ERP's; they are neither read nor written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.posting.document import PostingParty
from shared.domain.posting.readings import CustomerReading


class AlignmentStatus(StrEnum):
    LINKED = "linked"
    MISSING = "missing"  # made with its first document, or by a person where the ERP lets nobody else
    UNLINKED = "unlinked"  # the ERP may know it, without our key: link it, or its first document makes a second one
    DOUBLED = "doubled"  # more than one may be it; documents go to the one with our key
    BLOCKED = "blocked"  # the ERP takes no documents for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """One customer. `drift` names what the ERP says otherwise; `keys` are the ERP's of all that were found."""

    party: PostingParty
    status: AlignmentStatus
    keys: tuple[str, ...]
    drift: tuple[str, ...] = ()


def alignment(party: PostingParty, found: Sequence[CustomerReading]) -> Alignment:
    """Return how a customer of ours stands in an ERP, by all customers there that are or might be it."""
    linked = [one for one in found if one.linked]
    drift = tuple(_drift(party, linked[0])) if linked else ()
    keys = tuple(one.key for one in found)
    return Alignment(party=party, status=_status(linked, found), keys=keys, drift=drift)


def _status(linked: Sequence[CustomerReading], found: Sequence[CustomerReading]) -> AlignmentStatus:
    if not found:
        return AlignmentStatus.MISSING
    if len(found) > 1:
        return AlignmentStatus.DOUBLED
    if not linked:
        return AlignmentStatus.UNLINKED
    return AlignmentStatus.BLOCKED if linked[0].blocked else AlignmentStatus.LINKED


def _drift(party: PostingParty, there: CustomerReading) -> Iterator[str]:
    pairs = (
        ("name", party.name, there.name),
        ("country", party.country, there.country),
        ("tax id", party.tax_id, there.tax_id),
        ("email", party.email, there.email),
    )
    yield from (f"{field} is {theirs} there, {ours} here" for field, ours, theirs in pairs if theirs and theirs != ours)
