"""What Tryton's refusals come to: English texts without codes, pages of its web server, and nothing."""

import json

import pytest

from shared.adapters.erp.tryton.errors import after_failure
from shared.adapters.http.transport import NoAnswer, NotSent, Reply
from shared.domain.posting.outcome import Duplicate, Rejected, RejectionKind, Throttled, Uncertain


def refusal(text: str, status: int = 400) -> Reply:
    return Reply(status, {}, json.dumps({"status": status, "message": text, "description": ""}).encode())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('To continue, you must reopen the period "2026-01" of company "Acme" for the date "01/15/2026".', "period"),
        ('To continue, you must create a period for the date "02/01/2027" and company "Acme".', "period"),
        ('You cannot create a journal-period in closed period "2026-01".', "period"),
        ('You cannot add/modify/delete lines on closed journal-period "Miscellaneous - 2026-09".', "period"),
        ('To number the invoice "(7)", you must set an invoice date after "10/30/2026" because …', "period"),
        ('The value "999999" for field "Account" in "Account Move Line" does not exist.', "mapping"),
        ('You are not allowed to modify the field "Source Tax" of "Account Invoice".', "permission"),
        ('A value is required for field "Party" in record "(5)".', "configuration"),
        ('To post move "(22)", you must balance all its lines debits and credits.', "validation"),
        ("Words that nobody has heard.", "validation"),
    ],
)
def test_a_refusal_is_told_by_its_text_and_shown_as_it_is(text: str, kind: str) -> None:
    assert after_failure(refusal(text)) == Rejected(RejectionKind(kind), "400", text)


def test_a_lock_and_a_key_that_is_there_say_so_on_pages() -> None:
    assert after_failure(Reply(503, {}, b"<p>could not obtain lock on row</p>")) == Throttled()
    assert after_failure(Reply(500, {}, b"<p>duplicate key value violates unique constraint</p>")) == Duplicate()


def test_a_page_of_anybody_else_says_nothing() -> None:
    for status in (400, 422, 500, 502, 503, 504, 408):
        assert isinstance(after_failure(Reply(status, {}, b"<html>Sorry</html>")), Uncertain)


def test_an_unknown_database_is_for_a_person_and_the_rest_as_for_every_erp() -> None:
    assert after_failure(Reply(404, {}, b"")) == Rejected(
        RejectionKind.CONFIGURATION, "404", "Tryton has no such database or record"
    )
    assert after_failure(Reply(429, {"retry-after": "7"}, b"")) == Throttled(7)
    assert after_failure(NotSent("ConnectError")) == Throttled()
    assert after_failure(NoAnswer("ReadTimeout")) == Uncertain("ReadTimeout")
