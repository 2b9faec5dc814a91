"""Tryton 8.2 on PostgreSQL, REST and JSON-RPC. What is said here was measured on a Tryton that ran."""

from types import MappingProxyType

from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.systems.erp_system import (
    ErpSystem,
    Form,
    MappingSchema,
    Named,
    NamedAccounts,
    Setting,
    Widths,
)

TRYTON = ErpSystem(
    title="Tryton",
    journals_in_books_currency=True,
    capabilities=Capabilities(
        system="tryton",
        # Tryton itself never gives up on a write; the web server before it does, after minutes.
        quiet_period_seconds=11 * 60,
        lookup_spacing_seconds=5 * 60,
        two_step_post=True,
        natural_key_enforced=False,
        kinds=frozenset(DocumentKind),
        periods_readable=True,
        settlements_readable=True,
        concurrency=4,  # numbers without gaps are given out one at a time: more posters wait for each other
    ),
    mapping=MappingSchema(
        company=Form("the id that Tryton shows, a whole number", r"[1-9][0-9]*"),
        settings=MappingProxyType(
            {
                "revenue_journal": Setting("code of the journal of invoices and credit memos; REV without one"),
                "general_journal": Setting("code of the journal that journals are booked in; MISC without one"),
            }
        ),
        dimension_fields=MappingProxyType({}),  # without its analytic module Tryton has none
        named_accounts=NamedAccounts(receivable=Named.ALWAYS, tax=Named.ALWAYS),
    ),
    widths=Widths(line_text=900),  # its columns have no limit; ours, so that a text stays one
)
