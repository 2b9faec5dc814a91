"""What a stand-in of AWS does in one case, in a word or two. Each probe starts with nothing there."""

from typing import Any

from botocore.exceptions import ClientError

from shared.runtime import aws
from tests.builders.aws_resources import create_queue, create_stream, create_table

MIDDLE = str(2**127)
LOWER = "0"
ITEM = {"pk": {"S": "acme"}, "sk": {"S": "r001"}}


def outcome_of(call: Any, **parameters: Any) -> str:
    """Return "taken", or the code of the error that the call ends with."""
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    except NotImplementedError:
        return "not there"
    return "taken"


def _taken_or_refused(call: Any, **parameters: Any) -> str:
    return "taken" if outcome_of(call, **parameters) == "taken" else "refused"


def _count_up(table: str, by: str) -> list[Any]:
    update = {"TableName": table, "Key": ITEM, "UpdateExpression": "ADD n :by"}
    return [{"Update": {**update, "ExpressionAttributeValues": {":by": {"N": by}}}}]


def transaction_sent_twice() -> str:
    table = create_table("ledger")
    for _ in range(2):
        aws.dynamodb().transact_write_items(TransactItems=_count_up(table, "1"), ClientRequestToken="one-token")
    counted = aws.dynamodb().get_item(TableName=table, Key=ITEM)["Item"]["n"]["N"]
    return {"1": "counted once", "2": "counted twice"}[counted]


def token_with_another_transaction() -> str:
    table = create_table("ledger")
    aws.dynamodb().transact_write_items(TransactItems=_count_up(table, "1"), ClientRequestToken="one-token")
    return outcome_of(
        aws.dynamodb().transact_write_items, TransactItems=_count_up(table, "2"), ClientRequestToken="one-token"
    )


def trailing_zero_of_a_number() -> str:
    table = create_table("ledger")
    aws.dynamodb().put_item(TableName=table, Item={**ITEM, "n": {"N": "1.10"}})
    return aws.dynamodb().get_item(TableName=table, Key=ITEM)["Item"]["n"]["N"]


def number_of_39_digits() -> str:
    return outcome_of(aws.dynamodb().put_item, TableName=create_table("ledger"), Item={**ITEM, "n": {"N": "1" * 39}})


def batch_of_26_items() -> str:
    puts: list[Any] = [{"PutRequest": {"Item": {"pk": {"S": "acme"}, "sk": {"S": str(n)}}}} for n in range(26)]
    return outcome_of(aws.dynamodb().batch_write_item, RequestItems={create_table("ledger"): puts})


def transaction_of_5_mb() -> str:
    table = create_table("ledger")
    puts: list[Any] = [
        {"Put": {"TableName": table, "Item": {"pk": {"S": "a"}, "sk": {"S": str(n)}, "b": {"B": b"." * 390_000}}}}
        for n in range(13)
    ]
    return outcome_of(aws.dynamodb().transact_write_items, TransactItems=puts)


def message_with_a_control_character() -> str:
    return outcome_of(aws.sqs().send_message, QueueUrl=create_queue("postings"), MessageBody="a\x00b")


def redrive_of_a_dead_letter_queue() -> str:
    dead = create_queue("postings-dead")
    arn = aws.sqs().get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": 3}}'
    aws.sqs().create_queue(QueueName="postings", Attributes={"RedrivePolicy": redrive})
    return outcome_of(aws.sqs().start_message_move_task, SourceArn=arn)


def _split_stream() -> tuple[str, str]:
    """Return a stream of which the only shard, with one record, was split; and that shard."""
    stream = create_stream("usage")
    shard = aws.kinesis().put_record(StreamName=stream, Data=b"a", PartitionKey="acme")["ShardId"]
    aws.kinesis().split_shard(StreamName=stream, ShardToSplit=shard, NewStartingHashKey=MIDDLE)
    return stream, shard


def _read(stream: str, shard: str) -> Any:
    iterator = aws.kinesis().get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    return aws.kinesis().get_records(ShardIterator=iterator["ShardIterator"])


def records_of_a_split_shard() -> str:
    stream, shard = _split_stream()
    try:
        return f"{len(_read(stream, shard)['Records'])} of 1"
    except ClientError:
        return "gone"


def record_put_after_a_split() -> str:
    stream, parent = _split_stream()
    put = aws.kinesis().put_record(StreamName=stream, Data=b"b", PartitionKey="acme", ExplicitHashKey=LOWER)
    return "in the parent" if put["ShardId"] == parent else "in a child"


def records_of_merged_shards() -> str:
    aws.kinesis().create_stream(StreamName="usage", ShardCount=2)
    put = aws.kinesis().put_record(StreamName="usage", Data=b"a", PartitionKey="acme", ExplicitHashKey=LOWER)
    one, other = (shard["ShardId"] for shard in aws.kinesis().list_shards(StreamName="usage")["Shards"])
    aws.kinesis().merge_shards(StreamName="usage", ShardToMerge=one, AdjacentShardToMerge=other)
    assert put["ShardId"] == one
    shards = [shard["ShardId"] for shard in aws.kinesis().list_shards(StreamName="usage")["Shards"]]
    return f"{sum(len(_read('usage', shard)['Records']) for shard in shards)} of 1"


def iterator_at_the_end_of_a_closed_shard() -> str:
    try:
        return "none" if _read(*_split_stream()).get("NextShardIterator") is None else "another one"
    except ClientError:
        return "gone"


def record_above_1_mib() -> str:
    data = b"x" * (1024 * 1024 + 1)
    return _taken_or_refused(
        aws.kinesis().put_record, StreamName=create_stream("usage"), Data=data, PartitionKey="acme"
    )


def records_of_6_mib_in_a_call() -> str:
    records: list[Any] = [{"Data": b"x" * 1024 * 1000, "PartitionKey": "acme"}] * 6
    return _taken_or_refused(aws.kinesis().put_records, StreamName=create_stream("usage"), Records=records)


def execution_started_twice() -> str:
    machine = aws.stepfunctions().create_state_machine(
        name="invoice-lifecycle",
        definition='{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": true}}}',
        roleArn="arn:aws:iam::123456789012:role/states",
    )["stateMachineArn"]
    aws.stepfunctions().start_execution(stateMachineArn=machine, name="one", input="{}")
    return outcome_of(aws.stepfunctions().start_execution, stateMachineArn=machine, name="one", input="{}")
