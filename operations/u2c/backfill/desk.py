"""A deployment's backfills, for an operator with AWS credentials: open, load, look, close, revert, list."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import boto3

from operations.u2c.backfill.effect import Effect, EffectKey, EffectOfBackfill, billed_already
from operations.u2c.backfill.file_parts import file_parts
from operations.u2c.invoked import invoker
from shared.adapters.dynamodb.backfills import DynamoBackfills
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.adapters.dynamodb.parked_usage import DynamoParkedUsage
from shared.adapters.dynamodb.usage_contracts import DynamoUsageContracts
from shared.adapters.s3.backfill_parts import S3BackfillParts
from shared.adapters.usage_standing import LedgerStanding
from shared.contracts.usage_event.registry import ContractReader
from shared.domain.archive.delivery import judge_with
from shared.domain.backfill.backfill import LOADABLE, Backfill, BackfillState, Decision
from shared.domain.identifiers import TenantId
from shared.domain.invoicing.invoice import Invoice
from shared.domain.metering.layout import BucketLayout
from shared.domain.usage.admission import AcceptanceHorizon
from shared.ports.backfills import BackfillError
from shared.runtime import aws


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """How far loading came: parts and events of the file so far, and how many parts were there before."""

    parts: int
    events: int
    known: int


class BackfillDesk:
    """`outputs` are those of the deployment's stacks; the function that closes backfills says the rest."""

    def __init__(self, outputs: Mapping[str, str]) -> None:
        self._close = invoker(outputs["CloseBackfillFunctionName"])
        settings = boto3.client("lambda").get_function_configuration(FunctionName=outputs["CloseBackfillFunctionName"])[
            "Environment"
        ]["Variables"]
        tenant, dynamodb = TenantId(settings["TENANT"]), aws.dynamodb()
        self.backfills = DynamoBackfills(dynamodb, settings["USAGE_REPAIRS_TABLE"], tenant)
        self._parts = S3BackfillParts(aws.s3(), settings["BACKFILLS_BUCKET"], tenant)
        self._layout = BucketLayout.parse(settings["BUCKET_LAYOUT"])
        self._horizon = AcceptanceHorizon.of(
            days=int(settings["ACCEPTANCE_HORIZON_DAYS"]), future_seconds=int(settings["FUTURE_TOLERANCE_SECONDS"])
        )
        self._master_data = DynamoMasterData(dynamodb, settings["MASTER_DATA_TABLE"], tenant)
        self._contracts = DynamoUsageContracts(dynamodb, settings["MASTER_DATA_TABLE"], tenant)
        self._standing = LedgerStanding(
            DynamoMeteringLedger(dynamodb, settings["METERING_LEDGER_TABLE"], tenant),
            self._layout,
            self._master_data,
            DynamoParkedUsage(dynamodb, settings["PARKED_USAGE_TABLE"], tenant),
        )
        self._invoices = DynamoInvoices(
            dynamodb, outputs["InvoicesTable"], tenant, postings_table=outputs["PostingsTable"]
        )

    def load(self, backfill_id: str, path: Path) -> Iterator[Loaded]:
        """Load a sound file, telling after each part how far it came. Raises BackfillError once it is too late."""
        self._require(backfill_id, LOADABLE)
        known = {part.name for part in self.backfills.parts(backfill_id, "")}
        so_far = Loaded(parts=0, events=0, known=0)
        for part, data in file_parts(path):
            if part.name not in known:
                self._parts.store(backfill_id, part, data)  # before it is said to be there
                self.backfills.add_part(backfill_id, part)
            so_far = Loaded(
                parts=so_far.parts + 1,
                events=so_far.events + part.events,
                known=so_far.known + (part.name in known),
            )
            yield so_far

    def look(self, backfill_id: str, now: datetime) -> tuple[Effect, Mapping[EffectKey, Invoice]]:
        """Return what closing it now would change, with the issued invoices that this would adjust."""
        backfill = self.backfills.read(backfill_id)
        judge = judge_with(ContractReader(self._contracts.published()), self._horizon)
        looked = EffectOfBackfill(
            standing=self._standing,
            master_data=self._master_data,
            home=self._layout.home,
            now=now,
        )
        arrived_at = backfill.ended.at if backfill.ended else now
        for part in self.backfills.parts(backfill_id, ""):
            data = self._parts.load(backfill_id, part)
            looked.add(list(judge([part.record(backfill_id, data, arrived_at)])))
        billed = billed_already(looked.effect.lines, lambda names: self._invoices.newest(list(names)))
        return looked.effect, billed

    def close(self, backfill_id: str, by: str) -> Iterator[Backfill]:
        """Close it, telling after each run how far it came. Raises InvocationFailedError; closing again goes on.

        Raises BackfillError for one that is reverted.
        """
        self._require(backfill_id, (*LOADABLE, BackfillState.CLOSING, BackfillState.CLOSED))
        while True:
            self._close({"backfill_id": backfill_id, "closed_by": by})
            backfill = self.backfills.read(backfill_id)
            yield backfill
            if backfill.progress.finished:
                return

    def revert(self, backfill_id: str, decision: Decision) -> Backfill:
        return self.backfills.revert(backfill_id, decision)

    def _require(self, backfill_id: str, states: Collection[BackfillState]) -> None:
        state = self.backfills.read(backfill_id).state
        if state not in states:
            raise BackfillError(f"backfill {backfill_id} is {state}")
