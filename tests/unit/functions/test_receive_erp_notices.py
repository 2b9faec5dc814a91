"""A notice is believed of nobody but the ERP, and even then it is a hint."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

import pytest

from functions.receive_erp_notices.use_case import NoticeReceiver
from shared.domain.identifiers import LegalEntityId
from shared.domain.master_data.catalog import ErpMapping, LegalEntity
from shared.domain.money import currency
from shared.domain.posting.notices import NoticeTokenTooShortError
from shared.ports.master_data import MasterData
from tests.builders.posting import GERMANY

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOKEN = "only-acme-and-its-business-central-know-this"
ACME = LegalEntity(
    legal_entity_id=GERMANY,
    name="Acme GmbH",
    country="DE",
    functional_currency=currency("EUR"),
    invoice_series="DE-",
    erp=ErpMapping(
        system="business_central",
        connection="acme/business-central",
        company="5d115c9c-44e3-ea11-bb43-000d3a2feca1",
        receivable_account="1400",
        tax_account="1776",
        products={},
        tax_codes={},
        settings={"notices": "yes"},
    ),
    approval=None,
)


@dataclass
class World:
    entity: LegalEntity = ACME
    token: str = TOKEN
    asked: list[tuple[LegalEntityId, datetime]] = field(default_factory=list)
    secrets_read: int = 0

    def version(self) -> None:
        return None

    def legal_entity(self, legal_entity_id: LegalEntityId) -> LegalEntity | None:
        return self.entity if legal_entity_id == GERMANY else None

    def ask(self, legal_entity_id: LegalEntityId, *, noticed_at: datetime) -> None:
        self.asked.append((legal_entity_id, noticed_at))

    def token_of(self, connection: str) -> str:
        assert connection == "acme/business-central"
        self.secrets_read += 1
        return self.token

    def receive(self, *claims: str, of: LegalEntityId = GERMANY) -> bool:
        receiver = NoticeReceiver(master_data=cast("MasterData", self), token_of=self.token_of, readings=self)
        return receiver.receive(of, claims, received_at=NOON)


def test_who_knows_the_token_has_what_was_paid_read() -> None:
    world = World()

    assert world.receive("of another subscription", TOKEN)

    assert world.asked == [(GERMANY, NOON)]


@pytest.mark.parametrize("claim", ["", TOKEN[:-1], TOKEN + "!", TOKEN.upper(), "\ud800", "None"])
def test_who_does_not_has_nothing_done(claim: str) -> None:
    world = World()

    assert not world.receive(claim)

    assert world.asked == []


def test_nobody_is_asked_for_an_unknown_entity_or_without_a_claim() -> None:
    world = World()

    assert not world.receive(TOKEN, of=LegalEntityId("globex"))
    assert not world.receive()

    assert (world.asked, world.secrets_read) == ([], 0)


@pytest.mark.parametrize("settings", [{}, {"notices": "no"}, {"notices": ""}])
def test_without_the_setting_no_notice_is_taken(settings: dict[str, str]) -> None:
    world = World(entity=replace(ACME, erp=replace(ACME.erp, settings=settings)))

    assert not world.receive(TOKEN)

    assert (world.asked, world.secrets_read) == ([], 0)


@pytest.mark.parametrize("token", ["", "a-short-one"])
def test_a_token_that_could_be_guessed_lets_nobody_in(token: str) -> None:
    world = World(token=token)

    with pytest.raises(NoticeTokenTooShortError) as raised:
        world.receive(token)

    assert str(raised.value) == "notice_token has less than 32 characters"
    assert world.asked == []
