"""A published version stays as it is: what was measured by it must come out the same whenever it is measured again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.domain.identifiers import MeterCode
from shared.domain.usage.contract_changes import LEAD, forbidden_changes
from shared.domain.usage.contract_definition import Billing, ContractDefinition, ContractStatus, Rename
from tests.fakes.usage_contract_folder import read_contract, write_contract

AT = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.fixture
def storage(tmp_path: Path) -> ContractDefinition:
    return read_contract(write_contract(tmp_path))


def with_version(definition: ContractDefinition, number: int, **changes: Any) -> ContractDefinition:
    versions = tuple(replace(v, **changes) if v.number == number else v for v in definition.versions)
    return replace(definition, versions=versions)


Change = Callable[[ContractDefinition], ContractDefinition]

ALLOWED: dict[str, Change] = {
    "nothing": lambda old: old,
    "the owner": lambda old: replace(old, owner="platform@nimbus.example", priced=()),
    "the white space of a schema": lambda old: with_version(old, 2, schema=old.versions[1].schema.replace("\n", "")),
    "anything of a draft": lambda old: with_version(old, 3, schema="{}", valid_from=AT),
    "a draft withdrawn": lambda old: replace(old, versions=old.versions[:2]),
    "a draft in force an hour later": lambda old: with_version(
        old, 3, status=ContractStatus.ACTIVE, valid_from=AT + LEAD
    ),
    "a version deprecated": lambda old: with_version(
        old, 2, status=ContractStatus.DEPRECATED, deprecated_on=date(2026, 12, 1)
    ),
    "a last day put off": lambda old: with_version(old, 1, deprecated_on=date(2026, 7, 1)),
    "a member renamed by a new version": lambda old: replace(
        with_version(old, 3, status=ContractStatus.ACTIVE, valid_from=AT + LEAD, upcast=(Rename("bytes", "octets"),)),
        quantity="octets",
    ),
}

FORBIDDEN: dict[str, tuple[Change, str]] = {
    "a schema": (
        lambda old: with_version(old, 2, schema=old.versions[1].schema.replace('"minimum": 0', '"minimum": 1')),
        "contract storage, version 2: the schema of a published version never changes",
    ),
    "a schema's true for 1": (
        lambda old: with_version(
            with_version(old, 2), 2, schema=old.versions[1].schema.replace('"minimum": 0', '"minimum": false')
        ),
        "version 2: the schema",
    ),
    "an upcast": (lambda old: with_version(old, 2, upcast=()), "version 2: the upcast"),
    "valid_from": (lambda old: with_version(old, 2, valid_from=AT + timedelta(days=9)), "version 2: valid_from"),
    "back to a draft": (lambda old: with_version(old, 2, status=ContractStatus.DRAFT), "version 2 is published"),
    "a version removed": (lambda old: replace(old, versions=old.versions[:1]), "version 2 is published"),
    "the event": (lambda old: replace(old, event=MeterCode("object_read")), "event and billing"),
    "billing": (lambda old: replace(old, billing=Billing.TELEMETRY), "event and billing"),
    "the quantity": (lambda old: replace(old, quantity=None), "the member that is the quantity"),
    "another quantity": (lambda old: replace(old, quantity="ratio"), "the member that is the quantity"),
    "a version in force too soon": (
        lambda old: with_version(
            old, 3, status=ContractStatus.ACTIVE, valid_from=AT + LEAD - timedelta(microseconds=1)
        ),
        "version 3: valid_from",
    ),
    "a last day that is over": (
        lambda old: with_version(old, 1, deprecated_on=date(2026, 3, 15)),
        "version 1: deprecated_on 2026-03-15 is not an hour after",
    ),
}


@pytest.mark.parametrize("change", ALLOWED)
def test_what_measures_the_same_may_change(storage: ContractDefinition, change: str) -> None:
    assert forbidden_changes([storage], [ALLOWED[change](storage)], AT) == ()


@pytest.mark.parametrize("change", FORBIDDEN)
def test_what_would_measure_otherwise_may_not(storage: ContractDefinition, change: str) -> None:
    spoil, reason = FORBIDDEN[change]

    found = [str(each) for each in forbidden_changes([storage], [spoil(storage)], AT)]

    assert [reason in each for each in found] == [True]


def test_a_contract_that_is_published_is_never_removed(storage: ContractDefinition) -> None:
    (change,) = forbidden_changes([storage], [], AT)

    assert str(change) == "contract storage: it is published and not there any more: retire its versions instead"


def test_a_new_contract_may_be_in_force_since_always(storage: ContractDefinition) -> None:
    drafts = replace(storage, versions=(replace(storage.versions[0], status=ContractStatus.DRAFT),))

    assert forbidden_changes([], [storage], AT) == ()
    assert forbidden_changes([drafts], [storage], AT) == ()


def test_a_retired_version_stays_retired(storage: ContractDefinition) -> None:
    retired = with_version(storage, 1, status=ContractStatus.RETIRED)

    (change,) = forbidden_changes([retired], [storage], AT)

    assert "retired, which is final" in str(change)
