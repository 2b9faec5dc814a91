"""The part of OData v4 that is understood beside filters: options, pages, keys in addresses, etags, companies."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlencode

from simulators.erp.dynamics_finance.dialect import bad_request, no_route, not_found
from simulators.erp.dynamics_finance.filters import parse_filter
from simulators.erp.dynamics_finance.values import Row
from simulators.http.exchange import Call, Refusal, Reply, json_reply

PAGE_SIZE = 10_000
OPTIONS = frozenset({"$filter", "$select", "$top", "$skip", "$orderby", "$count", "cross-company", "$format"})
KEY = re.compile(r"(\w+)=('(?:[^']|'')*'|-?[\d.]+)")
# In the key of an address, these are found where they are encoded twice only; encoded once (%2F) they answer 404. In a
# filter once is enough. Reported: "D365 F&O, OData, Slashes, Pluses, and Double Encoding" at essrocks.io.
ENCODED_TWICE = re.compile(r"[/\\+]")


def collection_reply(call: Call, rows: Iterable[Row], *, page_size: int = PAGE_SIZE) -> Reply:
    """Answer with the rows that the call's options select, a page at most; the rest is at the next link."""
    for option in call.query:
        if option not in OPTIONS:
            raise Refusal(501, "", f"This simulator does not know the query option {option}.")
    wanted = parse_filter(call.query.get("$filter", ""))
    chosen = _ordered([row for row in rows if wanted(row)], call.query.get("$orderby", ""))
    skipped, top = _number(call, "$skip", 0), _number(call, "$top", len(chosen))
    page = chosen[skipped : skipped + min(top, page_size)]
    answer: Row = {"@odata.context": f"{call.address}#collection"}
    if call.query.get("$count") == "true":
        answer["@odata.count"] = len(chosen)
    answer["value"] = [shown(row, _names(call.query.get("$select", ""))) for row in page]
    if top > page_size and skipped + len(page) < len(chosen):
        options = {**call.query, "$skip": str(skipped + len(page))} | (
            {"$top": str(top - len(page))} if "$top" in call.query else {}
        )
        answer["@odata.nextLink"] = f"{call.address}?{urlencode(options)}"
    return json_reply(200, answer)


def shown(row: Row, selected: Sequence[str] = ()) -> Row:
    visible = {name: value for name, value in row.items() if not name.startswith("_")}
    if not selected:
        return visible
    missing = [name for name in selected if name not in visible]
    if missing:
        raise bad_request(f"Could not find a property named '{missing[0]}'.")
    return {"@odata.etag": visible.get("@odata.etag", ""), **{name: visible[name] for name in selected}}


def row_of_key(rows: Iterable[Row], text: str, *, keys: Sequence[str]) -> Row:
    """Return the row that a key in an address, decoded once, names; all fields of the key have to be there."""
    if ENCODED_TWICE.search(text):
        raise no_route(f"({text})")
    given = {name: _key_value(value) for name, value in KEY.findall(unquote(text))}
    if set(given) != set(keys):
        raise bad_request(f"The key ({text}) must name {', '.join(keys)}.")
    for row in rows:
        if all(str(row[name]).casefold() == value.casefold() for name, value in given.items()):
            return row
    raise not_found(f"the key ({text})")


def check_if_match(call: Call, row: Row) -> None:
    """Refuse a change that names another etag than the present one; without a header anything is changed."""
    etag = call.headers.get("if-match", "*")
    if etag not in {"*", row["@odata.etag"]}:
        raise Refusal(412, "", "The record was changed by somebody else.")


def crosses_companies(call: Call) -> bool:
    return call.query.get("cross-company", "").lower() == "true"


def _key_value(text: str) -> str:
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def _ordered(rows: list[Row], order: str) -> list[Row]:
    for part in reversed(_names(order)):
        field, _, direction = part.partition(" ")
        if rows and field not in rows[0]:
            raise bad_request(f"Could not find a property named '{field}'.")
        rows = sorted(rows, key=lambda row, field=field: row[field], reverse=direction == "desc")  # type: ignore[misc]
    return rows


def _number(call: Call, option: str, default: int) -> int:
    text = call.query.get(option, str(default))
    if not text.isdecimal():
        raise bad_request(f"{option} must be a number.")
    return int(text)


def _names(option: str) -> list[str]:
    return [name.strip() for name in option.split(",") if name.strip()]
