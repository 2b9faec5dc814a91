"""A journal of finance: one person prepares it, another approves it, and only then it is posted."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from functions.record_journal.use_case import JournalRecorder
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CustomerId, JournalId, LegalEntityId, PostingId, ProductId
from shared.domain.invoicing.invoice import ApprovalDecision
from shared.domain.master_data.approval_policy import ApprovalPolicy
from shared.domain.master_data.catalog import DimensionMapping
from shared.domain.money import Money, currency
from shared.domain.posting.accounting_period import PeriodStatus, period_name
from shared.domain.posting.decisions import given_up_on
from shared.domain.posting.document import DocumentKind, external_ref
from shared.domain.posting.intent import IntentState
from shared.domain.posting.journal import Journal
from shared.domain.posting.journal_approval import JournalRefusedError, JournalState, PreparedJournal
from shared.domain.posting.names import JournalName
from tests.builders.billing import catalog, nimbus, published
from tests.builders.posting import a_journal, reversed_by
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_journals import InMemoryJournals
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents
from tests.fakes.steady_clock import SteadyClock

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
FRED, CLARA = "fred@nimbus.example", "clara@nimbus.example"
POLICY = ApprovalPolicy(thresholds=None, approver=CLARA)
ENTITY = nimbus()
ACCOUNTS = {"unbilled": "1180", "revenue": "8400"}
OCTOBER = period_name("2026-10", DocumentKind.JOURNAL)


def of_nimbus(journal: Journal) -> Journal:
    return replace(journal, legal_entity_id=ENTITY.legal_entity_id)


ACCRUAL = of_nimbus(a_journal())
NAME = JournalName(journal_id=JournalId("accrual-10"))


def named(name: str) -> JournalName:
    return JournalName(journal_id=JournalId(name))


def a_reversal(name: str) -> Journal:
    posting_id = named(name).first_posting
    key = external_ref(tenant=ACCRUAL.tenant, posting_id=posting_id)
    return replace(reversed_by(ACCRUAL), posting_id=posting_id, external_ref=key, human_number=name)


class World:
    def __init__(self, **changes: Any) -> None:
        self.intents = InMemoryPostingIntents()
        self.exceptions = InMemoryExceptionReporter()
        self.queue: list[PostingId] = []
        self.journals = InMemoryJournals(self.intents)
        self.entity = replace(ENTITY, approval=POLICY, erp=replace(ENTITY.erp, accounts=ACCOUNTS))
        self.publish(**changes)

    def publish(self, **changes: Any) -> None:
        self.entity = replace(self.entity, **changes)
        self.recorder = JournalRecorder(
            journals=self.journals,
            intents=self.intents,
            master_data=published(catalog(entity=self.entity)),
            requests=self,
            exceptions=self.exceptions,
            clock=SteadyClock(NOW),
        )

    def request(self, posting_id: PostingId, **_: Any) -> None:
        self.queue.append(posting_id)

    def prepare(self, journal: Journal = ACCRUAL, *, by: str = FRED, send: bool = True) -> PreparedJournal:
        return self.recorder.prepare(journal, prepared_by=by, send=send)[0]

    def decide(self, *, approved: bool = True, by: str = CLARA, name: JournalName = NAME) -> PreparedJournal:
        return self.recorder.decide(name, ApprovalDecision(approved=approved, decided_by=by, decided_at=NOW))

    def unsettled(self) -> int:
        return self.intents.accounting_period(self.entity.legal_entity_id, OCTOBER).unsettled


def test_a_prepared_journal_waits_for_its_approver_and_is_nowhere_in_the_outbox() -> None:
    world = World()

    prepared = world.prepare()

    assert prepared.state is JournalState.AWAITING_APPROVAL
    assert [one.code for one in world.exceptions.open.values()] == [ExceptionCode.JOURNAL_PENDING]
    assert (list(world.intents.all()), world.queue) == ([], [])


def test_approved_by_somebody_else_it_is_posted_and_keeps_its_period_from_closing() -> None:
    world = World()
    world.prepare()

    assert world.decide().state is JournalState.APPROVED

    (intent,) = world.intents.all()
    assert (intent.posting_id, intent.state, intent.document) == ("journal=accrual-10", IntentState.INTENT, ACCRUAL)
    assert world.queue == ["journal=accrual-10"]
    assert world.unsettled() == 1
    assert world.exceptions.open == {}


def test_asked_twice_it_is_done_once() -> None:
    world = World()
    world.prepare()
    world.prepare()
    world.decide()
    world.decide()

    assert world.prepare().state is JournalState.APPROVED
    assert world.unsettled() == 1


def test_what_is_only_shown_leaves_nothing_behind() -> None:
    world = World()

    world.prepare(send=False)

    with pytest.raises(JournalRefusedError, match="nobody has prepared accrual-10"):
        world.decide()


def test_a_rejected_journal_is_never_posted() -> None:
    world = World()
    world.prepare()

    assert world.decide(approved=False).state is JournalState.REJECTED

    assert list(world.intents.all()) == []
    assert world.exceptions.open == {}
    with pytest.raises(JournalRefusedError, match=f"was decided by {CLARA} before"):
        world.decide()


@pytest.mark.parametrize(
    ("by", "why"),
    [
        (FRED, f"{FRED} has prepared journal=accrual-10 and cannot decide on it"),
        ("dora@nimbus.example", "dora@nimbus.example is not an approver of nimbus"),
    ],
)
def test_nobody_decides_but_an_approver_who_has_not_prepared_it(by: str, why: str) -> None:
    world = World()
    world.prepare()

    with pytest.raises(JournalRefusedError, match=why):
        world.decide(by=by)


@pytest.mark.parametrize("policy", [None, ApprovalPolicy(thresholds=None, approver=FRED)])
def test_where_nobody_else_could_decide_nothing_is_prepared(policy: ApprovalPolicy | None) -> None:
    with pytest.raises(JournalRefusedError, match="names no approver other than fred"):
        World(approval=policy).prepare()


def test_the_same_id_with_other_content_is_another_journal() -> None:
    world = World()
    world.prepare()

    with pytest.raises(JournalRefusedError, match="was prepared with other content: another one needs another id"):
        world.prepare(of_nimbus(a_journal(amount="301.00")))


def test_an_account_that_the_mapping_does_not_have_is_refused_before_anybody_is_asked() -> None:
    world = World()

    with pytest.raises(JournalRefusedError, match="no mapping for account unbilled"):
        World(erp=replace(world.entity.erp, accounts={"revenue": "8400"})).prepare()


def test_nothing_is_booked_into_a_closed_month() -> None:
    with pytest.raises(JournalRefusedError, match="is closed through 2026-10-31"):
        World(closed_through=date(2026, 10, 31)).prepare()


def test_a_month_that_closes_before_the_approval_takes_nothing_and_the_journal_waits_on() -> None:
    world = World()
    world.prepare()
    world.intents.set_period_status(world.entity.legal_entity_id, OCTOBER, PeriodStatus.SOFT_CLOSED)

    with pytest.raises(JournalRefusedError, match="takes nothing new: approve it once it is open"):
        world.decide()
    world.intents.set_period_status(world.entity.legal_entity_id, OCTOBER, PeriodStatus.OPEN)

    assert world.decide().state is JournalState.APPROVED


def test_an_amount_with_more_decimals_than_its_currency_is_refused() -> None:
    with pytest.raises(JournalRefusedError, match="line 1 has more decimals than EUR"):
        World().prepare(of_nimbus(a_journal(amount="300.001")))


@pytest.mark.parametrize(
    ("system", "title"), [("business_central", "Dynamics 365 Business Central"), ("tryton", "Tryton")]
)
def test_a_foreign_currency_is_refused_where_journals_are_in_that_of_the_books(system: str, title: str) -> None:
    in_dollars = tuple(replace(line, amount=Money(line.amount.amount, currency("USD"))) for line in ACCRUAL.lines)
    world = World(erp=replace(World().entity.erp, system=system))

    with pytest.raises(JournalRefusedError, match=f"^{title} takes journals in EUR only, not in USD$"):
        world.prepare(replace(ACCRUAL, lines=in_dollars))
    assert world.journals.read(ACCRUAL.posting_id) is None
    by_files = World(erp=replace(world.entity.erp, system="legacy_files"))
    assert by_files.prepare(replace(ACCRUAL, lines=in_dollars)).state is JournalState.AWAITING_APPROVAL


def test_a_legal_entity_that_nobody_knows_is_refused() -> None:
    with pytest.raises(JournalRefusedError, match="does not know acme-gmbh"):
        World().prepare(replace(ACCRUAL, legal_entity_id=LegalEntityId("acme-gmbh")))


def test_a_reversal_takes_back_what_its_original_books() -> None:
    world = World()
    world.prepare()
    world.decide()

    world.prepare(reversed_by(ACCRUAL))

    half = Money(ACCRUAL.net.amount / 2, currency("EUR"))
    by_half = replace(
        reversed_by(ACCRUAL),
        posting_id=PostingId("journal=accrual-10-half"),
        lines=tuple(
            replace(line, amount=half if line.amount.amount > 0 else -half) for line in reversed_by(ACCRUAL).lines
        ),
    )
    with pytest.raises(JournalRefusedError, match="it does not take back what journal=accrual-10 books"):
        world.prepare(by_half)


@pytest.mark.parametrize(
    "elsewhere", [{"customer_id": CustomerId("globex")}, {"dimensions": (("region", "us"),)}, {"customer_id": None}]
)
def test_what_is_taken_back_from_another_customer_or_dimension_reverses_nothing(elsewhere: dict[str, Any]) -> None:
    regions = DimensionMapping(field="region", values={ProductId("eu"): "EU", ProductId("us"): "US"})
    world = World(erp=replace(ENTITY.erp, accounts=ACCOUNTS, dimensions={"region": regions}))
    unbilled, revenue = ACCRUAL.lines
    of_acme = replace(unbilled, customer_id=CustomerId("acme"), dimensions=(("region", "eu"),))
    original = replace(ACCRUAL, lines=(of_acme, revenue))
    world.prepare(original)
    world.decide()
    back = reversed_by(original)

    with pytest.raises(JournalRefusedError, match="it does not take back what journal=accrual-10 books"):
        world.prepare(replace(back, lines=(replace(back.lines[0], **elsewhere), back.lines[1])))
    world.prepare(back)


def test_what_is_not_posted_is_not_reversed() -> None:
    world = World()

    with pytest.raises(JournalRefusedError, match="there is no journal=accrual-10 to reverse"):
        world.prepare(reversed_by(ACCRUAL))
    world.prepare()
    world.decide()
    (intent,) = world.intents.all()
    world.intents.settle(given_up_on(intent, "cancelled by fred", now=NOW))
    with pytest.raises(JournalRefusedError, match="was cancelled: there is nothing to reverse"):
        world.prepare(reversed_by(ACCRUAL))


def test_of_two_reversals_of_one_journal_the_second_is_refused_whoever_prepared_it_first() -> None:
    world = World()
    world.prepare()
    world.decide()
    world.prepare(a_reversal("back-a"))
    world.prepare(a_reversal("back-b"))

    world.decide(name=named("back-b"))

    with pytest.raises(JournalRefusedError, match="journal=accrual-10 is reversed by journal=back-b already"):
        world.decide(name=named("back-a"))
    with pytest.raises(JournalRefusedError, match="journal=accrual-10 is reversed by journal=back-b already"):
        world.prepare(a_reversal("back-c"))
    assert world.queue == ["journal=accrual-10", "journal=back-b"]


def test_a_reversal_that_is_approved_as_another_one_is_loses() -> None:
    world = World()
    world.prepare()
    world.decide()
    world.prepare(a_reversal("back-a"))
    world.prepare(a_reversal("back-b"))

    class Late:
        """Looks before the other one is stored, and stores after it."""

        def __getattr__(self, method: str) -> Any:
            return getattr(world.journals, method)

        def reversal_of(self, original: PostingId) -> PostingId | None:
            return None

    late = replace(world.recorder, journals=Late())
    world.decide(name=named("back-a"))

    with pytest.raises(JournalRefusedError, match="journal=accrual-10 is reversed by journal=back-a already"):
        late.decide(named("back-b"), ApprovalDecision(approved=True, decided_by=CLARA, decided_at=NOW))


def test_in_the_place_of_a_reversal_that_was_given_up_comes_another_and_only_one() -> None:
    world = World()
    world.prepare()
    world.decide()
    world.prepare(a_reversal("back-a"))
    world.decide(name=named("back-a"))
    given_up = world.intents.read(named("back-a").first_posting)
    assert given_up is not None
    world.intents.settle(given_up_on(given_up, "cancelled by fred", now=NOW))
    world.prepare(a_reversal("back-b"))
    world.prepare(a_reversal("back-c"))

    assert world.decide(name=named("back-b")).state is JournalState.APPROVED

    with pytest.raises(JournalRefusedError, match="journal=accrual-10 is reversed by journal=back-b already"):
        world.decide(name=named("back-c"))


def test_a_reversal_is_not_dated_before_its_original() -> None:
    world = World()
    world.prepare()
    world.decide()

    with pytest.raises(JournalRefusedError, match="it is dated before journal=accrual-10"):
        world.prepare(replace(reversed_by(ACCRUAL), posting_date=date(2026, 10, 1)))
