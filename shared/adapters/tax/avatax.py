"""Avalara AvaTax, REST v2 (port TaxEngine): SalesOrder to quote, createoradjust to record, by the document's code.

Followed: the models and error codes that Avalara publishes with its SDKs. Never run against AvaTax itself, which may
differ above all in negative lines of a sale and in what a second void answers (docs/guides/tax.md).
"""

import base64
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.adapters.tax.avatax_documents import quotation, returned, sale, tax_of, taxed_lines
from shared.adapters.tax.connection import TaxConnection, not_quoted
from shared.domain.master_data.tax_setup import TaxSetup
from shared.domain.money import Currency
from shared.domain.tax.document import TaxDocument
from shared.domain.tax.needs import gaps, missing
from shared.domain.tax.outcome import (
    Frozen,
    Quotation,
    Quoted,
    Recorded,
    Recording,
    TaxRefused,
    TaxUnavailable,
    TaxUncertain,
)

SECRET_FIELDS: Final = ("account_id", "license_key")
_QUOTE = "/api/v2/transactions/create?$include=Lines,Details"
_RECORD = "/api/v2/transactions/createoradjust"
_LOCKED = "CannotModifyLockedTransaction"
_NOTHING_TO_VOID = {"TransactionAlreadyCancelled", "EntityNotFoundError"}
_OF_THE_ADDRESS = {
    "MissingAddress",
    "NotEnoughAddressesInfo",
    "InvalidAddress",
    "InvalidPostalCode",
    "InvalidCountry",
    "InvalidCountryRegion",
}
_UNREADABLE = (MalformedReplyError, KeyError, TypeError, ValueError, ArithmeticError)


def authorization(secret: Mapping[str, str]) -> str:
    text = f"{secret['account_id']}:{secret['license_key']}"
    return f"Basic {base64.b64encode(text.encode()).decode('ascii')}"


class AvaTax:
    """One company of one AvaTax account."""

    def __init__(self, connection: TaxConnection, setup: TaxSetup) -> None:
        self._connection = connection
        self._setup = setup

    def quote(self, document: TaxDocument) -> Quotation:
        lacking = gaps(document, self._setup)
        if lacking:
            return Quoted((), lacking)
        reply = self._connection.post(_QUOTE, quotation(document, self._setup))
        if not isinstance(reply, Reply):
            return not_quoted(reply)
        if not reply.succeeded:
            return _not_taxed(reply)
        try:
            return Quoted(taxed_lines(reply.json(), document, self._setup))
        except _UNREADABLE:
            return TaxUnavailable("the reply is no transaction with lines")

    def commit(self, document: TaxDocument) -> Recording:
        return self._record(sale(document, self._setup), document.currency)

    def void(self, document: TaxDocument) -> Recording:
        path = f"/api/v2/companies/{quote(self._setup.company, safe='')}/transactions/{document.code}/void"
        reply = self._connection.post(path, {"code": "DocVoided"})
        if not isinstance(reply, Reply):
            return reply
        if reply.succeeded:
            return Recorded()
        refused = _refusal(reply)
        # What was voided before, or never came there, is where a void would have it.
        return Recorded() if isinstance(refused, TaxRefused) and refused.code in _NOTHING_TO_VOID else refused

    def refund(self, original: TaxDocument, credit: TaxDocument) -> Recording:
        return self._record(returned(original, credit, self._setup), credit.currency)

    def _record(self, transaction: Mapping[str, object], currency: Currency) -> Recording:
        reply = self._connection.post(_RECORD, {"createTransactionModel": transaction})
        if not isinstance(reply, Reply):
            return reply
        if not reply.succeeded:
            return _refusal(reply)
        try:
            return Recorded(tax_of(reply.json(), currency))
        except _UNREADABLE:
            return TaxUncertain("the reply is no transaction")


def _not_taxed(reply: Reply) -> Quotation:
    match _refusal(reply):
        case TaxRefused(code=code, text=text) if code in _OF_THE_ADDRESS:
            return Quoted((), (missing(f"AvaTax cannot place an address: {text}"),))
        case TaxUncertain(reason=reason):
            return TaxUnavailable(reason)
        case Frozen(text=text):
            return TaxRefused(_LOCKED, text)
        case refused:
            return refused


def _refusal(reply: Reply) -> Frozen | TaxRefused | TaxUncertain:
    """Read AvaTax's own error code; a refusal without one is somebody else's, and says nothing about the document."""
    try:
        error = reply.json()["error"]
        code, text = str(error["code"]), str(error.get("message", ""))
        details = error.get("details") or [{}]
        codes = {code, *(str(detail.get("code", "")) for detail in details)}
    except (MalformedReplyError, KeyError, TypeError, AttributeError):
        return TaxUncertain(f"status {reply.status} without an error code")
    if _LOCKED in codes:
        return Frozen(text)
    known = codes & (_OF_THE_ADDRESS | _NOTHING_TO_VOID)
    return TaxRefused(min(known) if known else code, text)
