"""What only a system shows that works on many calls at once: posters beside each other, callers that do not wait."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import httpx
import pytest

from shared.adapters.erp.site import ErpSite
from shared.adapters.erp.tryton.connect import connect
from shared.adapters.http.transport import Exchange, HttpTransport, Request, http_client
from shared.domain.posting.comparison import differences
from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.outcome import (
    Ambiguous,
    Draft,
    Duplicate,
    Found,
    Location,
    Posted,
    Submission,
    Throttled,
    Uncertain,
)
from shared.ports.erp import ReadableErp
from tests.builders.posting import a_document
from tests.contract.erp.conftest import OpenSite, PostingSite
from tests.contract.real_tryton.running import RealTryton
from tests.fakes.own_line import own_line

SHOWS_WITHIN_SECONDS = 20


@pytest.fixture
def site(open_site: OpenSite) -> PostingSite:
    """Return a Tryton that is called without the door: that lets in one at a time."""
    site = open_site("tryton")
    site.change_secret({"base_url": site.simulator.behind_the_door})
    return site


def a_poster(site: PostingSite, transport: "HttpTransport | ImpatientTransport | None" = None) -> ReadableErp:
    """Return an adapter with connections of its own, as another process has it, and that waits for nobody."""
    assert site.master_data.entity is not None
    calls = transport or HttpTransport(http_client())
    own: ErpSite = replace(site.connections, transport=calls, flow=own_line(site.clock))  # type: ignore[arg-type]
    return connect(site.master_data.entity, own)


def all_at_once(calls: Iterable[Callable[[], Submission]]) -> Counter[type[Submission]]:
    with ThreadPoolExecutor(8) as pool:
        return Counter(type(running.result()) for running in [pool.submit(call) for call in calls])


def test_four_posters_of_one_draft_post_it_once(site: PostingSite) -> None:
    draft = site.erp.submit(a_document())
    assert isinstance(draft, Draft)
    posters = [a_poster(site) for _ in range(4)]

    outcomes = all_at_once(partial(poster.advance, draft.ref, a_document()) for poster in posters)

    assert outcomes.keys() <= {Posted, Throttled}
    assert outcomes[Posted] >= 1
    assert site.erp.advance(draft.ref, a_document()) == Posted(draft.ref)
    assert site.posted() == [a_document().external_ref]
    assert len(site.simulator.ledger.entries) == 1


def test_four_creators_of_one_key_make_four_drafts_and_the_look_up_shows_them_all(site: PostingSite) -> None:
    """Nothing in stock Tryton keeps them from it: that is what the outbox's one attempt at a time is for."""
    site.erp.ensure_customer(a_document().party, a_document().gross.currency)
    posters = [a_poster(site) for _ in range(4)]

    outcomes = all_at_once(partial(poster.submit, a_document()) for poster in posters)

    assert outcomes == {Draft: 4}
    located = site.erp.locate(a_document().external_ref, DocumentKind.INVOICE)
    assert isinstance(located, Ambiguous)
    assert len(located.refs) == 4


def test_with_an_index_of_one_s_own_the_other_three_are_told_of_the_first(
    site: PostingSite, tryton: RealTryton
) -> None:
    index = "create unique index on account_invoice (company, type, reference)"
    tryton.postgres.execute(index, database=site.simulator.database)
    site.erp.ensure_customer(a_document().party, a_document().gross.currency)
    posters = [a_poster(site) for _ in range(4)]

    outcomes = all_at_once(partial(poster.submit, a_document()) for poster in posters)

    assert outcomes == {Draft: 1, Duplicate: 3}
    assert isinstance(site.erp.locate(a_document().external_ref, DocumentKind.INVOICE), Found)


def test_six_posters_of_different_documents_leave_no_gap_in_the_numbers(site: PostingSite) -> None:
    documents = [a_document(posting_id=f"acme-{n}/2026-10/r1", number=f"DE-{n}") for n in range(6)]
    site.erp.ensure_customer(a_document().party, a_document().gross.currency)

    def post(document: PostingDocument) -> Submission:
        poster = a_poster(site)
        submission = poster.submit(document)
        return poster.advance(submission.ref, document) if isinstance(submission, Draft) else submission

    outcomes = all_at_once(partial(post, document) for document in documents)

    assert outcomes == {Posted: 6}
    numbers = sorted(document.number for document in site.simulator.documents())
    assert numbers == [f"I-{n}" for n in range(1, 7)]
    assert site.simulator.ledger.trial_balance(company="1")["1100", "EUR"] == 6 * a_document().gross.amount


class ImpatientTransport:
    """Waits for the answer to an invoice's creation and posting for less than Tryton takes."""

    def __init__(self) -> None:
        self._patient = HttpTransport(http_client())
        self._impatient = HttpTransport(httpx.Client(timeout=httpx.Timeout(5, read=0.02), trust_env=False))

    def exchange(self, request: Request) -> Exchange:
        is_write = request.method == "POST" and "account.invoice" in request.url
        return (self._impatient if is_write else self._patient).exchange(request)


def test_what_was_given_up_on_is_committed_all_the_same_and_found_once(site: PostingSite) -> None:
    document = a_document()
    impatient = a_poster(site, ImpatientTransport())

    assert isinstance(impatient.submit(document), Uncertain)
    draft = shown(site, document, lambda location: isinstance(location, Found))
    assert not draft.document.posted

    assert isinstance(impatient.advance(draft.document.ref, document), Uncertain)
    posted = shown(site, document, lambda location: isinstance(location, Found) and location.document.posted)
    assert differences(document, posted.document) == ()
    assert impatient.advance(draft.document.ref, document) == Posted(draft.document.ref)
    assert site.posted() == [document.external_ref]


def shown(site: PostingSite, document: PostingDocument, is_it: Callable[[Location], bool]) -> Found:
    """Look until Tryton shows it: straight after a time-out it may show nothing yet."""
    deadline = time.monotonic() + SHOWS_WITHIN_SECONDS
    while time.monotonic() < deadline:
        location = site.erp.locate(document.external_ref, document.kind)
        if is_it(location):
            assert isinstance(location, Found)
            return location
    raise AssertionError("it never showed")
