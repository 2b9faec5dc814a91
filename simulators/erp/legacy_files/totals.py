"""Works the control totals out again, and names the first that is not what the sender says."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from simulators.erp.legacy_files.layouts import Row

_HASH_MODULUS = 10**12


def recomputed(kind: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the totals in the manifest's own shape, out of the documents alone."""
    counts = Counter(row.type for row in rows)
    documents = [row for row in rows if row.type == "D"]
    days = [row["posting_date"] for row in documents]
    accounts = [row["account"] for row in rows if row.type in "LXJ"]
    return {
        "documents": counts["D"],
        "lines": counts["L"],
        "taxes": counts["X"],
        "journal_lines": counts["J"],
        "account_hash": sum(_digits(account) for account in accounts) % _HASH_MODULUS,
        "first_posting_date": min(days),
        "last_posting_date": max(days),
        "periods": len({day[:7] for day in days}),
        "first_number": documents[0]["number"],
        "last_number": documents[-1]["number"],
        "currencies": _currencies(kind, rows),
    }


def disagreement(kind: str, rows: Sequence[Row], manifest: Mapping[str, Any], *, off_by: int = 0) -> str | None:
    """Say which total of trailer or manifest is not what the records come to. `off_by` is a fault's."""
    ours = recomputed(kind, rows)
    ours["account_hash"] += off_by
    stated = manifest.get("control_totals", {})
    for name, value in ours.items():
        if stated.get(name) != value:
            return f"{name} is {value} here, {stated.get(name)} in the manifest"
    for total in ours["currencies"]:
        if total["debits"] != total["credits"]:
            return f"debits and credits differ in {total['currency']}"
    return _in_the_file(ours, rows)


def _in_the_file(ours: Mapping[str, Any], rows: Sequence[Row]) -> str | None:
    trailer, of_currencies = rows[-1], [row for row in rows if row.type == "C"]
    for name, text in trailer.fields.items():
        value = len(of_currencies) if name == "currencies" else ours[name]
        if (int(text) if isinstance(value, int) else text) != value:
            return f"{name} is {value} here, {text} in the trailer"
    stated = [
        {name: text if name == "currency" else int(text) for name, text in row.fields.items()} for row in of_currencies
    ]
    return None if stated == ours["currencies"] else "the C records are not what the documents come to"


def _currencies(kind: str, rows: Sequence[Row]) -> list[dict[str, Any]]:
    exponents = {row["currency"]: row.number("exponent") for row in rows if row.type == "C"}
    currency_of = {row["external_ref"]: row["currency"] for row in rows if row.type == "D"}
    by_currency: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.type in "DLXJ":
            by_currency[currency_of[row["external_ref"]]].append(row)
    return [_sums(kind, code, exponents.get(code, 0), by_currency[code]) for code in sorted(by_currency)]


def _sums(kind: str, code: str, exponent: int, rows: Sequence[Row]) -> dict[str, Any]:
    documents = [row for row in rows if row.type == "D"]
    net, tax, gross = (sum(row.number(name) for row in documents) for name in ("net", "tax", "gross"))
    booked = [row.number("amount") for row in rows if row.type != "D"]
    sides = {
        "invoice": (gross, sum(booked)),
        "credit_memo": (sum(booked), gross),
        "journal": (sum(one for one in booked if one > 0), -sum(one for one in booked if one < 0)),
    }
    debits, credits_ = sides[kind]
    return {
        "currency": code,
        "exponent": exponent,
        "documents": len(documents),
        "debits": debits,
        "credits": credits_,
        "net": net,
        "tax": tax,
        "gross": gross,
    }


def _digits(account: str) -> int:
    return int("".join(one for one in account if one in "0123456789") or "0")
