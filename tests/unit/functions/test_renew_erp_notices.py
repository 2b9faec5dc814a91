"""Notices are subscribed to where they are wanted, one failure keeps no other waiting, and every failure is told."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

import pytest

from functions.renew_erp_notices.use_case import NoticeRenewal, NoticesNotRenewedError, Renewed
from shared.domain.identifiers import LegalEntityId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.notices import NoticeTokenTooShortError
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.pacing import NotCalled
from shared.domain.posting.readings import Notices, NoticesRenewed, NotSupported
from shared.ports.erp import ReadableErp
from shared.ports.master_data import MasterData
from tests.builders.posting import GERMANY
from tests.unit.functions.test_receive_erp_notices import ACME, TOKEN

AMERICA = LegalEntityId("acme-inc")
INC = replace(ACME, legal_entity_id=AMERICA)
PLAIN = replace(ACME, legal_entity_id=LegalEntityId("acme-kk"), erp=replace(ACME.erp, settings={}))
KNOWN = NoticesRenewed(created=0, renewed=2)


@dataclass
class SubscribingErp:
    answer: Notices = KNOWN
    subscribed: list[tuple[str, str]] = field(default_factory=list)

    def renew_notices(self, url: str, token: str) -> Notices:
        self.subscribed.append((url, token))
        return self.answer


@dataclass
class World:
    """`erp_for` raises KeyError for an entity that nobody should ask."""

    erps: Mapping[LegalEntityId, SubscribingErp]
    entities: tuple[LegalEntity, ...] = (INC, PLAIN, ACME)
    not_called: Mapping[LegalEntityId, NotCalled] = field(default_factory=dict)
    token: str = TOKEN
    address: str = "https://notices.acme.example/erp-notices"

    def version(self) -> None:
        return None

    def legal_entities(self) -> tuple[LegalEntity, ...]:
        return self.entities

    def erp_for(self, legal_entity_id: LegalEntityId) -> ReadableErp:
        return cast("ReadableErp", self.erps[legal_entity_id])

    def erp_and_books(self, legal_entity_id: LegalEntityId) -> tuple[ReadableErp, str]:
        return self.erp_for(legal_entity_id), f"business_central/nimbus/{legal_entity_id}"

    def reading_turn(self, legal_entity_id: LegalEntityId) -> AbstractContextManager[NotCalled | None]:
        return nullcontext(self.not_called.get(legal_entity_id))

    def renew(self) -> Renewed:
        return NoticeRenewal(
            master_data=cast("MasterData", self),
            erps=self,
            token_of=lambda _connection: self.token,
            address=self.address,
        ).renew()


def failures(world: World) -> list[str]:
    with pytest.raises(ExceptionGroup) as raised:
        world.renew()
    assert all(isinstance(one, NoticesNotRenewedError | NoticeTokenTooShortError) for one in raised.value.exceptions)
    return [str(one) for one in raised.value.exceptions]


def test_each_entity_that_wants_notices_has_an_address_of_its_own() -> None:
    world = World({GERMANY: SubscribingErp(), AMERICA: SubscribingErp()})

    assert world.renew().of == {GERMANY: KNOWN, AMERICA: KNOWN}

    assert world.erps[GERMANY].subscribed == [("https://notices.acme.example/erp-notices/acme-gmbh", TOKEN)]
    assert world.erps[AMERICA].subscribed == [("https://notices.acme.example/erp-notices/acme-inc", TOKEN)]


@pytest.mark.parametrize("answer", [LookupFailed("status 503"), NotSupported("it gives none")])
def test_an_erp_that_does_not_subscribe_us_is_told_of_and_keeps_no_other_waiting(answer: Notices) -> None:
    world = World({GERMANY: SubscribingErp(), AMERICA: SubscribingErp(answer)})

    assert failures(world) == [f"acme-inc: {answer.reason}"]  # type: ignore[union-attr]

    assert len(world.erps[GERMANY].subscribed) == 1


def test_notices_that_are_wanted_of_a_deployment_without_an_address_are_told_of() -> None:
    world = World({}, entities=(ACME,), address="")

    assert failures(world) == ["acme-gmbh: this deployment takes no notices"]


def test_a_token_that_could_be_guessed_goes_nowhere() -> None:
    world = World({GERMANY: SubscribingErp()}, entities=(ACME,), token="hello")

    assert failures(world) == ["notice_token has less than 32 characters"]
    assert world.erps[GERMANY].subscribed == []


def test_an_erp_whose_turn_does_not_come_has_it_tomorrow() -> None:
    not_called = {AMERICA: NotCalled(datetime(2026, 11, 20, 12, tzinfo=UTC), "the ERP takes no more calls for now")}
    world = World({GERMANY: SubscribingErp()}, not_called=not_called)

    renewed = world.renew()

    assert renewed.left_alone == not_called
    assert set(renewed.of) == {GERMANY}
