"""What differs between ERPs, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.domain.posting.document import DocumentKind

QUIET_PERIOD_SETTING = "quiet_period_minutes"
STUCK_AFTER_SETTING = "stuck_after_minutes"
POLL_SETTING = "poll_minutes"
MAX_LINES_SETTING = "max_lines"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """How long one ERP must be left alone after silence, how it takes documents, and what can be read back.

    What it answers `Accepted` to is polled every `poll_seconds`; after `stuck_after_seconds` a person is told, and that
    it is nowhere counts.
    `concurrency` and `calls_per_minute` are what one connection is permitted, None where its maker names no figure;
    `busy_codes` are in the body of a refusal that means no more than that.

    No function reads `two_step_post`, `periods_readable`, `settlements_readable` and `period_can_shift`: by the first
    three the suite of all ERPs knows what to hold an adapter to, and by `period_can_shift` a fake ERP may do the same.
    """

    system: str
    quiet_period_seconds: int  # longer than the ERP's own request ceiling
    lookup_spacing_seconds: int  # between the two look-ups that prove absence
    two_step_post: bool  # a draft first, which is ours to advance
    natural_key_enforced: bool  # it refuses a second document with our key
    kinds: frozenset[DocumentKind] = frozenset({DocumentKind.INVOICE, DocumentKind.CREDIT_MEMO})
    accepts_first: frozenset[DocumentKind] = frozenset()  # kinds that its ledger has only later, without us
    poll_seconds: int = 5 * 60
    stuck_after_seconds: int = 4 * 60 * 60
    periods_readable: bool = False
    period_can_shift: bool = False  # it may book into another period than it was told, without a word
    settlements_readable: bool = False
    max_lines: int = 1_000  # of an invoice or a credit memo
    max_journal_lines: int | None = None  # where it is another number
    concurrency: int | None = None
    calls_per_minute: int | None = None
    busy_codes: frozenset[str] = frozenset()

    def as_set(self, settings: Mapping[str, str]) -> "Capabilities":
        """Return them as the settings of a mapping have them: longer waits, fewer lines, and never the other way.

        A poll only asks: it comes as often as is said. Raises ValueError for a setting that is no whole number.
        """
        quiet = int(settings.get(QUIET_PERIOD_SETTING, 0)) * 60
        stuck = int(settings.get(STUCK_AFTER_SETTING, 0)) * 60
        poll = settings.get(POLL_SETTING)
        lines = int(settings.get(MAX_LINES_SETTING, self.max_lines))
        return replace(
            self,
            quiet_period_seconds=max(self.quiet_period_seconds, quiet),
            stuck_after_seconds=max(self.stuck_after_seconds, stuck),
            poll_seconds=self.poll_seconds if poll is None else int(poll) * 60,
            max_lines=min(self.max_lines, lines),
        )

    def lines_of(self, kind: DocumentKind) -> int:
        """Return the most lines that it takes in one document."""
        return self.max_journal_lines or self.max_lines if kind is DocumentKind.JOURNAL else self.max_lines
