from collections.abc import Sequence
from typing import Any

import pytest

from shared.adapters.erp.tryton.journals import counting_moves


def a_move(number: int, *, cancels: int | None = None, state: str = "posted") -> dict[str, Any]:
    return {"id": number, "state": state, "origin": cancels and f"account.move,{cancels}"}


@pytest.mark.parametrize(
    ("moves", "counting"),
    [
        ([a_move(1), a_move(2)], [1, 2]),
        ([a_move(1), a_move(2), a_move(3, cancels=1)], [2]),
        ([a_move(1), a_move(2), a_move(3, cancels=2)], [1]),
        ([a_move(1), a_move(2, cancels=1)], [1]),
        ([a_move(1), a_move(2), a_move(3, cancels=1, state="draft")], [1, 2, 3]),
        ([a_move(1), a_move(2), a_move(3, cancels=1), a_move(4, cancels=3)], [1, 2]),  # 1 stands again
        ([a_move(1), a_move(2, state="draft"), a_move(3, cancels=1)], [1, 2]),
        ([a_move(1, cancels=1)], [1]),
    ],
)
def test_a_move_counts_that_no_cancellation_takes_back(moves: Sequence[dict[str, Any]], counting: list[int]) -> None:
    assert [move["id"] for move in counting_moves(moves)] == counting
