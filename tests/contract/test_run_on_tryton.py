"""How long a run on a real Tryton may take is told everywhere, and enforced where the environment says so."""

from collections.abc import Mapping

import pytest

from tests.contract.run_on_tryton import BOUND, told_time


@pytest.mark.parametrize(
    ("seconds", "environment", "code", "told"),
    [
        (166.2, {}, 0, "In all 166 s, within the 240 s that this may take"),
        (311.9, {}, 0, "In all 312 s, MORE THAN the 240 s that this may take"),
        (166.2, {BOUND: "240"}, 0, "In all 166 s, within the 240 s that this may take"),
        (240.3, {BOUND: "240"}, 1, "In all 240 s, MORE THAN the 240 s that this may take"),
        (311.9, {BOUND: "600"}, 0, "In all 312 s, within the 600 s that this may take"),
    ],
)
def test_a_run_that_takes_too_long_says_so_and_fails_where_it_has_a_bound(
    seconds: float, environment: Mapping[str, str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told_time(seconds, environment) == code
    assert capsys.readouterr().out == told + "\n"
