"""What a role may do, in narrow statements: named actions on named resources.

CDK's own grants are wider than what is called here (a stream's readers may list every stream, a bucket's readers may
list every version), so that a role could not be read as the list of its function's calls.
"""

from collections.abc import Sequence

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn

READ_STREAM = ("DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards")


def _allow(actions: Sequence[str], *resources: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(resources))


def use_key(key: kms.IKey) -> iam.PolicyStatement:
    """Read and write what the key encrypts."""
    return _allow(["kms:Decrypt", "kms:GenerateDataKey"], key.key_arn)


def write_log(log_group: logs.ILogGroup) -> iam.PolicyStatement:
    return _allow(["logs:CreateLogStream", "logs:PutLogEvents"], log_group.log_group_arn)


def on_table(table: dynamodb.ITable, *actions: str) -> iam.PolicyStatement:
    """Do the named things (`GetItem`, `Query`) with a table's items. A transaction needs what it is made of."""
    return _allow([f"dynamodb:{action}" for action in actions], table.table_arn)


def read_table(table: dynamodb.ITable) -> iam.PolicyStatement:
    """Read items by key, one or many, and by partition."""
    return on_table(table, "BatchGetItem", "GetItem", "Query")


def on_keys(table: dynamodb.ITable, keys: str, *actions: str) -> iam.PolicyStatement:
    """Do the named things with those items whose partition keys are like `keys`, with its stars."""
    statement = on_table(table, *actions)
    statement.add_condition("ForAllValues:StringLike", {"dynamodb:LeadingKeys": [keys]})
    # Where a request names no key, the condition above would hold.
    statement.add_condition("Null", {"dynamodb:LeadingKeys": "false"})
    return statement


def stand_in_line(postings: dynamodb.ITable) -> iam.PolicyStatement:
    """Take turns at calling ERPs and at creating customers there, and leave those alone that are down.

    All of it is kept beside the postings.
    """
    return on_table(postings, "GetItem", "PutItem", "UpdateItem")


def query_index(table: dynamodb.ITable, index_name: str) -> iam.PolicyStatement:
    return _allow(["dynamodb:Query"], f"{table.table_arn}/index/{index_name}")


def read_stream(stream: kinesis.IStream) -> iam.PolicyStatement:
    return _allow([f"kinesis:{action}" for action in READ_STREAM], stream.stream_arn)


def put_on_stream(stream: kinesis.IStream) -> iam.PolicyStatement:
    return _allow(["kinesis:PutRecords"], stream.stream_arn)


def send_to(queue: sqs.IQueue) -> iam.PolicyStatement:
    return _allow(["sqs:SendMessage"], queue.queue_arn)


def consume(queue: sqs.IQueue) -> iam.PolicyStatement:
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
    return _allow(actions, queue.queue_arn)


def measure(queue: sqs.IQueue) -> iam.PolicyStatement:
    """Ask how many messages wait."""
    return _allow(["sqs:GetQueueAttributes"], queue.queue_arn)


def look_into(queues: Sequence[sqs.IQueue]) -> iam.PolicyStatement:
    """Receive messages, never delete one."""
    return _allow(["sqs:ReceiveMessage"], *[queue.queue_arn for queue in queues])


def on_objects(bucket: s3.IBucket, *actions: str, under: str = "") -> iam.PolicyStatement:
    """Do the named things (`GetObject`, `PutObject`) with a bucket's objects, those whose keys start with `under`."""
    return _allow([f"s3:{action}" for action in actions], bucket.arn_for_objects(f"{under}*"))


def list_objects(bucket: s3.IBucket) -> iam.PolicyStatement:
    return _allow(["s3:ListBucket"], bucket.bucket_arn)


def list_versions(bucket: s3.IBucket) -> iam.PolicyStatement:
    return _allow(["s3:ListBucketVersions"], bucket.bucket_arn)


def transfer_by(connectors: Sequence[str]) -> iam.PolicyStatement:
    """Start transfers by these connectors (ARNs), and ask what became of them."""
    return _allow(["transfer:StartFileTransfer", "transfer:ListFileTransferResults"], *connectors)


def invoke(*functions: lambda_.IFunction) -> iam.PolicyStatement:
    return _allow(["lambda:InvokeFunction"], *[function.function_arn for function in functions])


def start_executions(state_machine_arn: str) -> iam.PolicyStatement:
    return _allow(["states:StartExecution"], state_machine_arn)


def describe_executions(machine: sfn.StateMachine) -> iam.PolicyStatement:
    """Ask what became of a state machine's executions."""
    executions = Stack.of(machine).format_arn(
        service="states",
        resource="execution",
        resource_name=f"{machine.state_machine_name}:*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return _allow(["states:DescribeExecution"], executions)


def answer_tasks(state_machine_arn: str) -> iam.PolicyStatement:
    """Complete the tasks of a state machine that wait for a token."""
    return _allow(["states:SendTaskSuccess"], state_machine_arn)


def sign_with(key: kms.IKey) -> iam.PolicyStatement:
    return _allow(["kms:Sign"], key.key_arn)


def read_tagged_secrets(tag: str) -> iam.PolicyStatement:
    """Read the secrets of this account and region that carry a tag with the value `true`."""
    return iam.PolicyStatement(
        actions=["secretsmanager:GetSecretValue"],
        resources=[f"arn:{Aws.PARTITION}:secretsmanager:{Aws.REGION}:{Aws.ACCOUNT_ID}:secret:*"],
        conditions={"StringEquals": {f"secretsmanager:ResourceTag/{tag}": "true"}},
    )
