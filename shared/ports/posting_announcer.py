"""Telling others what became of a posting."""

from typing import Protocol

from shared.domain.posting.announcement import PostingAnnouncement


class PostingAnnouncer(Protocol):
    def announce(self, announcement: PostingAnnouncement) -> None:
        """Raise and resolve its exceptions, then answer whoever waits for it; one that waits no longer is fine."""
