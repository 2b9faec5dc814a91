"""The archive proves what the ledger says: who counts it cannot write what it counts."""

from typing import Any

from shared.adapters.s3.archive_partitions import compacted_prefix
from shared.adapters.s3.usage_archive import raw_prefix
from shared.domain.identifiers import TenantId
from tests.infrastructure.synthesized import FUNCTION_FOLDERS, Synthesized, actions, attribute

TENANT = TenantId("acme-saas")


def test_each_writer_of_the_archive_writes_its_own_part_of_it_alone(synthesized: Synthesized) -> None:
    written = {name: places for name in FUNCTION_FOLDERS if (places := places_written(synthesized, name))}

    assert written == {
        "archive_usage": ["/usage/*"],
        "close_backfill": ["/usage/*"],
        "compact_usage_archive": ["/compacted/*"],
    }


def places_written(synthesized: Synthesized, name: str) -> list[str]:
    """Return the ends of the ARNs of the archive's objects that a function may put."""
    role = attribute(synthesized.function(name).properties["Role"])
    resources: list[Any] = []
    for statement in synthesized.statements_of(role):
        if "s3:PutObject" in actions(statement):
            of_statement = statement["Resource"]
            resources += of_statement if isinstance(of_statement, list) else [of_statement]
    return [each["Fn::Join"][1][-1] for each in resources if "UsageArchiveBucket" in str(each)]


def test_the_parts_are_those_that_the_code_writes() -> None:
    assert raw_prefix(TENANT).startswith("usage/")
    assert compacted_prefix(TENANT).startswith("compacted/")
