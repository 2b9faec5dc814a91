"""Reads of OData V2 services: filters written safely, pages followed to the end, dates in their old form."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from shared.adapters.erp.reply_classes import not_read, why_not_read
from shared.adapters.erp.sap_s4hana.session import SapSession
from shared.adapters.erp.session import CallResult
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import LookupFailed, Unreached

ODATA: Final = "/sap/opu/odata/sap"
PAGE: Final = 1_000
_MOST_PAGES = 20
_WORDS_MAX = 300
_DATE = re.compile(r"/Date\((-?[0-9]+)(?:[+-][0-9]{4})?\)/")

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unread:
    """A read without an answer: what came of the call, and why in words."""

    result: CallResult
    reason: str

    def as_failure(self) -> LookupFailed:
        failed = not_read(self.result)
        return failed if isinstance(failed, Unreached) else LookupFailed(self.reason)


def text(value: str) -> str:
    """Return a text as a literal of a filter."""
    return "'" + value.replace("'", "''") + "'"


def day(value: date) -> str:
    """Return a day as a literal of a filter."""
    return f"datetime'{value.isoformat()}T00:00:00'"


def any_of(name: str, values: Sequence[str]) -> str:
    return "(" + " or ".join(f"{name} eq {text(value)}" for value in values) + ")"


def read_day(value: object) -> date:
    """Return the day of a date in an answer; raises ValueError for anything else."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{value!r} is no date")
    return datetime.fromtimestamp(int(found[1]) / 1000, UTC).date()


def read_rows(
    session: SapSession, entity_set: str, *, where: str, fields: Sequence[str], by: Sequence[str], expand: str = ""
) -> list[Row] | LookupFailed:
    """Return all entities that a filter selects, in an order that tells them apart so that no page leaves one out."""
    rows: list[Row] = []
    for page in range(_MOST_PAGES):
        found = read_page(
            session, entity_set, where=where, fields=fields, by=by, expand=expand, skip=page * PAGE, top=PAGE
        )
        if isinstance(found, Unread):
            return found.as_failure()
        rows += found
        if len(found) < PAGE:
            return rows
    return LookupFailed(f"more than {len(rows)} entries of {entity_set.rpartition('/')[2]}")


def read_page(
    session: SapSession,
    entity_set: str,
    *,
    where: str,
    fields: Sequence[str],
    by: Sequence[str],
    top: int,
    skip: int = 0,
    expand: str = "",
) -> list[Row] | Unread:
    options = {
        "$filter": where,
        "$select": ",".join(fields),
        "$expand": expand,
        "$orderby": ",".join(by),
        "$top": str(top),
        "$skip": str(skip),
        "$format": "json",
    }
    query = "&".join(f"{name}={quote(value, safe=',')}" for name, value in options.items() if value)
    result = session.read(f"{ODATA}/{entity_set}?{query}")
    if not isinstance(result, Reply) or result.status != HTTPStatus.OK:
        return Unread(result, _why(result))
    try:
        page = result.json()["d"]
        rows, is_cut = page["results"], "__next" in page
    except (MalformedReplyError, KeyError, TypeError):
        return Unread(result, "the reply is no list")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return Unread(result, "the reply is no list of entities")
    if is_cut and len(rows) < top:
        return Unread(result, "the service shows a part of what it was asked for")
    return rows


def _why(result: CallResult) -> str:
    """Return why there is no answer, with SAP's own words where it has any."""
    why = why_not_read(result)
    if not isinstance(result, Reply):
        return why
    try:
        said = result.json()["error"]["message"]["value"]
    except (MalformedReplyError, KeyError, TypeError):
        return why
    return f"{why}: {said}"[:_WORDS_MAX]
