"""A dead letter is known by what it is about."""

import pytest

from shared.domain.dead_letter import DeadLetter


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        ('{"tenant": "t", "posting_id": "acme-2026/2026-01/r001", "task_token": "secret"}', "q/acme-2026/2026-01/r001"),
        ('{"invoice_id": "acme-2026/2026-01", "revision": 1, "approved": true}', "q/acme-2026/2026-01/r001"),
        ('{"tenant": "t", "version": "20260115-0a1b", "key": "t/1.json"}', "q/20260115-0a1b"),
    ],
)
def test_the_business_id_in_the_body_names_it(body: str, subject: str) -> None:
    assert DeadLetter(queue="q", body=body).subject == subject


@pytest.mark.parametrize(
    "body", ["", "not json", "[1]", '{"posting_id": 7}', '{"posting_id": "\\ud800"}', "[" * 100_000, '{"raise": []}']
)
def test_a_body_without_one_is_named_by_its_hash(body: str) -> None:
    letter = DeadLetter(queue="q", body=body)

    assert letter.subject.isascii()
    assert len(letter.subject) == 2 + 32
    assert letter.subject == DeadLetter(queue="q", body=body).subject
    assert letter.subject != DeadLetter(queue="q", body=body + " ").subject
