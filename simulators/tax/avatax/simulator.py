"""AvaTax REST v2, as far as the tax of sales needs it: create, createoradjust and void, by Basic authentication.

Followed, from what Avalara publishes with its SDKs: the addresses; a SalesOrder is worked out and not stored;
createoradjust adjusts a document whose code and type are known, as often as it is called; a locked one answers
CannotModifyLockedTransaction; the names of models and errors; a tax date of its own for a line. Inferred: statuses
201 and 200, a void of a voided document answers TransactionAlreadyCancelled, and one of none EntityNotFoundError
with 404. Never compared with AvaTax itself.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from simulators.http.exchange import Call, Operation, Reply, json_reply
from simulators.http.faults import NO_FAULTS, FaultInjector, FaultPlan
from simulators.http.front_door import FrontDoor
from simulators.http.web import make_app
from simulators.tax.avatax.dialect import AvaTaxDialect, refuse
from simulators.tax.avatax.transactions import worked_out
from simulators.tax.documents import RecordedDocument, inspection_routes
from simulators.tax.places import PlaceRate

_STORED = {"SalesInvoice", "ReturnInvoice"}


@dataclass(frozen=True, slots=True)
class AvaTaxCredentials:
    """The one account that may call (port Credentials): its id and its license key, by Basic authentication."""

    account_id: str
    license_key: str

    def accepts(self, call: Call) -> bool:
        scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        return scheme.lower() == "basic" and given == f"{self.account_id}:{self.license_key}"

    def revoke(self, call: Call) -> None:
        """Do nothing: a license key does not wear out."""


class AvaTaxSimulator:
    """One company. `now` is the only clock; only late commits follow it."""

    def __init__(
        self,
        *,
        company: str,
        credentials: AvaTaxCredentials,
        rates: Sequence[PlaceRate],
        now: Callable[[], datetime],
        faults: FaultPlan = NO_FAULTS,
    ) -> None:
        self.rates = list(rates)
        self.faults = FaultInjector(faults)
        self._company = company
        self._transactions: dict[tuple[str, str], dict[str, Any]] = {}
        self._door = FrontDoor(dialect=AvaTaxDialect(), credentials=credentials, faults=self.faults, now=now)
        self.app = make_app(door=self._door, operations=self._operations(), inspection=inspection_routes(self))

    def documents(self) -> tuple[RecordedDocument, ...]:
        """Return what is recorded, in the order in which it came."""
        with self._door.settled():
            return tuple(_document(one) for one in self._transactions.values())

    def freeze(self, code: str) -> None:
        """Lock a document, as one that is on a filed return."""
        with self._door.settled():
            for transaction in self._transactions.values():
                if transaction["code"] == code:
                    transaction["locked"] = True

    def _operations(self) -> list[Operation]:
        api = "/api/v2"
        return [
            Operation(name="create", method="POST", path=f"{api}/transactions/create", handler=self._create),
            Operation(
                name="create_or_adjust",
                method="POST",
                path=f"{api}/transactions/createoradjust",
                handler=self._create_or_adjust,
                writes=True,
            ),
            Operation(
                name="void",
                method="POST",
                path=f"{api}/companies/{{company}}/transactions/{{code}}/void",
                handler=self._void,
                writes=True,
            ),
        ]

    def _create(self, call: Call) -> Reply:
        """Work out an estimate. Storing by this call is left out: a second one of a code would be refused."""
        model = call.json_object()
        if model.get("type", "SalesOrder") in _STORED:
            raise refuse("AccountTypeNotSupported", "This simulator stores by createoradjust only.")
        return json_reply(201, self._worked_out(model))

    def _create_or_adjust(self, call: Call) -> Reply:
        body = call.json_object()
        model = body.get("createTransactionModel")
        if not isinstance(model, dict):
            raise refuse("ModelRequiredException", "createTransactionModel is required.")
        transaction = self._worked_out(model)
        if transaction["type"] not in _STORED:
            return json_reply(201, transaction)
        key = transaction["type"], transaction["code"]
        before = self._transactions.get(key)
        if before is not None and before["locked"]:
            raise refuse("CannotModifyLockedTransaction", "Modifying a locked document is not allowed.")
        version = before["version"] + 1 if before else 1
        status = "Committed" if model.get("commit") else "Saved"
        self._transactions[key] = transaction | {"status": status, "version": version}
        return json_reply(200 if before else 201, self._transactions[key])

    def _void(self, call: Call) -> Reply:
        if call.json_object().get("code") != "DocVoided":
            raise refuse("InvalidEnumValue", "code must be a VoidReasonCode.")
        kind = call.query.get("documentType", "SalesInvoice")
        transaction = self._transactions.get((kind, call.path["code"]))
        if call.path["company"] != self._company or transaction is None:
            raise refuse("EntityNotFoundError", "Document not found.", status=404)
        if transaction["locked"]:
            raise refuse("CannotModifyLockedTransaction", "Modifying a locked document is not allowed.")
        if transaction["status"] == "Cancelled":
            raise refuse("TransactionAlreadyCancelled", "The transaction has already been cancelled.")
        transaction["status"] = "Cancelled"
        return json_reply(200, transaction)

    def _worked_out(self, model: dict[str, Any]) -> dict[str, Any]:
        transaction = worked_out(model, self.rates)
        if model["companyCode"] != self._company:
            raise refuse("EntityNotFoundError", f"Company {model['companyCode']} not found.", status=404)
        return transaction


def _document(transaction: dict[str, Any]) -> RecordedDocument:
    return RecordedDocument(
        code=transaction["code"],
        kind=transaction["type"],
        status="voided" if transaction["status"] == "Cancelled" else transaction["status"].lower(),
        frozen=transaction["locked"],
        document_date=date.fromisoformat(transaction["date"]),
        currency=transaction["currencyCode"],
        net=transaction["totalAmount"],
        tax=transaction["totalTax"],
        version=transaction["version"],
        reference=transaction["referenceCode"],
    )
