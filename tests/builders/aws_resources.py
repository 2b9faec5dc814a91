"""Real resources on moto, as small as tests need them. Call inside mock_aws."""

from shared.runtime import aws


def create_table(name: str) -> str:
    """Create a table with our keys, pk and sk, and return its name."""
    aws.dynamodb().create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
    return name


def create_queue(name: str) -> str:
    """Create a queue and return its URL."""
    return aws.sqs().create_queue(QueueName=name)["QueueUrl"]


def create_bucket(name: str) -> str:
    aws.s3().create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return name


def create_stream(name: str) -> str:
    aws.kinesis().create_stream(StreamName=name, ShardCount=1)
    return name


def messages_of(queue_url: str) -> list[str]:
    """Take every message out of a queue."""
    bodies: list[str] = []
    while messages := aws.sqs().receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            bodies.append(message["Body"])
            aws.sqs().delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def records_of(stream: str, *, shard: int = 0) -> list[bytes]:
    """Read a stream's shard, the first unless said otherwise, from its beginning."""
    kinesis = aws.kinesis()
    shard_id = kinesis.list_shards(StreamName=stream)["Shards"][shard]["ShardId"]
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
    return [record["Data"] for record in kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]]
