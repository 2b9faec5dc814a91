"""The queues of postings: of those to be sent, and of those to be followed up."""

from datetime import timedelta
from typing import Protocol

from shared.domain.identifiers import PostingId


class PostingRequests(Protocol):
    def request(self, posting_id: PostingId, *, after: timedelta = timedelta(0)) -> None:
        """Ask for a posting to be brought on, not before some time (15 minutes at most); asking twice does it once."""


class PostingQueue(PostingRequests, Protocol):
    def waiting(self) -> int:
        """Return about how many postings have been asked for and not been taken up yet."""
