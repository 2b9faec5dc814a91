"""Select what a bill run invoices. The first selection of a bill run is stored and counts for every repeat."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from shared.domain.identifiers import CatalogVersion, ContractId, CustomerId, InvoiceId, PostingId
from shared.domain.invoicing.bill_run import (
    FINISHED_STATES,
    NO_CATALOG,
    BillingAccount,
    BillRunSelection,
    bill_run_id,
    ended_billing_periods,
    is_due,
)
from shared.domain.invoicing.billing_progress import progress_after, to_look_at
from shared.domain.invoicing.consolidation import waits_for_its_lead
from shared.domain.invoicing.invoice import Invoice, InvoiceState, invoice_id
from shared.domain.invoicing.months_to_verify import months_ended_lately, months_of_due
from shared.domain.invoicing.parking import is_parked
from shared.domain.invoicing.revisions import revision_to_bill
from shared.domain.invoicing.voiding import voided
from shared.domain.master_data.catalog import NO_GRACE, CustomerAccount
from shared.domain.posting.intent import IntentState
from shared.domain.time_period import BillingPeriod, format_instant
from shared.ports.bill_runs import BillRuns
from shared.ports.billing_progress import BillingProgresses
from shared.ports.customer_usage import CustomerUsage
from shared.ports.invoices import Invoices
from shared.ports.master_data import MasterData
from shared.ports.parked_accounts import ParkedAccounts
from shared.ports.posting_intents import PostingIntents

ACCOUNTS_A_BATCH = 40  # a start is one call or two: far within the time-out of start_invoices
CUSTOMERS_AT_ONCE = 100  # what one call reads
MOST_PERIODS_WAITED_FOR = 12  # shown to a reader, who needs the beginning


@dataclass(slots=True)
class _Found:
    due: list[BillingAccount] = field(default_factory=list)
    months: set[BillingPeriod] = field(default_factory=set)
    unsealed: set[str] = field(default_factory=set)
    in_grace: set[str] = field(default_factory=set)
    parked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingAccountSelector:
    master_data: MasterData
    usage: CustomerUsage
    invoices: Invoices
    bill_runs: BillRuns
    progresses: BillingProgresses
    parked: ParkedAccounts
    intents: PostingIntents

    def select(self, as_of: datetime) -> BillRunSelection:
        """Return the bill run's selection: every sealed billing period that ended by `as_of` (UTC) and is due."""
        stored = self.bill_runs.selection(bill_run_id(as_of))
        if stored is not None:
            return stored
        version = self.master_data.version()
        if version is None:
            return self._save(as_of, NO_CATALOG, _Found(), waiting_for=["a published catalogue"])
        sealed_through = self.usage.sealed_through()
        parked = {one.invoice_id for one in self.parked.every() if is_parked(one, catalog_version=version)}
        found = _Found()
        customer_ids = iter(sorted(self.master_data.customer_ids()))
        while some := list(islice(customer_ids, CUSTOMERS_AT_ONCE)):
            known = self.master_data.accounts(some)
            accounts = {one: known[one] for one in some if one in known}
            due = len(found.due)
            ended = _ended(accounts.values(), as_of)
            graces = self._graces(accounts.values())
            leads = {one.contract_id: one.invoiced_with for of in accounts.values() for one in of.contracts}
            self._find(
                ended,
                graces,
                leads,
                as_of,
                version=version,
                sealed_through=sealed_through,
                parked=parked,
                found=found,
            )
            if sealed_through is not None:
                found.months.update(_months(accounts, found.due[due:], sealed_through))
        reached = format_instant(sealed_through) if sealed_through else "never"
        unsealed = [f"usage of {name}: sealed through {reached}" for name in sorted(found.unsealed)]
        waiting_for = [*unsealed, *sorted(found.in_grace)][:MOST_PERIODS_WAITED_FOR]
        return self._save(as_of, version, found, waiting_for=waiting_for)

    def _graces(self, accounts: Iterable[CustomerAccount]) -> Mapping[ContractId, timedelta]:
        """Return how long after the end of a billing period each contract's invoice is drafted."""
        graces = {}
        for contract in (one for account in accounts for one in account.contracts):
            entity = self.master_data.legal_entity(contract.legal_entity_id)
            graces[contract.contract_id] = contract.drafted_after(entity) if entity else NO_GRACE
        return graces

    def _find(
        self,
        ended: dict[ContractId, list[BillingAccount]],
        graces: Mapping[ContractId, timedelta],
        leads: Mapping[ContractId, ContractId | None],
        as_of: datetime,
        *,
        version: CatalogVersion,
        sealed_through: datetime | None,
        parked: Collection[InvoiceId],
        found: _Found,
    ) -> None:
        """Look at what may not be finished, which is little however old the contracts are, and remember how far it is.

        What is remembered is saved before the selection: lost with it, it is found again.
        """
        known = self.progresses.read_many(list(ended))
        candidates = {one: to_look_at(periods, known.get(one)) for one, periods in ended.items()}
        looked_at = [account for accounts in candidates.values() for account in accounts]
        invoices = self._after_reversals(self.invoices.newest([one.invoice_id for one in looked_at]))
        unfinished = {
            one.invoice_id
            for one in looked_at
            if (invoice := invoices.get(one.invoice_id)) is None or invoice.state not in FINISHED_STATES
        }
        after = (progress_after(periods, unfinished, known=known.get(one)) for one, periods in ended.items())
        self.progresses.save_many([one for one in after if one is not None and one != known.get(one.contract_id)])
        left_to_leads = self._left_to_leads([one for one in looked_at if one.invoice_id in unfinished], leads, invoices)
        for account in looked_at:
            invoice = invoices.get(account.invoice_id)
            if account.invoice_id in left_to_leads or not is_due(invoice, catalog_version=version):
                continue
            if sealed_through is None or account.billing_period.end > sealed_through:
                found.unsealed.add(account.billing_period.name)
            elif (drafted_from := account.billing_period.end + graces[account.contract_id]) > as_of:
                until = format_instant(drafted_from)
                found.in_grace.add(f"late usage of {account.billing_period.name}: in grace until {until}")
            elif account.invoice_id in parked:
                found.parked += 1
            else:
                found.due.append(replace(account, revision=revision_to_bill(invoice)))

    def _left_to_leads(
        self,
        unfinished: Iterable[BillingAccount],
        leads: Mapping[ContractId, ContractId | None],
        invoices: Mapping[InvoiceId, Invoice],
    ) -> Collection[InvoiceId]:
        """Return the billing periods of members that the invoices of their leads bill."""
        of_lead = {
            one.invoice_id: invoice_id(lead, one.billing_period)
            for one in unfinished
            if (lead := leads[one.contract_id]) is not None
        }
        known = self.invoices.newest(list(of_lead.values())) if of_lead else {}
        return {name for name, lead in of_lead.items() if waits_for_its_lead(invoices.get(name), known.get(lead))}

    def _after_reversals(self, newest: Mapping[InvoiceId, Invoice]) -> Mapping[InvoiceId, Invoice]:
        """Return them with those voided, and stored so, whose reversal is settled by now.

        That is in the ERP's ledger; or given up, where the ledger does not have the invoice either.
        """
        posted = {name: voided(one) for name, one in newest.items() if self._is_reversed(one)}
        for one in posted.values():
            stored = self.invoices.read(one.invoice_id, one.revision)
            if stored is not None and stored.invoice.state is InvoiceState.VOIDING:
                self.invoices.save(replace(stored, invoice=one, version=stored.version + 1))
        return {**newest, **posted}

    def _is_reversed(self, invoice: Invoice) -> bool:
        if invoice.state is not InvoiceState.VOIDING or invoice.voided is None:
            return False
        postings = self.intents.chain(PostingId(invoice.voided.by))
        return bool(postings) and postings[-1].state in {IntentState.POSTED, IntentState.CANCELLED}

    def _save(
        self, as_of: datetime, version: CatalogVersion, found: _Found, *, waiting_for: Iterable[str]
    ) -> BillRunSelection:
        run, due = bill_run_id(as_of), found.due
        batches = [
            self.bill_runs.add_batch(run, due[start : start + ACCOUNTS_A_BATCH])
            for start in range(0, len(due), ACCOUNTS_A_BATCH)
        ]
        return self.bill_runs.save_selection(
            BillRunSelection(
                bill_run_id=run,
                as_of=as_of,
                waiting_for=tuple(waiting_for),
                periods=tuple(sorted(found.months, key=lambda month: (month.start, month.end))),
                batches=tuple(batches),
                catalog_version=version,
                parked=found.parked,
            )
        )


def _ended(accounts: Iterable[CustomerAccount], as_of: datetime) -> dict[ContractId, list[BillingAccount]]:
    by_contract: dict[ContractId, list[BillingAccount]] = {}
    for account in accounts:
        for one in ended_billing_periods(account, as_of=as_of):
            by_contract.setdefault(one.contract_id, []).append(one)
    return by_contract


def _months(
    accounts: Mapping[CustomerId, CustomerAccount], due: Iterable[BillingAccount], sealed_through: datetime
) -> Iterator[BillingPeriod]:
    """Yield the calendar months of usage to verify."""
    for one in due:
        zone = accounts[one.customer_id].customer.time_zone
        yield from months_of_due(one.billing_period, zone, sealed_through=sealed_through)
    for account in accounts.values():
        for contract in account.contracts:
            yield from months_ended_lately(contract, account.customer.time_zone, sealed_through=sealed_through)
