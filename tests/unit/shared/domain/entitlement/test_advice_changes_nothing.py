"""Entitlements are advice: with and without them the same is counted and the same is rated."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from shared.contracts.metered_rows import read_metered_rows
from shared.contracts.usage_rows import billable_row
from shared.domain.entitlement.entitlement import MeterEntitlement
from shared.domain.identifiers import MeterCode
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.subjects import accounts_of, subject_accounts
from shared.domain.metering.tally import tally
from shared.domain.rating.contract import RatedContract, rate_contract
from shared.domain.time_period import Period
from shared.domain.usage.billable import BillableUsage
from shared.domain.usage.enrichment import enrich
from shared.domain.usage.measurement import meters_by_event
from tests.builders.catalog import accepted, catalog
from tests.fakes.usage import as_bytes

MARCH = Period(datetime(2026, 3, 1, 5, tzinfo=UTC), datetime(2026, 4, 1, 4, tzinfo=UTC))
NOTHING_ALLOWED = MeterEntitlement(meter=MeterCode("api_calls"), limit=Decimal(0), overage=False)


def billed(known: Catalog) -> tuple[set[str], RatedContract]:
    """Return the advice on acme's events of March, and what they come to when they are rated."""
    plans = {plan.plan_id: plan for plan in known.plans}
    acme = subject_accounts(known)["acme"]
    outcomes = [
        outcome
        for number in range(150)
        for outcome in enrich(
            accepted(number), who=acme.at(MARCH.start), meters=meters_by_event(known.meters), plans=plans
        )
    ]
    billable = [outcome for outcome in outcomes if isinstance(outcome, BillableUsage)]
    rows = read_metered_rows(as_bytes([billable_row(one) for one in billable]))
    account = next(account for account in accounts_of(known) if account.customer.customer_id == "acme")
    rated = rate_contract(
        account=account, contract=account.contracts[0], plans=plans, billing_period=MARCH, windows=tally(rows)
    )
    return {one.entitlement.value for one in billable}, rated


def test_what_is_not_entitled_is_counted_and_billed_as_if_it_were() -> None:
    plain = catalog()
    refused = replace(plain, plans=tuple(replace(plan, entitlements=(NOTHING_ALLOWED,)) for plan in plain.plans))

    entitled, not_entitled = billed(plain), billed(refused)

    assert (entitled[0], not_entitled[0]) == ({"entitled"}, {"not_entitled"})
    assert entitled[1] == not_entitled[1]
    assert entitled[1].charges
