"""Webhook subscriptions to the lists that settlements are read from: made, and renewed before their three days end.

Creating and renewing both have Business Central call the address first and expect its validation token back.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from shared.adapters.erp.business_central.company import Company, Row
from shared.adapters.erp.business_central.documents import SALES_DOCUMENTS
from shared.adapters.erp.reply_classes import why_not_read
from shared.adapters.erp.session import CallResult
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import Notices, NoticesRenewed

_SUBSCRIPTIONS: Final = "/subscriptions"
_DONE: Final = {HTTPStatus.OK, HTTPStatus.CREATED}


def renew_notices(company: Company, url: str, token: str) -> Notices:
    """Renew each subscription of this address, whatever is left of it, since this also brings a changed token there."""
    rows = _subscriptions(company)
    if isinstance(rows, LookupFailed):
        return rows
    created = renewed = 0
    for resource in _resources(company):
        wanted = {"notificationUrl": url, "resource": resource, "clientState": token}
        found = next((row for row in rows if _is_of(row, url, resource)), None)
        failure = _create(company, wanted) if found is None else _renew(company, found, wanted)
        if failure is not None:
            return failure
        created, renewed = created + (found is None), renewed + (found is not None)
    return NoticesRenewed(created=created, renewed=renewed)


def _resources(company: Company) -> Iterator[str]:
    for of in SALES_DOCUMENTS.values():
        yield f"/api/v2.0{company.address}/{of.collection}"


def _subscriptions(company: Company) -> list[Row] | LookupFailed:
    result = company.session.call("GET", _SUBSCRIPTIONS)
    if not isinstance(result, Reply) or result.status != HTTPStatus.OK:
        return LookupFailed(f"the subscriptions could not be read: {why_not_read(result)}")
    try:
        rows: Any = result.json().get("value")
    except MalformedReplyError as error:
        return LookupFailed(f"the subscriptions could not be read: {error}")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return LookupFailed("the subscriptions could not be read: the reply is no list of objects")
    return rows


def _is_of(row: Row, url: str, resource: str) -> bool:
    """Tell whether a subscription is ours. It may name its resource with the server, in other letters, or unslashed."""
    told = str(row.get("resource", "")).lower().rstrip("/")
    return row.get("notificationUrl") == url and told.endswith(resource.lower().removeprefix("/api/v2.0/"))


def _create(company: Company, wanted: Row) -> LookupFailed | None:
    return _failure(company.session.call("POST", _SUBSCRIPTIONS, body=wanted), wanted)


def _renew(company: Company, row: Row, wanted: Row) -> LookupFailed | None:
    key, etag = row.get("subscriptionId"), row.get("@odata.etag")
    if not isinstance(key, str) or not isinstance(etag, str):
        return LookupFailed("a subscription has no id or no etag")
    path = f"{_SUBSCRIPTIONS}('{quote(key, safe='')}')"
    return _failure(company.session.call("PATCH", path, body=wanted, headers={"If-Match": etag}), wanted)


def _failure(result: CallResult, wanted: Row) -> LookupFailed | None:
    """Return why there is no subscription; a page to sign in at also has status 200."""
    why = why_not_read(result)
    if isinstance(result, Reply) and result.status in _DONE:
        try:
            if "subscriptionId" in result.json():
                return None
            why = "the reply is no subscription"
        except MalformedReplyError as error:
            why = str(error)
    return LookupFailed(f"no subscription to {wanted['resource']}: {why}")
