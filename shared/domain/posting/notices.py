"""Notices: an ERP says that something has changed. What has changed is read from it, never taken from the notice."""

from collections.abc import Iterable
from hmac import compare_digest
from typing import Final

from shared.domain.master_data.catalog import ErpMapping

NOTICES_SETTING: Final = "notices"  # of a mapping
NOTICE_TOKEN: Final = "notice_token"  # field of a connection's secret  # noqa: S105 - the name of one
ASKED_INSTEAD: Final = "no way is known here to have it give notice: what was paid is asked for every hour instead"
WANTED: Final = "yes"
_SHORTEST_TOKEN: Final = 32


class NoticeTokenTooShortError(ValueError):
    """A token that could be guessed would let anybody give notice."""


def wants_notices(mapping: ErpMapping) -> bool:
    return mapping.settings.get(NOTICES_SETTING) == WANTED


def checked_token(token: str) -> str:
    """Return the token; raises NoticeTokenTooShortError for one under 32 characters."""
    if len(token) < _SHORTEST_TOKEN:
        raise NoticeTokenTooShortError(f"{NOTICE_TOKEN} has less than {_SHORTEST_TOKEN} characters")
    return token


def is_authentic(claims: Iterable[str], token: str) -> bool:
    """Tell whether one of the claims is the token, in a time that tells nothing of it."""
    known = checked_token(token).encode()
    return any(compare_digest(claim.encode(errors="surrogatepass"), known) for claim in claims)
