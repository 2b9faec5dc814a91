"""Where moto and ministack are not AWS, case by case, with a probe that shows it.

docs/reference/stand-ins.md is made of this table: python -m tests.contract.stand_ins.document.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.contract.stand_ins import probes


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """What AWS documents, and what a probe finds on each stand-in. `so` is what follows from it here."""

    case: str
    probe: Callable[[], str]
    aws: str
    moto: str
    ministack: str
    so: str


DIVERGENCES = (
    Divergence(
        case="DynamoDB: a transaction is sent twice with one client token",
        probe=probes.transaction_sent_twice,
        aws="counted once",
        moto="counted twice",
        ministack="counted once",
        so="no guard of ours is a token",
    ),
    Divergence(
        case="DynamoDB: another transaction comes with the same client token",
        probe=probes.token_with_another_transaction,
        aws="IdempotentParameterMismatchException",
        moto="taken",
        ministack="IdempotentParameterMismatchException",
        so="as above",
    ),
    Divergence(
        case="DynamoDB: 1.10 is written as a number and read",
        probe=probes.trailing_zero_of_a_number,
        aws="1.1",
        moto="1.10",
        ministack="1.1",
        so="amounts are text or minor units",
    ),
    Divergence(
        case="DynamoDB: a number of 39 digits is written",
        probe=probes.number_of_39_digits,
        aws="ValidationException",
        moto="taken",
        ministack="ValidationException",
        so="quantities are bounded before they are written",
    ),
    Divergence(
        case="DynamoDB: 26 items are written in a batch",
        probe=probes.batch_of_26_items,
        aws="ValidationException",
        moto="taken",
        ministack="ValidationException",
        so="the batches have a test of their own size",
    ),
    Divergence(
        case="DynamoDB: a transaction has 5 MB",
        probe=probes.transaction_of_5_mb,
        aws="ValidationException",
        moto="taken",
        ministack="ValidationException",
        so="transactions hold few, small items",
    ),
    Divergence(
        case="SQS: a message has a control character",
        probe=probes.message_with_a_control_character,
        aws="InvalidMessageContents",
        moto="taken",
        ministack="InvalidMessageContents",
        so="ingest refuses such text at the door",
    ),
    Divergence(
        case="SQS: dead letters are moved back by StartMessageMoveTask",
        probe=probes.redrive_of_a_dead_letter_queue,
        aws="taken",
        moto="not there",
        ministack="InvalidAction",
        so="tests move messages one by one",
    ),
    Divergence(
        case="Kinesis: the records of a shard that was split are read",
        probe=probes.records_of_a_split_shard,
        aws="1 of 1",
        moto="1 of 1",
        ministack="gone",
        so="resharding is tested on moto, mended by the local cloud",
    ),
    Divergence(
        case="Kinesis: a record is put after the split",
        probe=probes.record_put_after_a_split,
        aws="in a child",
        moto="in the parent",
        ministack="in a child",
        so="the local cloud mends moto",
    ),
    Divergence(
        case="Kinesis: the records of merged shards are read from all shards",
        probe=probes.records_of_merged_shards,
        aws="1 of 1",
        moto="2 of 1",
        ministack="0 of 1",
        so="the local cloud mends moto",
    ),
    Divergence(
        case="Kinesis: a closed shard is read to its end; the next iterator",
        probe=probes.iterator_at_the_end_of_a_closed_shard,
        aws="none",
        moto="another one",
        ministack="gone",
        so="a shard counts as drained by either sign",
    ),
    Divergence(
        case="Kinesis: a record of more than 1 MiB is put",
        probe=probes.record_above_1_mib,
        aws="refused",
        moto="taken",
        ministack="refused",
        so="packing has a test of its own size",
    ),
    Divergence(
        case="Kinesis: records of 6 MiB are put in one call",
        probe=probes.records_of_6_mib_in_a_call,
        aws="taken",
        moto="refused",
        ministack="refused",
        so="calls stay below 5 MB",
    ),
    Divergence(
        case="Step Functions: an execution is started again under its name, with the same input, while it runs",
        probe=probes.execution_started_twice,
        aws="taken",
        moto="taken",
        ministack="ExecutionAlreadyExists",
        so="both answers mean that it has started",
    ),
)

# Cases of contract suites that cannot hold on ministack, each for a divergence above.
NOT_ON_MINISTACK = {
    "test_stream_tails.py::test_a_closed_shard_counts_until_it_is_read": probes.records_of_a_split_shard,
}

# The fakes in memory keep the promises of their ports and nothing else; tests/contract/adapters holds them to those.
OF_THE_FAKES = (
    "They have no limits of size: what an adapter must split or refuse, a fake takes as it is.",
    "They are never throttled, late or in doubt: the simulation puts those faults between them and the use cases.",
    "Every read is consistent, and nothing expires unless a test says so.",
)
