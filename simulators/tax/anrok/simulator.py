"""Anrok API 1.1, as far as the tax of sales needs it: createEphemeral, createOrUpdate, createNegation and void.

Followed, from Anrok's OpenAPI document: everything is a POST with a bearer key; an id is unique over the account;
createOrUpdate of a known id makes a new version; a transaction on a filed return answers transactionFrozenForFiling;
a negation under a known id answers duplicateTransactionId; 429 with Retry-After. Inferred: a void of a voided
transaction answers transactionIdNotFound. Never compared with Anrok itself.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from simulators.http.exchange import Call, Operation, Reply, json_reply
from simulators.http.faults import NO_FAULTS, FaultInjector, FaultPlan
from simulators.http.front_door import FrontDoor
from simulators.http.web import make_app
from simulators.tax.anrok.calculation import calculated
from simulators.tax.anrok.dialect import AnrokDialect, bad_request, conflict
from simulators.tax.documents import RecordedDocument, inspection_routes
from simulators.tax.places import PlaceRate, minor_digits

TRANSACTIONS = "/v1/seller/transactions"


@dataclass(frozen=True, slots=True)
class _ApiKey:
    key: str

    def accepts(self, call: Call) -> bool:
        return call.bearer == self.key

    def revoke(self, call: Call) -> None:
        """Do nothing: an API key does not wear out."""


class AnrokSimulator:
    """One seller account. `now` is the only clock; only late commits follow it."""

    def __init__(
        self,
        *,
        api_key: str,
        products: Collection[str],
        seller_country: str,
        rates: Sequence[PlaceRate],
        now: Callable[[], datetime],
        faults: FaultPlan = NO_FAULTS,
    ) -> None:
        self.rates = list(rates)
        self.faults = FaultInjector(faults)
        self._products = frozenset(products)
        self._seller_country = seller_country
        self._transactions: dict[str, RecordedDocument] = {}
        self._door = FrontDoor(dialect=AnrokDialect(), credentials=_ApiKey(api_key), faults=self.faults, now=now)
        self.app = make_app(door=self._door, operations=self._operations(), inspection=inspection_routes(self))

    def documents(self) -> tuple[RecordedDocument, ...]:
        """Return what is recorded, in the order in which it came."""
        with self._door.settled():
            return tuple(self._transactions.values())

    def freeze(self, code: str) -> None:
        """Put the transactions whose id begins so on a filed return."""
        with self._door.settled():
            for name, transaction in self._transactions.items():
                if name.startswith(code):
                    self._transactions[name] = replace(transaction, frozen=True)

    def _operations(self) -> list[Operation]:
        return [
            Operation(
                name="create_ephemeral",
                method="POST",
                path=f"{TRANSACTIONS}/createEphemeral",
                handler=self._create_ephemeral,
            ),
            Operation(
                name="create_or_update",
                method="POST",
                path=f"{TRANSACTIONS}/createOrUpdate",
                handler=self._create_or_update,
                writes=True,
            ),
            Operation(
                name="create_negation",
                method="POST",
                path=f"{TRANSACTIONS}/createNegation",
                handler=self._create_negation,
                writes=True,
            ),
            Operation(
                name="void", method="POST", path=f"{TRANSACTIONS}/id:{{name}}/void", handler=self._void, writes=True
            ),
        ]

    def _create_ephemeral(self, call: Call) -> Reply:
        return json_reply(200, self._calculated(call.json_object()))

    def _create_or_update(self, call: Call) -> Reply:
        body = call.json_object()
        name = body.get("id")
        if not isinstance(name, str) or not name:
            raise bad_request('Request body: "id": Required.')
        result = self._calculated(body)
        before = self._transactions.get(name)
        if before is not None and before.frozen:
            raise conflict("transactionFrozenForFiling")
        version = before.version + 1 if before else 1
        self._transactions[name] = _document(name, body, result, version)
        return json_reply(200, result | {"version": version})

    def _create_negation(self, call: Call) -> Reply:
        body = call.json_object()
        original = self._transactions.get(body.get("originalTransactionId", ""))
        if "newTransactionId" not in body:
            raise bad_request('Request body: "newTransactionId": Required.')
        if original is None or original.status == "voided":
            raise conflict("transactionIdNotFound")
        expected = body.get("originalTransactionExpectedVersion", original.version)
        if expected != original.version:
            raise conflict("transactionExpectedVersionMismatch")
        if original.reference:
            raise conflict("transactionIsAlreadyANegation")
        name = body["newTransactionId"]
        if name in self._transactions:
            raise conflict("duplicateTransactionId")
        self._transactions[name] = replace(
            original,
            code=name,
            kind="negation",
            frozen=False,
            net=-original.net,
            tax=-original.tax,
            version=1,
            reference=original.code,
        )
        return json_reply(200, {})

    def _void(self, call: Call) -> Reply:
        name = call.path["name"]
        transaction = self._transactions.get(name)
        if transaction is None or transaction.status == "voided":
            raise conflict("transactionIdNotFound")
        if call.json_object().get("transactionExpectedVersion", transaction.version) != transaction.version:
            raise conflict("transactionExpectedVersionMismatch")
        if transaction.frozen:
            raise conflict("transactionFrozenForFiling")
        self._transactions[name] = replace(transaction, status="voided")
        return json_reply(200, {})

    def _calculated(self, body: dict[str, Any]) -> dict[str, Any]:
        return calculated(body, rates=self.rates, products=self._products, seller_country=self._seller_country)


def _document(name: str, body: dict[str, Any], result: dict[str, Any], version: int) -> RecordedDocument:
    unit = Decimal(1).scaleb(-minor_digits(body["currencyCode"]))
    return RecordedDocument(
        code=name,
        kind="transaction",
        status="committed",
        frozen=False,
        document_date=date.fromisoformat(body["accountingDate"]),
        currency=body["currencyCode"].upper(),
        net=sum(item["amount"] for item in body["lineItems"]) * unit,
        tax=result["taxAmountToCollect"] * unit,
        version=version,
        reference="",
    )
