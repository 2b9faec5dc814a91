"""The queue of postings to be sent."""

from datetime import timedelta
from typing import Protocol

from shared.domain.identifiers import PostingId


class PostingRequests(Protocol):
    def request(self, posting_id: PostingId, *, after: timedelta = timedelta(0)) -> None:
        """Ask for a posting to be sent, not before some time (15 minutes at most); asking twice sends it once."""


class PostingQueue(PostingRequests, Protocol):
    def waiting(self) -> int:
        """Return about how many postings have been asked for and not been taken up yet."""
