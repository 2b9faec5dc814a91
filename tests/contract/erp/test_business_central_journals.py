"""Journals in Business Central: whatever else lies in a batch is never posted with ours, and nothing twice."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from shared.domain.posting.document import DocumentKind
from shared.domain.posting.journal import Journal
from shared.domain.posting.outcome import (
    Absent,
    Ambiguous,
    AuthFailed,
    Draft,
    Duplicate,
    ErpRef,
    Found,
    Posted,
    Rejected,
    RejectionKind,
    Throttled,
    Uncertain,
)
from simulators.erp import Fault
from tests.builders.posting import a_journal, eur, in_dollars_journal
from tests.contract.erp.conftest import OpenSite, PostingSite

JOURNAL = DocumentKind.JOURNAL


@pytest.fixture
def site(open_site: OpenSite) -> PostingSite:
    return open_site("business_central")


class Somebody:
    """A person with rights in the company, who writes into any batch."""

    def __init__(self, site: PostingSite) -> None:
        company = site.under_test.mapping.company
        form = {
            "grant_type": "client_credentials",
            "client_id": site.secret["client_id"],
            "client_secret": site.secret["client_secret"],
            "scope": "https://api.businesscentral.dynamics.com/.default",
        }
        token = httpx.post(site.secret["token_url"], data=form).json()["access_token"]
        self._headers = {"Authorization": f"Bearer {token}"}
        self._base = f"{site.secret['base_url']}/companies({company})"

    def journals(self) -> list[dict[str, Any]]:
        found = httpx.get(f"{self._base}/journals?$expand=journalLines", headers=self._headers).json()["value"]
        assert isinstance(found, list)
        return found

    def writes(self, batch: str, **line: object) -> None:
        sent = {"accountNumber": "4400", "postingDate": "2026-10-31", "documentNumber": "MINE", "description": "mine"}
        address = f"{self._base}/journals({batch})/journalLines"
        assert httpx.post(address, headers=self._headers, json=sent | line).status_code == 201

    def opens_batch(self, code: str) -> str:
        answer = httpx.post(f"{self._base}/journals", headers=self._headers, json={"code": code})
        return str(answer.json()["id"])

    def posts(self, batch: str) -> None:
        answer = httpx.post(f"{self._base}/journals({batch})/Microsoft.NAV.post", headers=self._headers)
        assert answer.status_code == 204


def balances(site: PostingSite) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = site.simulator.ledger.trial_balance(company=site.under_test.mapping.company)
    return found


def test_a_posted_journal_leaves_no_batch_behind(site: PostingSite) -> None:
    journal = a_journal()

    assert site.finish(site.erp.submit(journal), journal) == Posted(ErpRef(journal.external_ref))

    assert Somebody(site).journals() == []


def test_lines_of_others_in_our_batch_keep_it_from_being_posted(site: PostingSite) -> None:
    draft = site.erp.submit(a_journal())
    assert isinstance(draft, Draft)
    somebody = Somebody(site)
    (batch,) = somebody.journals()
    somebody.writes(batch["id"], amount=5, balancingAccountNumber="1250")

    outcome = site.erp.advance(draft.ref, a_journal())

    assert outcome == Rejected(
        RejectionKind.VALIDATION,
        "DRAFT_DIFFERS",
        "1 lines of the batch are not of this journal, 0 of its own are missing",
    )
    assert balances(site) == {}
    site.erp.discard(draft.ref, JOURNAL)
    assert somebody.journals() == []


def test_a_posting_whose_reply_was_lost_is_posted_when_it_is_advanced_again(site: PostingSite) -> None:
    draft = site.erp.submit(a_journal())
    assert isinstance(draft, Draft)
    site.simulator.faults.script(Fault.LOSE_REPLY, operation="post_journal")

    assert isinstance(site.erp.advance(draft.ref, a_journal()), Uncertain)
    assert site.erp.advance(draft.ref, a_journal()) == Posted(draft.ref)

    assert balances(site)["1250", "EUR"] == Decimal(300)
    assert Somebody(site).journals() == []


def test_lines_that_commit_late_into_a_batch_that_was_made_anew_go_nowhere(site: PostingSite) -> None:
    many = long_journal(lines=150)
    site.simulator.faults.script(None, Fault.LATE_COMMIT, operation="batch")

    assert isinstance(site.erp.submit(many), Uncertain)
    assert site.erp.locate(many.external_ref, JOURNAL) == Absent()  # a part of it is nothing that anybody posts
    draft = site.erp.submit(many)
    site.clock.instant += timedelta(minutes=10)

    assert isinstance(draft, Draft)
    assert site.finish(draft, many) == Posted(draft.ref)
    assert balances(site) == {("1250", "EUR"): Decimal(149), ("4400", "EUR"): Decimal(-149)}


def test_a_batch_that_is_whole_is_a_duplicate_and_an_empty_one_is_made_anew(site: PostingSite) -> None:
    Somebody(site).opens_batch(a_journal().external_ref[:10])

    assert isinstance(site.erp.submit(a_journal()), Draft)
    assert site.erp.submit(a_journal()) == Duplicate()


def test_a_journal_that_was_posted_twice_is_shown_twice(site: PostingSite) -> None:
    journal = a_journal()
    site.finish(site.erp.submit(journal), journal)
    draft = site.erp.submit(journal)
    assert isinstance(draft, Draft)
    once_more = site.erp.locate(journal.external_ref, JOURNAL)
    somebody = Somebody(site)
    (batch,) = somebody.journals()
    somebody.posts(batch["id"])

    located = site.erp.locate(journal.external_ref, JOURNAL)

    assert isinstance(once_more, Ambiguous)
    assert located == Ambiguous((ErpRef("entry 1"), ErpRef("entry 3")))


def test_a_refusal_in_the_users_own_language_is_still_one_of_the_period(site: PostingSite) -> None:
    draft = site.erp.submit(a_journal())
    assert isinstance(draft, Draft)
    company = site.under_test.mapping.company
    site.simulator.set_posting_window(company, posting_from=date(2026, 11, 1), posting_to=None)
    site.simulator.speak("de-DE")

    refused = site.erp.advance(draft.ref, a_journal())

    assert isinstance(refused, Rejected)
    assert refused.kind is RejectionKind.PERIOD
    assert "Buchungsdatum" in refused.text


def test_a_refusal_to_post_after_which_no_entries_can_be_read_may_be_of_what_is_posted(site: PostingSite) -> None:
    draft = site.erp.submit(a_journal())
    assert isinstance(draft, Draft)
    company = site.under_test.mapping.company
    site.simulator.set_posting_window(company, posting_from=date(2026, 11, 1), posting_to=None)
    site.simulator.faults.script(None, Fault.GATEWAY_PAGE, operation="find_ledger_entries")

    outcome = site.erp.advance(draft.ref, a_journal())

    assert isinstance(outcome, Uncertain)
    assert "range of allowed posting dates" in outcome.reason


def test_a_window_of_one_user_alone_is_known_by_its_text_only(site: PostingSite) -> None:
    draft = site.erp.submit(a_journal())
    assert isinstance(draft, Draft)
    company = site.under_test.mapping.company
    site.simulator.set_user_window(company, posting_from=date(2026, 11, 1), posting_to=None)

    in_english = site.erp.advance(draft.ref, a_journal())
    site.simulator.speak("de-DE")
    in_german = site.erp.advance(draft.ref, a_journal())

    assert isinstance(in_english, Rejected)
    assert isinstance(in_german, Rejected)
    assert (in_english.kind, in_german.kind) == (RejectionKind.PERIOD, RejectionKind.VALIDATION)


def test_a_journal_in_another_currency_and_a_text_too_long_with_its_mark_are_refused(site: PostingSite) -> None:
    journal = a_journal()
    long = replace(journal.lines[0], text="x" * 90)

    in_dollars = site.erp.submit(in_dollars_journal(journal))
    too_long = site.erp.submit(replace(journal, lines=(long, journal.lines[1])))

    assert isinstance(in_dollars, Rejected)
    assert in_dollars.code == "FOREIGN_CURRENCY"
    assert isinstance(too_long, Rejected)
    assert too_long.code == "TEXT_TOO_LONG"
    assert site.simulator.faults.writes == 0


def test_a_batch_that_could_not_be_made_is_tried_again_and_half_an_answer_to_its_lines_is_uncertain(
    site: PostingSite,
) -> None:
    site.simulator.faults.script(Fault.LOSE_REPLY, operation="create_journal")
    assert site.erp.submit(a_journal()) == Throttled()
    site.simulator.faults.script(Fault.TRUNCATED_JSON, operation="batch")

    assert isinstance(site.erp.submit(a_journal()), Uncertain)
    assert isinstance(site.erp.locate(a_journal().external_ref, JOURNAL), Found)


def test_credentials_that_are_refused_are_no_busy_erp(site: PostingSite) -> None:
    site.change_secret({"client_secret": "wrong"})

    assert isinstance(site.erp.submit(a_journal()), AuthFailed)


def long_journal(*, lines: int) -> Journal:
    journal = a_journal()
    debits = [replace(journal.lines[0], line_no=number, amount=eur("1.00")) for number in range(1, lines)]
    credit = replace(journal.lines[1], line_no=lines, amount=eur(f"-{lines - 1}.00"))
    return replace(journal, lines=(*debits, credit))
