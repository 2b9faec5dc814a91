"""The lines before the ERPs in DynamoDB (port CallPacing): one item a connection, changed by conditional updates only.

A turn costs one write: it takes the slot, renews the lease of the permit and looks at the hold at once. A second one
follows where the caller was wrong about the line, which it remembers from its last write, or another was faster. A
grant of several slots would cost less and would be paid for in refusals, since its owner hears of no rest before the
grant is used up.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from shared.adapters.dynamodb.call_pacing_items import Change, Item, line_of, permit_names
from shared.domain.identifiers import TenantId
from shared.domain.posting.pacing import (
    PERMIT_LEASE,
    Answer,
    Caller,
    CallLimits,
    Line,
    NotYet,
    Turn,
    Usage,
    Waiting,
    given_back,
    rested,
    turn_of,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST_TRIES = 5
_CREDENTIALS_DIFFER = "(attribute_not_exists(held_credentials) OR held_credentials <> :credentials)"
_END_HOLD = ("held_credentials", "held_since", "held_reason")


class DynamoCallPacing:
    """The lines of one tenant. One for each process: it remembers what its last writes showed."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant
        self._seen: dict[str, Line] = {}

    def take(
        self, connection: str, caller: Caller, limits: CallLimits, *, now: datetime, patience: timedelta
    ) -> Answer:
        line, is_fresh = self._seen.get(connection, Line()), False
        for _ in range(_MOST_TRIES):
            turn = turn_of(caller, line, limits, now=now, patience=patience)
            if isinstance(turn, NotYet):
                if is_fresh:
                    return turn
                line = self.line(connection)
            else:
                is_taken, line = self._write(connection, _taking(turn, caller, line, limits, now, now + patience))
                if is_taken:
                    return Turn(at=max(line.next_slot - limits.spacing, now), permit=turn.permit, crowded=turn.crowded)
            is_fresh = True
        return NotYet(waiting_for=Waiting.SLOT)  # others were faster, each time

    def rest(self, connection: str, *, called_at: datetime, retry_after: timedelta | None, now: datetime) -> None:
        for _ in range(_MOST_TRIES):
            line = rested(self.line(connection), called_at=called_at, retry_after=retry_after, now=now)
            change = Change(
                sets={
                    "next_slot": line.next_slot,
                    "strikes": line.strikes,
                    "struck_at": line.struck_at,
                    "rests_until": line.rests_until,
                },
                conditions=["(attribute_not_exists(next_slot) OR next_slot <= :next_slot)"],
            )
            if self._write(connection, change)[0]:
                return

    def hold(self, connection: str, caller: Caller, *, reason: str, now: datetime) -> None:
        change = Change(
            sets={"held_credentials": caller.credentials, "held_since": now, "held_reason": reason},
            values={"credentials": caller.credentials},
            conditions=[_CREDENTIALS_DIFFER],
        )
        self._write(connection, change)

    def resume(self, connection: str) -> bool:
        change = Change(removes=_END_HOLD, conditions=["attribute_exists(held_credentials)"])
        return self._write(connection, change)[0]

    def give_back(self, connection: str, caller: Caller, usage: Usage | None, *, now: datetime) -> None:
        line = self._seen.get(connection, Line())
        mine = [number for number, permit in line.permits.items() if permit.holder == caller.name]
        if not mine:
            return
        holder, until = permit_names(mine[0])
        change = Change(removes=(holder, until), values={"me": caller.name}, conditions=[f"{holder} = :me"])
        after = given_back(line, caller, usage, now=now)
        if usage is not None and after.usage is not None:
            change.sets |= {"usage_calls": after.usage.calls, "usage_seconds": after.usage.seconds, "served_at": now}
        self._write(connection, change)

    def line(self, connection: str) -> Line:
        reply = self._client.get_item(TableName=self._table, Key=self._key(connection), ConsistentRead=True)
        self._seen[connection] = line = line_of(reply.get("Item", {}))
        return line

    def _write(self, connection: str, change: Change) -> tuple[bool, Line]:
        """Return whether the conditions held, and the line as it is now."""
        try:
            reply = self._client.update_item(
                TableName=self._table,
                Key=self._key(connection),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **change.expressions(),
            )
            is_written, item = True, cast("Item", reply["Attributes"])
        except self._client.exceptions.ConditionalCheckFailedException as error:
            is_written, item = False, cast("Item", error.response).get("Item", {})
        self._seen[connection] = line = line_of(item)
        return is_written, line

    def _key(self, connection: str) -> Item:
        return {"pk": {"S": f"{self._tenant}#connection#{connection}"}, "sk": {"S": "line"}}


def _taking(turn: Turn, caller: Caller, line: Line, limits: CallLimits, now: datetime, latest: datetime) -> Change:
    holder, until = permit_names(turn.permit)
    change = Change(
        sets={holder: caller.name, until: turn.at + PERMIT_LEASE},
        values={"now": now, "credentials": caller.credentials},
        conditions=[
            f"(attribute_not_exists({until}) OR {until} <= :now OR {holder} = :{holder})",
            _CREDENTIALS_DIFFER,
        ],
        removes=_END_HOLD if line.hold else (),
    )
    oldest = now - limits.burst_allowance
    if not limits.spacing:
        change.values["latest"] = latest
        change.conditions.append("(attribute_not_exists(next_slot) OR next_slot <= :latest)")
    elif line.next_slot > oldest:
        change.values |= {"oldest": oldest, "latest": latest}
        change.adds["next_slot"] = limits.spacing
        change.conditions.append("next_slot > :oldest AND next_slot <= :latest")
    else:
        change.values["oldest"] = oldest
        change.sets["next_slot"] = oldest + limits.spacing
        change.conditions.append("(attribute_not_exists(next_slot) OR next_slot <= :oldest)")
    return change
