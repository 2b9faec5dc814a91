from collections.abc import Sequence

import pytest

from shared.domain.posting.doubles import without_reversed

STANDS, ANOTHER, REVERSED, DRAFT = "SI-1", "SI-2", "SI-3 (reversed)", "draft"


@pytest.mark.parametrize(
    ("found", "counting"),
    [
        ([], []),
        ([STANDS], [STANDS]),
        ([REVERSED], [REVERSED]),
        ([DRAFT], [DRAFT]),
        ([STANDS, REVERSED], [STANDS]),
        ([REVERSED, STANDS], [STANDS]),
        ([REVERSED, STANDS, REVERSED], [STANDS]),
        ([STANDS, ANOTHER], [STANDS, ANOTHER]),
        ([STANDS, REVERSED, ANOTHER], [STANDS, ANOTHER]),
        ([STANDS, REVERSED, DRAFT], [STANDS, DRAFT]),
        ([REVERSED, DRAFT], [REVERSED, DRAFT]),  # the draft would be posted in its place, and nobody said so
        ([REVERSED, REVERSED], [REVERSED, REVERSED]),
    ],
)
def test_what_was_reversed_counts_only_where_nothing_stands(found: Sequence[str], counting: Sequence[str]) -> None:
    kept = without_reversed(found, is_posted=lambda one: one != DRAFT, is_reversed=lambda one: one == REVERSED)

    assert list(kept) == counting
