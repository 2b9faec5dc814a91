"""The documents of a history: invoices with their credit memos, journals with their reversals."""

import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from shared.domain.identifiers import PostingId
from shared.domain.posting.document import DocumentKind, external_ref
from shared.domain.posting.journal import Document
from tests.builders.posting import TENANT, a_credit_memo, a_document, a_journal, reversed_by

_INVOICE = a_document()
_MEMO = a_credit_memo(of_invoice="doc-1")


def families(chance: random.Random, kinds: frozenset[DocumentKind], *, most: int) -> Iterator[tuple[Document, ...]]:
    """Yield documents in the order that each family has to keep, at most so many in all."""
    left, number = most, 0
    while left:
        family = _family(chance, kinds, number)[:left]
        left, number = left - len(family), number + 1
        yield family


def _family(chance: random.Random, kinds: frozenset[DocumentKind], number: int) -> tuple[Document, ...]:
    if DocumentKind.JOURNAL in kinds and chance.random() < 0.2:
        journal = a_journal(f"accrual-{number}", amount=f"{chance.randrange(1, 10**6)}.17")
        return (journal, reversed_by(journal)) if chance.random() < 0.7 else (journal,)
    name = PostingId(f"acme-{number}/2026-10/r1")
    invoice = replace(
        _INVOICE,
        posting_id=name,
        external_ref=external_ref(tenant=TENANT, posting_id=name),
        human_number=f"DE-{number:06d}",
        net=replace(_INVOICE.net, amount=Decimal(chance.randrange(10**4, 10**7)) / 100),
    )
    if chance.random() >= 0.3:
        return (invoice,)
    credit = PostingId(f"{name}/credit/sla-1")
    memo = replace(
        _MEMO,
        posting_id=credit,
        external_ref=external_ref(tenant=TENANT, posting_id=credit),
        human_number=f"DE-CN-{number:06d}",
    )
    return invoice, memo
