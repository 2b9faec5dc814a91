"""Whether the ERP holds what it was told: its reading against our document."""

from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import PostedDocument


def differences(document: Document, found: PostedDocument) -> tuple[str, ...]:
    """Name every difference in key, number, period, totals and rate; empty when the ERP holds our document.

    There is no tolerance: a cent that the ERP computed otherwise is a difference. Not every ERP tells its rate, or what
    number of ours it has.
    """
    number = document.human_number if found.human_number is not None else None
    rate = found.exchange_rate if document.exchange_rate is not None else None
    pairs = (
        ("external reference", document.external_ref, found.external_ref),
        ("our number", number, found.human_number),
        ("accounting period", document.accounting_period, found.accounting_period),
        ("net", document.net, found.net),
        ("tax", document.tax, found.tax),
        ("gross", document.gross, found.gross),
        ("exchange rate", document.exchange_rate if rate is not None else None, rate),
    )
    return tuple(f"{name} is {theirs} in the ERP, {ours} here" for name, ours, theirs in pairs if ours != theirs)
