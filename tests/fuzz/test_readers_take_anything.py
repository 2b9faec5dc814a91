"""The share of `make fuzz` that every `make test` reads: always the same inputs."""

import pytest

from shared.contracts.usage_event import registry
from shared.domain.usage.rejection import REFUSALS
from tests.fuzz import inputs
from tests.fuzz.checks import Findings, check

SHARE, PARTS = 30_000, 10
READ_BY_THE_CLOCK = {"EVENT_TOO_OLD", "EVENT_IN_THE_FUTURE"}  # judged after reading


def read(numbers: range) -> Findings:
    findings = Findings()
    for number in numbers:
        check(number, findings)
    return findings


@pytest.mark.parametrize("part", range(PARTS))
def test_no_input_of_the_fixed_share_breaks_a_promise(part: int) -> None:
    findings = read(range(part, SHARE, PARTS))

    assert sum(findings.outcomes.values()) >= SHARE / PARTS


def test_the_share_is_not_shallow() -> None:
    findings = read(range(4_000))

    expected = {code.value for code in REFUSALS} - READ_BY_THE_CLOCK
    expected |= {"telemetry", "faulty telemetry", "HTTP 202", "HTTP 207", "HTTP 400", "HTTP 415", "HTTP 503"}
    assert expected - set(findings.outcomes) == set()


def test_a_number_always_makes_the_same_input() -> None:
    assert [inputs.record(number) for number in range(200)] == [inputs.record(number) for number in range(200)]
    assert inputs.request(7) == inputs.request(7)


def test_a_reader_without_its_limit_of_depth_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MAX_DEPTH", 1_000_000)

    with pytest.raises(RecursionError):
        read(range(SHARE))
