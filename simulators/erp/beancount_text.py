"""Writes beancount's syntax: what its account names, strings and links may hold."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal


def company_part(name: str) -> str:
    """Return a company name as one part of an account name: letters, digits and dashes, a capital first."""
    part = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "Company"
    return part[0].upper() + part[1:]


def account_name(*, root: str, company: str, account: str) -> str:
    return f"{root}:{company}:{company_part(account)}"


def open_directive(account: str, opened_on: date) -> str:
    return f"{opened_on.isoformat()} open {account}"


def balance_directive(account: str, *, amount: Decimal, currency: str, at_start_of: date) -> str:
    """Return an assertion that is exact: beancount alone would let the last digit differ by one."""
    return f"{at_start_of.isoformat()} balance {account} {format(amount, 'f')} ~ 0 {currency}"


def entry_directive(
    *,
    posting_date: date,
    payee: str,
    narration: str,
    links: Sequence[str],
    postings: Sequence[tuple[str, Decimal, str]],
) -> str:
    """Return one complete transaction; empty and repeated links are left out."""
    tags = "".join(f" ^{link}" for link in dict.fromkeys(_link(link) for link in links) if link)
    lines = [f"{posting_date.isoformat()} * {_string(payee)} {_string(narration)}{tags}"]
    lines += [f"  {account}  {format(amount, 'f')} {currency}" for account, amount, currency in postings]
    return "\n".join(["", *lines])


def _string(text: str) -> str:
    """Quote a text; line ends and other control characters become spaces."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return '"' + printable.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _link(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_./-]", "-", text)
