"""Nothing that waits in a queue can vanish: it is done, or in a dead-letter queue that opens an exception."""

import json

import pytest

from tests.infrastructure.synthesized import Resource, Synthesized, attribute

DAY = 86_400
WORK_QUEUES = {
    "Exceptions",
    "MasterDataChanges",
    "ParkedUsageReleases",
    "ApprovalDecisions",
    "ErpPostings",
    "PostingFollowUps",
    "TaxRecords",
    "InvoiceDocuments",
}


@pytest.fixture
def work_queues(synthesized: Synthesized) -> list[Resource]:
    return [each for each in synthesized.of_type("AWS::SQS::Queue") if "RedrivePolicy" in each.properties]


@pytest.fixture
def dead_letter_queues(synthesized: Synthesized) -> list[Resource]:
    return [each for each in synthesized.of_type("AWS::SQS::Queue") if "RedrivePolicy" not in each.properties]


def test_every_work_queue_gives_up_to_a_queue_of_its_own(
    work_queues: list[Resource], dead_letter_queues: list[Resource]
) -> None:
    targets = [attribute(each.properties["RedrivePolicy"]["deadLetterTargetArn"]) for each in work_queues]

    assert len(work_queues) == len(WORK_QUEUES) == len(set(targets))
    assert set(targets) <= {each.logical_id for each in dead_letter_queues}
    assert {each.properties["RedrivePolicy"]["maxReceiveCount"] for each in work_queues} == {5}


def test_dead_letters_outlive_the_queue_they_come_from(
    work_queues: list[Resource], dead_letter_queues: list[Resource]
) -> None:
    assert {each.properties["MessageRetentionPeriod"] for each in dead_letter_queues} == {14 * DAY}
    assert {each.properties["MessageRetentionPeriod"] for each in work_queues} == {4 * DAY}


def test_a_message_stays_hidden_for_six_times_as_long_as_its_function_may_run(synthesized: Synthesized) -> None:
    mappings = [
        each
        for each in synthesized.of_type("AWS::Lambda::EventSourceMapping")
        if "StartingPosition" not in each.properties
    ]

    for mapping in mappings:
        queue = synthesized.by_id(attribute(mapping.properties["EventSourceArn"]))
        function = synthesized.by_id(attribute(mapping.properties["FunctionName"]))
        assert queue.properties["VisibilityTimeout"] >= 6 * function.properties["Timeout"], str(queue)
    assert len(mappings) == len(WORK_QUEUES)


def test_every_queue_is_encrypted_with_our_key_and_refuses_plain_http(synthesized: Synthesized) -> None:
    queues = synthesized.of_type("AWS::SQS::Queue")
    protected = {
        attribute(queue)
        for policy in synthesized.of_type("AWS::SQS::QueuePolicy")
        if any(
            statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for statement in policy.properties["PolicyDocument"]["Statement"]
        )
        for queue in policy.properties["Queues"]
    }

    assert all("KmsMasterKeyId" in queue.properties for queue in queues)
    assert protected == {queue.logical_id for queue in queues}


def test_every_dead_letter_queue_is_looked_into(synthesized: Synthesized, dead_letter_queues: list[Resource]) -> None:
    variables = synthesized.function("record_dead_letters").properties["Environment"]["Variables"]
    pieces = variables["DEAD_LETTER_QUEUE_URLS"]["Fn::Join"][1]
    watched = [attribute(piece) for piece in pieces if isinstance(piece, dict)]
    names = json.loads("".join("url" if isinstance(piece, dict) else piece for piece in pieces))

    assert sorted(watched) == sorted(each.logical_id for each in dead_letter_queues)
    assert len(names) == len(watched)
