"""Anrok, API 1.1 (port TaxEngine): createEphemeral to quote, createOrUpdate to record, by an id made of our code.

Followed: the OpenAPI document that Anrok publishes. Never run against Anrok itself; what a second void answers is not
in it (docs/guides/tax.md).
"""

from collections.abc import Callable, Mapping
from datetime import date
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.adapters.tax.anrok_documents import (
    by_tax_point,
    is_the_inverse_of,
    tax_of,
    taxed_lines,
    transaction,
    transaction_id,
)
from shared.adapters.tax.connection import CallResult, TaxConnection, not_quoted
from shared.domain.master_data.tax_setup import TaxSetup
from shared.domain.money import Money
from shared.domain.tax.document import TaxDocument
from shared.domain.tax.needs import gaps, missing
from shared.domain.tax.outcome import (
    Frozen,
    Quotation,
    Quoted,
    Recorded,
    Recording,
    TaxedLine,
    TaxRefused,
    TaxUnavailable,
    TaxUncertain,
)

SECRET_FIELDS: Final = ("api_key",)
_TRANSACTIONS = "/v1/seller/transactions"
_FROZEN = "transactionFrozenForFiling"
_UNREADABLE = (MalformedReplyError, KeyError, TypeError, ValueError, ArithmeticError)
_WHAT_IS_MISSING = {
    "customerAddressCouldNotResolve": "Anrok cannot place the customer's address: complete it",
    "jurisNotFound": "Anrok knows no jurisdiction at the customer's address: correct it",
    "productExternalIdUnknown": "Anrok does not know the product id of a tax category: set it up there",
}


def authorization(secret: Mapping[str, str]) -> str:
    return f"Bearer {secret['api_key']}"


class Anrok:
    """One seller account."""

    def __init__(self, connection: TaxConnection, setup: TaxSetup) -> None:
        self._connection = connection
        self._setup = setup

    def quote(self, document: TaxDocument) -> Quotation:
        lacking = gaps(document, self._setup)
        if lacking:
            return Quoted((), lacking)
        lines: list[TaxedLine] = []
        for tax_point, part in by_tax_point(document):
            body = transaction(part, tax_point, self._setup)
            result = self._connection.post(f"{_TRANSACTIONS}/createEphemeral", body)
            if not isinstance(result, Reply):
                return not_quoted(result)
            if not result.succeeded:
                return _not_taxed(result)
            try:
                lines += taxed_lines(result.json(), part, self._setup)
            except _UNREADABLE:
                return TaxUnavailable("the reply is no calculation")
        return Quoted(tuple(sorted(lines, key=lambda line: line.line)))

    def commit(self, document: TaxDocument) -> Recording:
        return self._for_each_part(document, self._record)

    def void(self, document: TaxDocument) -> Recording:
        return self._for_each_part(document, lambda tax_point, _: self._void(document, tax_point))

    def refund(self, original: TaxDocument, credit: TaxDocument) -> Recording:
        charged = dict(by_tax_point(original))

        def refund_part(tax_point: date, part: TaxDocument) -> Recording:
            if tax_point in charged and is_the_inverse_of(part, charged[tax_point].lines):
                return self._negate(original, credit, tax_point)
            return self._record(tax_point, part)

        return self._for_each_part(credit, refund_part)

    def _for_each_part(self, document: TaxDocument, record: Callable[[date, TaxDocument], Recording]) -> Recording:
        """Record the parts one after the other; the first that is not stops it, and all are repeated safely."""
        taxes: list[Money] = []
        for tax_point, part in by_tax_point(document):
            outcome = record(tax_point, part)
            if not isinstance(outcome, Recorded):
                return outcome
            taxes += [] if outcome.tax is None else [outcome.tax]
        parts = len(list(by_tax_point(document)))
        return Recorded(sum(taxes[1:], start=taxes[0]) if taxes and len(taxes) == parts else None)

    def _record(self, tax_point: date, part: TaxDocument) -> Recording:
        body = {"id": transaction_id(part, tax_point), **transaction(part, tax_point, self._setup)}
        result = self._connection.post(f"{_TRANSACTIONS}/createOrUpdate", body)
        if not isinstance(result, Reply) or not result.succeeded:
            return _not_recorded(result)
        try:
            return Recorded(tax_of(result.json(), part.currency))
        except _UNREADABLE:
            return TaxUncertain("the reply is no transaction")

    def _void(self, document: TaxDocument, tax_point: date) -> Recording:
        name = quote(transaction_id(document, tax_point), safe=":")
        # What was voided before, or never came there, is where a void would have it.
        return self._done(f"{_TRANSACTIONS}/id:{name}/void", {}, unless="transactionIdNotFound")

    def _negate(self, original: TaxDocument, credit: TaxDocument, tax_point: date) -> Recording:
        body = {
            "originalTransactionId": transaction_id(original, tax_point),
            "newTransactionId": transaction_id(credit, tax_point),
        }
        return self._done(f"{_TRANSACTIONS}/createNegation", body, unless="duplicateTransactionId")

    def _done(self, path: str, body: Mapping[str, object], *, unless: str) -> Recording:
        """Do what answers nothing. The refusal `unless` says that it was done before."""
        result = self._connection.post(path, body)
        if isinstance(result, Reply) and result.succeeded:
            return Recorded()
        outcome = _not_recorded(result)
        return Recorded() if isinstance(outcome, TaxRefused) and outcome.code == unless else outcome


def _not_taxed(reply: Reply) -> Quotation:
    match _refusal(reply):
        case TaxRefused(code=code) if code in _WHAT_IS_MISSING:
            return Quoted((), (missing(_WHAT_IS_MISSING[code]),))
        case TaxUncertain(reason=reason):
            return TaxUnavailable(reason)
        case Frozen(text=text):
            return TaxRefused(_FROZEN, text)
        case refused:
            return refused


def _not_recorded(result: CallResult) -> Recording:
    return _refusal(result) if isinstance(result, Reply) else result


def _refusal(reply: Reply) -> Frozen | TaxRefused | TaxUnavailable | TaxUncertain:
    """Read what Anrok names a conflict by; a refusal of another shape is somebody else's."""
    if reply.status == HTTPStatus.BAD_REQUEST:
        return TaxRefused("400", reply.body[:500].decode("utf-8", "replace"))
    try:
        name = str(reply.json()["type"])
    except (MalformedReplyError, KeyError):
        return TaxUncertain(f"status {reply.status} without an error name")
    match name:
        case "transactionFrozenForFiling":
            return Frozen(name)
        case "externalServiceError":
            return TaxUnavailable(name)
        case _:
            return TaxRefused(name, name)
