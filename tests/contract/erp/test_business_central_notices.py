"""Notices of Business Central, the whole way: subscribed to, shaken hands over, given, told from forgeries, renewed."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.receive_erp_notices.use_case import NoticeReceiver
from shared.contracts.erp_notice import Handshake, Notice, handshake_response, notice_response, read_notice
from shared.contracts.usage_request import Problem, problem_response
from shared.domain.identifiers import LegalEntityId
from shared.domain.posting.outcome import LookupFailed, Posted
from shared.domain.posting.readings import NoticesRenewed
from simulators.erp import Fault
from simulators.http.server import serve
from tests.builders.posting import GERMANY, a_document
from tests.contract.erp.conftest import OpenSite, PostingSite
from tests.contract.erp.test_business_central_schema import answered_in, misfits, sent_by
from tests.contract.erp.traffic import recorded

TOKEN = "only-acme-and-its-business-central-know-this"
HALF_A_MINUTE, A_DAY = timedelta(seconds=30), timedelta(days=1)
BOTH_NEW, BOTH_KNOWN = NoticesRenewed(created=2, renewed=0), NoticesRenewed(created=0, renewed=2)
HTML = Response("<html>under construction</html>", media_type="text/html")


@dataclass
class Listening:
    """A site, and an address that its ERP can give notice at: gateway and function, with what they ask for."""

    site: PostingSite
    url: str = ""
    asked: list[tuple[LegalEntityId, datetime]] = field(default_factory=list)
    heard: list[bool] = field(default_factory=list)
    answer_instead: Response | None = None
    known: str = TOKEN

    def ask(self, legal_entity_id: LegalEntityId, *, noticed_at: datetime) -> None:
        self.asked.append((legal_entity_id, noticed_at))

    def renew(self, token: str = TOKEN) -> object:
        return self.site.erp.renew_notices(f"{self.url}/{GERMANY}", token)

    def later(self, passed: timedelta) -> None:
        self.site.clock.instant += passed
        self.site.simulator.pass_by()

    @property
    def subscriptions(self) -> list[dict[str, Any]]:
        return [one.entity for one in self.site.simulator.subscriptions.by_id.values()]

    async def answer(self, request: Request) -> Response:
        if self.answer_instead is not None:
            return self.answer_instead
        event = {
            "queryStringParameters": dict(request.query_params),
            "pathParameters": request.path_params,
            "requestContext": {"timeEpoch": int(self.site.clock.now().timestamp() * 1000)},
            "body": (await request.body()).decode(),
        }
        answer = self._answer(event)
        return Response(answer["body"], answer["statusCode"], answer["headers"])

    def _answer(self, event: dict[str, Any]) -> dict[str, Any]:
        receiver = NoticeReceiver(
            master_data=self.site.master_data,  # type: ignore[arg-type]
            token_of=lambda _connection: self.known,
            readings=self,
        )
        match read_notice(event):
            case Handshake() as handshake:
                return handshake_response(handshake)
            case Problem() as problem:
                return problem_response(problem)
            case Notice() as notice:
                taken = receiver.receive(notice.legal_entity_id, notice.claims, received_at=notice.received_at)
                self.heard.append(taken)
                return notice_response()


@pytest.fixture
def listening(open_site: OpenSite) -> Iterator[Listening]:
    site = open_site("business_central")
    entity = site.master_data.entity
    assert entity is not None
    site.master_data.entity = replace(
        entity, erp=replace(entity.erp, settings={**entity.erp.settings, "notices": "yes"})
    )
    listening = Listening(site)
    app = Starlette(routes=[Route("/erp-notices/{legal_entity}", listening.answer, methods=["POST"])])
    with serve(app) as root:
        listening.url = f"{root}/erp-notices"
        yield listening


def test_a_payment_is_noticed_half_a_minute_later_and_what_was_paid_is_asked_for(listening: Listening) -> None:
    assert listening.renew() == BOTH_NEW
    assert isinstance(listening.site.post(a_document()), Posted)
    listening.site.simulator.pay(a_document().external_ref, Decimal("428.68"), date(2026, 11, 3))
    listening.later(timedelta(0))
    assert listening.asked == []

    listening.later(HALF_A_MINUTE)

    assert [entity for entity, _ in listening.asked] == [GERMANY]
    listening.later(A_DAY)
    assert len(listening.asked) == 1


def test_many_changes_are_one_notice(listening: Listening) -> None:
    listening.renew()
    for number in range(20):
        listening.site.post(a_document(posting_id=f"acme/{number}/r1", number=f"DE-{number}"))

    listening.later(HALF_A_MINUTE)

    assert listening.heard == [True]


def test_renewing_finds_what_is_subscribed_to_and_prolongs_it(listening: Listening) -> None:
    listening.renew()
    first = {one["subscriptionId"]: one["expirationDateTime"] for one in listening.subscriptions}
    listening.later(A_DAY)

    assert listening.renew() == BOTH_KNOWN

    renewed = {one["subscriptionId"]: one["expirationDateTime"] for one in listening.subscriptions}
    assert set(renewed) == set(first)
    assert all(renewed[key] > first[key] for key in first)


def test_what_has_lapsed_is_subscribed_to_anew(listening: Listening) -> None:
    listening.renew()

    listening.later(timedelta(days=3))

    assert listening.subscriptions == []
    assert listening.renew() == BOTH_NEW


def test_another_token_is_brought_there_by_the_next_renewal(listening: Listening) -> None:
    listening.renew()
    listening.known = "the-token-that-was-put-into-the-secret-today"
    listening.site.post(a_document())
    listening.later(HALF_A_MINUTE)
    assert listening.heard == [False]
    assert len(listening.subscriptions) == 2

    listening.renew(listening.known)
    listening.site.simulator.pay(a_document().external_ref, Decimal(1), date(2026, 11, 3))
    listening.later(timedelta(0))
    listening.later(HALF_A_MINUTE)

    assert listening.heard == [False, True]


def test_an_address_that_does_not_send_the_token_back_is_not_subscribed(listening: Listening) -> None:
    listening.answer_instead = HTML

    failure = listening.renew()

    assert isinstance(failure, LookupFailed)
    assert "salesInvoices: status 400" in failure.reason
    assert listening.subscriptions == []


def test_a_subscription_whose_answer_was_lost_is_found_again(listening: Listening) -> None:
    listening.site.simulator.faults.script(Fault.LOSE_REPLY, operation="create_subscription")

    assert isinstance(listening.renew(), LookupFailed)

    assert listening.renew() == NoticesRenewed(created=1, renewed=1)
    assert len(listening.subscriptions) == 2


@pytest.mark.parametrize("operation", ["find_subscriptions", "create_subscription"])
@pytest.mark.parametrize("fault", [Fault.LOGIN_PAGE, Fault.GATEWAY_PAGE, Fault.TRUNCATED_JSON, Fault.FOREIGN_REFUSAL])
def test_whatever_else_answers_is_a_failure_and_nothing_is_subscribed_to_twice(
    listening: Listening, operation: str, fault: Fault
) -> None:
    listening.site.simulator.faults.script(fault, operation=operation)

    assert isinstance(listening.renew(), LookupFailed)

    assert isinstance(listening.renew(), NoticesRenewed)
    assert len(listening.subscriptions) == 2


def test_the_token_is_in_no_failure(listening: Listening) -> None:
    listening.answer_instead = HTML

    assert TOKEN not in repr(listening.renew())


def test_a_change_that_nobody_could_be_told_of_is_told_later(listening: Listening) -> None:
    listening.renew()
    listening.site.post(a_document())
    listening.answer_instead = Response(status_code=503)
    listening.later(HALF_A_MINUTE)
    listening.answer_instead = None
    assert listening.heard == []

    listening.later(timedelta(hours=1))

    assert listening.heard == [True]


def test_who_refuses_for_good_is_not_told_again_until_the_next_renewal(listening: Listening) -> None:
    listening.renew()
    listening.site.post(a_document())
    listening.answer_instead = Response(status_code=404)
    listening.later(HALF_A_MINUTE)
    assert len(listening.subscriptions) == 1

    listening.answer_instead = None

    assert listening.renew() == NoticesRenewed(created=1, renewed=1)


def test_what_is_sent_and_answered_fits_the_documentation(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recorded(monkeypatch) as traffic:
        listening.renew()
        listening.renew()

    sent, answered = list(sent_by(traffic)), list(answered_in(traffic))
    assert [entity for entity, _ in sent] == ["subscription"] * 4
    assert [one for entity, row in sent for one in misfits(entity, row, sent=True)] == []
    assert [one for entity, row in answered for one in misfits(entity, row, sent=False)] == []
    assert len(answered) == 4 + 2
