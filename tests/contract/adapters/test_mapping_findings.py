"""Every keeper of findings keeps what each list of an ERP was last found not to have, by legal entity and books."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.mapping_findings import DynamoMappingFindings
from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.posting.mapping_check import UnknownName
from shared.domain.posting.readings import ReferenceKind
from shared.ports.mapping_findings import MappingFindings
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.billing import nimbus
from tests.fakes.in_memory_mapping_findings import InMemoryMappingFindings

NO_8400 = UnknownName("product api", "8400")
VAT_CLOSED = UnknownName("tax code DE-19", "VAT19", is_closed=True)


@pytest.fixture(params=["in memory", "dynamodb"])
def findings(request: pytest.FixtureRequest) -> Iterator[MappingFindings]:
    if request.param == "in memory":
        yield InMemoryMappingFindings()
        return
    with mock_aws():
        yield DynamoMappingFindings(aws.dynamodb(), create_table("postings"), TenantId("acme-saas"))


def test_what_was_found_replaces_what_was_known_of_the_lists_that_were_read_and_of_no_other(
    findings: MappingFindings,
) -> None:
    assert findings.known(nimbus()) == ()

    findings.record(nimbus(), {ReferenceKind.ACCOUNTS: (NO_8400,), ReferenceKind.TAX_CODES: (VAT_CLOSED,)})
    assert findings.known(nimbus()) == (NO_8400, VAT_CLOSED)

    findings.record(nimbus(), {ReferenceKind.ACCOUNTS: ()})
    assert findings.known(nimbus()) == (VAT_CLOSED,)


def test_what_was_found_in_one_ledger_is_not_known_of_another_or_of_another_legal_entity(
    findings: MappingFindings,
) -> None:
    findings.record(nimbus(), {ReferenceKind.ACCOUNTS: (NO_8400,)})

    assert findings.known(replace(nimbus(), legal_entity_id=LegalEntityId("nimbus-at"))) == ()
    assert findings.known(replace(nimbus(), erp=replace(nimbus().erp, connection="nimbus-de/new"))) == ()
