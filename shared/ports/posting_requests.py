"""The queue of postings to be sent."""

from typing import Protocol

from shared.domain.identifiers import PostingId


class PostingRequests(Protocol):
    def request(self, posting_id: PostingId) -> None:
        """Ask for a posting to be sent; asking twice sends it once."""
