"""An invoice that people take back in SAP, here, or in both: told once, in any order, whatever time it is there."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.post_to_erp.use_case import post_to_erp
from functions.sync_settlements.use_case import SettlementSync
from shared.domain.exception_record import ExceptionCode, ExceptionRecord
from shared.domain.identifiers import InvoiceId, LegalEntityId, PostingId, ProductId
from shared.domain.posting.compose import posting_id
from shared.domain.posting.intent import IntentState, PostingIntent, PostingRequest
from shared.domain.posting.outcome import Posted
from shared.domain.posting.pacing import NotCalled
from shared.ports.erp import ReadableErp
from simulators.erp.sap_s4hana.payments import reverse
from tests.builders.billing import SECOND_OF_NOVEMBER, TENANT, calls, catalog, german_vat, nimbus
from tests.contract.erp.sap_s4hana_site import Site
from tests.contract.erp.systems.sap_s4hana import UNDER_TEST
from tests.fakes.crediting_world import StoredExceptions
from tests.fakes.posting_world import Told
from tests.fakes.voiding_world import VoidingWorld

OCTOBERS = InvoiceId("c-acme/2026-10")
MEMO = PostingId("c-acme/2026-10/r1/credit/void")
NIMBUS_IN_SAP = replace(
    nimbus(),
    erp=replace(
        UNDER_TEST.mapping,
        products={ProductId("platform"): "4400", ProductId("api"): "4400"},
        tax_codes={"DE-19": "A1"},
        dimensions={},
    ),
)


class Both(VoidingWorld):
    """Acme's October, billed, posted and read of in SAP; each step of a test is taken half an hour after the last.

    Noon has passed here: ahead of us it is tomorrow in SAP, behind us it is still today.
    """

    def __init__(self, *, hours_ahead: int) -> None:
        super().__init__(calls(150))
        self.publish(catalog(entity=NIMBUS_IN_SAP))
        self.sap = Site(NIMBUS_IN_SAP, tax_rate=german_vat(), ahead=timedelta(hours=hours_ahead))
        self.exceptions: StoredExceptions = StoredExceptions()
        self.told = Told()
        self.bill(SECOND_OF_NOVEMBER)
        self.pass_time(timedelta(hours=6))
        self.send(posting_id(OCTOBERS, 1))

    def pass_time(self, time: timedelta = timedelta(minutes=30)) -> None:
        self.clock.instant += time
        self.sap.clock.instant = self.clock.instant

    def send(self, name: PostingId) -> PostingIntent:
        self.pass_time()
        return post_to_erp(
            PostingRequest(posting_id=name, task_token=None),
            self.invoices.intents,
            receivables=self.receivables,
            master_data=self.master_data,
            erps=self,
            requests=self,
            announcer=self.told,
            clock=self.clock,
        )

    def void_there(self) -> None:
        self.pass_time()
        intent = self.invoices.intents.read(posting_id(OCTOBERS, 1))
        assert intent is not None
        self.sap.simulator.reverse(intent.external_ref, self.sap.clock.now().date())

    def double(self) -> None:
        """Have the invoice in SAP a second time, under our key, as one that is committed late would be."""
        intent = self.invoices.intents.read(posting_id(OCTOBERS, 1))
        assert intent is not None
        assert isinstance(self.sap.erp.submit(intent.document), Posted)

    def void_the_double(self) -> None:
        self.pass_time()
        books = self.sap.simulator.books_of(NIMBUS_IN_SAP.erp.company)
        reverse(books, books.documents[-1], self.sap.clock.now().date())

    def void_here(self, *, made_in_erp: bool = False) -> None:
        self.pass_time()
        self.issuer.answer(replace(self.asked(OCTOBERS), made_in_erp=made_in_erp))

    def poll(self) -> None:
        self.pass_time()
        SettlementSync(
            tenant=TENANT,
            erps=self,
            intents=self.invoices.intents,
            notes=self.notes,
            receivables=self.receivables,
            exceptions=self.exceptions,
            known=self.exceptions.store,
            clock=self.clock,
        ).sync([NIMBUS_IN_SAP.legal_entity_id])

    def close(self, found: Iterable[ExceptionRecord]) -> None:
        """Have a person close exceptions."""
        self.pass_time()
        for one in found:
            self.exceptions.resolve(one.exception_id, "looked at by fred", self.clock.now())

    def open_now(self) -> list[ExceptionRecord]:
        return list(self.exceptions.store.open_records(ExceptionCode.VOIDED_IN_ERP))

    def erp_for(self, _: LegalEntityId) -> ReadableErp:
        return self.sap.erp

    def erp_and_books(self, legal_entity_id: LegalEntityId) -> tuple[ReadableErp, str]:
        assert legal_entity_id == NIMBUS_IN_SAP.legal_entity_id
        return self.sap.erp, NIMBUS_IN_SAP.erp.books

    def reading_turn(self, _: LegalEntityId) -> AbstractContextManager[NotCalled | None]:
        return nullcontext()

    turn = reading_turn


@pytest.fixture(params=[-11, 13], ids=["Samoa", "Auckland"])
def both(request: pytest.FixtureRequest) -> Both:
    return Both(hours_ahead=request.param)


def test_what_is_voided_there_is_told_once_and_closes_once_it_is_voided_here_too(both: Both) -> None:
    both.void_there()
    both.poll()
    (found,) = both.open_now()
    assert "and still stands here" in found.message

    both.void_here()
    for _ in range(4):
        both.pass_time(timedelta(hours=12))
        both.poll()

    assert both.open_now() == []


def test_what_is_voided_there_is_not_taken_back_there_once_more_by_the_void_here(both: Both) -> None:
    both.void_there()
    both.poll()
    both.void_here()

    memo = both.send(MEMO)

    assert (memo.state, memo.attempts) == (IntentState.REJECTED, 0)
    (told,) = both.told.open_records()
    assert (told.code, told.subject) == (ExceptionCode.VOIDED_IN_ERP, MEMO)
    assert "u2c posting mark-posted" in told.message
    assert [one.kind for one in both.sap.simulator.documents()] == ["invoice", "invoice"]  # it and its reversal


@pytest.mark.parametrize("told_first", [True, False])
def test_a_void_that_records_what_was_voided_there_is_all_there_is_to_tell(both: Both, *, told_first: bool) -> None:
    both.void_there()
    if told_first:
        both.poll()
        assert len(both.open_now()) == 1

    both.void_here(made_in_erp=True)
    both.poll()

    assert both.open_now() == []


def test_the_double_that_finance_voids_there_is_not_taken_for_the_invoice(both: Both) -> None:
    both.double()
    both.void_the_double()
    both.poll()

    assert both.open_now() == []
    both.void_here()
    assert both.send(MEMO).state is IntentState.POSTED


def test_what_is_voided_here_and_later_that_day_there_as_well_is_told_as_taken_back_twice(both: Both) -> None:
    both.void_here()
    assert both.send(MEMO).state is IntentState.POSTED
    both.poll()
    assert both.open_now() == []

    both.void_there()
    both.poll()

    (found,) = both.open_now()
    assert "is taken back there once more by DE-CN-000001 (1600000000)" in found.message
    assert "still stands" not in found.message


def test_whatever_was_voided_first_it_is_told_as_taken_back_twice_though_it_is_told_late(both: Both) -> None:
    both.void_there()
    both.void_here()
    both.send(MEMO)

    both.poll()

    assert ["once more" in found.message for found in both.open_now()] == [True]


def test_a_void_here_that_is_asked_for_again_closes_nothing_that_was_found_since(both: Both) -> None:
    both.void_here()
    both.send(MEMO)
    both.void_there()
    both.poll()

    both.void_here()

    assert len(both.open_now()) == 1


@pytest.mark.parametrize("voided_here_first", [True, False])
def test_a_person_closes_it_and_no_later_poll_opens_it_again(both: Both, *, voided_here_first: bool) -> None:
    if voided_here_first:
        both.void_here()
        both.send(MEMO)
    both.void_there()
    both.poll()

    both.close(both.open_now())
    for _ in range(4):
        both.poll()
        both.pass_time(timedelta(hours=12))

    assert both.open_now() == []
