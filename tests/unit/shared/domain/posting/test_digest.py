"""One posting id stands for one content."""

from dataclasses import replace
from datetime import date

from shared.domain.identifiers import PostingId
from shared.domain.posting.digest import payload_digest
from tests.builders.exchange_rates import FRIDAYS_RATE
from tests.builders.posting import a_document, a_journal, eur


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


def test_what_a_journal_says_changes_its_digest() -> None:
    journal = a_journal()
    changed = [
        a_journal(amount="300.01"),
        replace(journal, posting_date=date(2026, 11, 1)),
        replace(journal, lines=tuple(replace(line, dimensions=(("region", "eu"),)) for line in journal.lines)),
        replace(journal, reverses=PostingId("journal=accrual-9")),
    ]

    assert len({payload_digest(each) for each in [journal, *changed]}) == 5


def test_the_same_content_has_the_same_digest() -> None:
    assert payload_digest(a_document()) == payload_digest(a_document())
