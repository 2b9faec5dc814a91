"""Sales orders in NetSuite, SuiteTalk REST (port SalesOrders): one record a contract, upserted by its external id.

Each line is the item that the setting `sales_order_item` names, at nothing, with what is agreed in words. The memo has
the revision: NetSuite checks none by itself, so it is read before an order is written.
"""

import re
from http import HTTPStatus
from typing import Final

from shared.adapters.erp.netsuite.customers import STRICT, customer_external_id, ensure_customer
from shared.adapters.erp.netsuite.errors import after_failed_call, is_absent
from shared.adapters.erp.reply_classes import why_not_read
from shared.adapters.erp.session import CallResult, ErpSession
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.outcome import AuthFailed, Duplicate, Rejected, Submission, Throttled, Uncertain
from shared.domain.posting.sales_order import OrderRefused, OrderUnavailable, OrderWriting, OrderWritten, SalesOrder

ITEM_SETTING: Final = "sales_order_item"
_ORDER: Final = "/record/v1/salesOrder"
_MEMO: Final = re.compile(r".*, revision ([0-9]+)")
_MAX_TEXT: Final = 999


class NetSuiteSalesOrders:
    """The sales orders of one subsidiary of one NetSuite account."""

    def __init__(self, session: ErpSession, entity: LegalEntity) -> None:
        self._session = session
        self._entity = entity

    def write(self, order: SalesOrder) -> OrderWriting:
        refusal = self._unfit(order)
        if refusal is not None:
            return refusal
        address = f"{_ORDER}/eid:{order.external_ref}"
        held = _revision(self._session.call("GET", address))
        if isinstance(held, OrderUnavailable):
            return held
        if held is not None and held >= order.revision:
            return OrderWritten()
        not_ready = ensure_customer(self._session, order.party, order.currency.code, self._entity)
        if not_ready is not None:
            return _failed(not_ready)
        # Without `replace` the lines would be added to those that are there.
        result = self._session.call("PUT", f"{address}?replace=item", body=self._fields(order), headers=STRICT)
        if isinstance(result, Reply) and result.succeeded:
            return OrderWritten()
        return _failed(after_failed_call(result))

    def _unfit(self, order: SalesOrder) -> OrderRefused | None:
        code = order.currency.code
        if code not in self._entity.erp.currencies:
            return OrderRefused(f"no mapping for currency {code}")
        longest = max((len(line.description) for line in order.lines), default=0)
        if longest > _MAX_TEXT:
            return OrderRefused(f"a line of {longest} characters; NetSuite takes {_MAX_TEXT}")
        return None

    def _fields(self, order: SalesOrder) -> dict[str, object]:
        erp = self._entity.erp
        item = {"id": erp.settings[ITEM_SETTING]}
        return {
            "entity": {"externalId": customer_external_id(order.party, order.currency.code, self._entity)},
            "subsidiary": {"id": erp.company},
            "currency": {"id": erp.currencies[order.currency.code]},
            "tranDate": order.agreed_on.isoformat(),
            "memo": f"{order.contract_id}, revision {order.revision}",
            "otherRefNum": order.purchase_order or None,  # a field that is left out would stay as it is
            "item": {
                "items": [
                    {
                        "item": item,
                        "quantity": line.quantity,
                        "rate": 0,
                        "amount": 0,
                        "description": line.description,
                    }
                    for line in order.lines
                ]
            },
        }


def _revision(result: CallResult) -> int | OrderUnavailable | None:
    """Return the revision of the order that is there; None where there is none, or one without our memo."""
    if isinstance(result, Reply) and is_absent(result):
        return None
    if not isinstance(result, Reply) or result.status != HTTPStatus.OK:
        return OrderUnavailable(why_not_read(result))
    try:
        found = _MEMO.fullmatch(str(result.json().get("memo", "")))
    except MalformedReplyError:
        return OrderUnavailable("the reply is no record")
    return int(found[1]) if found else None


def _failed(outcome: Submission) -> OrderWriting:
    match outcome:
        case Rejected(code=code, text=text):
            return OrderRefused(f"{code}: {text}")
        case AuthFailed(text=text) | Uncertain(text):
            return OrderUnavailable(text)
        case Throttled():
            return OrderUnavailable("the ERP is busy")
        case Duplicate():
            return OrderUnavailable("somebody else writes the order")
        case _:
            return OrderUnavailable(f"an unexpected outcome: {type(outcome).__name__}")
