"""One posting id stands for one content."""

from dataclasses import replace

from shared.domain.posting.digest import payload_digest
from tests.builders.exchange_rates import FRIDAYS_RATE
from tests.builders.posting import a_document, eur


def test_a_cent_a_date_or_a_name_changes_the_digest() -> None:
    document = a_document()
    changed = [
        replace(document, gross=eur("1428.69")),
        replace(document, due_date=document.posting_date),
        replace(document, party=replace(document.party, name="Globex")),
        replace(document, lines=document.lines[:1]),
        replace(document, rate=FRIDAYS_RATE),
    ]

    assert len({payload_digest(each) for each in [document, *changed]}) == 6


def test_the_same_content_has_the_same_digest() -> None:
    assert payload_digest(a_document()) == payload_digest(a_document())
