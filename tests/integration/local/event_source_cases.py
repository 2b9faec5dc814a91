"""What the event sources of streams and of queues do, case by case, and what they do not do.

A case puts letters, lets the function answer and time pass, and says what the function then has seen: the letters of
each batch, and "+60s" where a minute passed. docs/reference/event-sources.md is made of these cases.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.integration.local.event_source_worlds import (
    DEAD_LETTERS,
    LOWER,
    UPPER,
    Answer,
    QueueWorld,
    StreamWorld,
    World,
    crash,
    crashes_on,
    fails,
    first,
    returns,
    succeed,
    throttle,
)

MAPPINGS = "Lambda API, CreateEventSourceMapping"
STREAMS = "Lambda guide, with-kinesis"
RESPONSES = "Lambda guide, services-kinesis-batchfailurereporting"
FAILURES = "Lambda guide, kinesis-on-failure-destination"
RECORDED = "AWS as the tests of LocalStack recorded it"
STREAM_API = "Kinesis API, SplitShard and MergeShards"
READERS = "Kinesis guide, kinesis-using-sdk-java-after-resharding (said of consumers in general)"
QUEUE_BATCHES = "Lambda guide, services-sqs-configure"
QUEUE_ERRORS = "Lambda guide, services-sqs-errorhandling"
QUEUES = "SQS guide, sqs-visibility-timeout"
DEAD = "SQS guide, sqs-dead-letter-queues"
NOT_SAID = "AWS does not say: our choice"

Step = Callable[[Any], None]


@dataclass(frozen=True, kw_only=True)
class Case:
    """Is played once. `answer` is the function's until a step gives another; by default "abcd" is put and polled."""

    says: str
    source: str
    answer: Answer = succeed
    given: Mapping[str, Any] = field(default_factory=dict)
    steps: Sequence[Step] | None = None
    sees: Sequence[str] = ()

    def play(self, world: World) -> None:
        world.answer = self.answer
        for step in self.steps or (put("abcd"), poll):
            step(world)


@dataclass(frozen=True, kw_only=True)
class StreamCase(Case):
    given_up: Sequence[str] = ()
    told: Sequence[tuple[Any, ...]] | None = None  # condition, count of attempts and error of each word on them


@dataclass(frozen=True, kw_only=True)
class QueueCase(Case):
    dead: str = ""
    receives: Sequence[int] | None = None  # how often the first message of each batch had been received


@dataclass(frozen=True, kw_only=True)
class Refusal:
    says: str
    source: str
    given: Mapping[str, Any]


def put(letters: str, **how: Any) -> Step:
    return lambda world: world.put(letters, **how)


def poll(world: World) -> None:
    world.poll_to_the_end()


def poll_once(world: World) -> None:
    world.poll()


def wait(seconds: int, *, times: int = 1) -> Step:
    def step(world: World) -> None:
        for _ in range(times):
            world.let_pass(seconds)

    return step


def answer(new: Answer) -> Step:
    return lambda world: setattr(world, "answer", new)


def split(world: StreamWorld) -> None:
    world.split()


def merge(world: StreamWorld) -> None:
    world.merge()


def new_poller(world: StreamWorld) -> None:
    world.source.shards.start_anew()


def redrive(world: QueueWorld) -> None:
    world.redrive()


def receive_and_let_go(world: QueueWorld) -> None:
    world.receive_and_let_go()


def _failure(**item: Any) -> Answer:
    return returns({"batchItemFailures": [item]})


_SUCCESSES = {
    "an empty list of failures": {"batchItemFailures": []},
    "a list of failures that is null": {"batchItemFailures": None},
    "an empty object": {},
    "no answer at all": None,
    "an empty text": "",
    "an empty list": [],
}
_NONSENSE = {
    "an empty identifier": _failure(itemIdentifier=""),
    "an identifier that is null": _failure(itemIdentifier=None),
    "an identifier under another key": _failure(identifier="1"),
    "null under another key": _failure(identifier=None),
    "an identifier that is not in the batch": _failure(itemIdentifier="9"),
    "an exception": crash,
}

BATCHES = (
    StreamCase(
        says="A batch has at most the batch size",
        source=MAPPINGS,
        given={"batch_size": 3},
        sees=["abc", "d"],
    ),
    StreamCase(
        says="A batch has at most 6 MB, counted as they are sent to the function, in base64",
        source=STREAMS,
        steps=(put("abcde", kilobytes=1000), poll),
        sees=["abcd", "e"],
    ),
    StreamCase(
        says="Nothing is invoked for an empty shard",
        source=STREAMS,
        answer=crash,
        steps=(poll, wait(60)),
        sees=["+60s"],
    ),
    StreamCase(
        says="What was put before the source first polled is read: it starts at the trim horizon",
        source=MAPPINGS,
        steps=(put("ab", age=3600), poll),
        sees=["ab"],
    ),
    StreamCase(
        says="A batch that is not full waits for its window",
        source=STREAMS,
        given={"window_seconds": 10},
        steps=(put("ab"), poll, wait(9), put("c"), wait(1)),
        sees=["+9s", "+1s", "abc"],
    ),
    StreamCase(
        says="A full batch does not wait for its window, what is left over does",
        source=STREAMS,
        given={"window_seconds": 10, "batch_size": 3},
        steps=(put("abcd"), poll, wait(10)),
        sees=["abc", "+10s", "d"],
    ),
    StreamCase(
        says="A batch of 6 MB does not wait for its window",
        source=STREAMS,
        given={"window_seconds": 10},
        steps=(put("abcde", kilobytes=1000), poll, wait(10)),
        sees=["abcd", "+10s", "e"],
    ),
    StreamCase(
        says="A failed batch comes again at once: no window is waited for twice",
        source=NOT_SAID,
        given={"window_seconds": 10},
        answer=first(fails("b")),
        steps=(put("ab"), poll, wait(10)),
        sees=["+10s", "ab", "b"],
    ),
)

CHECKPOINTS = (
    *(
        StreamCase(says=f"The whole batch succeeds with {words}", source=RECORDED, answer=returns(value), sees=["abcd"])
        for words, value in _SUCCESSES.items()
    ),
    *(
        StreamCase(
            says=f"The whole batch fails with {words}", source=RECORDED, answer=first(value), sees=["abcd", "abcd"]
        )
        for words, value in _NONSENSE.items()
    ),
    StreamCase(
        says="Everything from a failure on is retried, what had succeeded there too",
        source=RESPONSES,
        answer=first(fails("c")),
        sees=["abcd", "cd"],
    ),
    StreamCase(
        says="The lowest of several failures is the checkpoint, in whatever order they are reported",
        source=RESPONSES,
        answer=first(fails("db")),
        sees=["abcd", "bcd"],
    ),
    StreamCase(
        says="A failure of the first retries the whole batch",
        source=RESPONSES,
        answer=first(fails("a")),
        sees=["abcd", "abcd"],
    ),
    StreamCase(
        says="One wrong identifier among right ones fails the whole batch",
        source=RECORDED,
        answer=first(returns({"batchItemFailures": [{"itemIdentifier": "3"}, {"itemIdentifier": "9"}]})),
        sees=["abcd", "abcd"],
    ),
    StreamCase(
        says="A retried batch does not grow by what has arrived since",
        source=NOT_SAID,
        answer=first(fails("b")),
        steps=(put("ab"), poll_once, put("cd"), poll),
        sees=["ab", "b", "cd"],
    ),
    StreamCase(
        says="A report is not heard where the mapping does not ask for it",
        source=RESPONSES,
        given={"reports_item_failures": False},
        answer=fails("c"),
        sees=["abcd"],
    ),
)

RETRIES = (
    StreamCase(
        says="N retries are N + 1 invocations",
        source=RECORDED,
        given={"retry_attempts": 1},
        answer=crash,
        sees=["abcd", "abcd"],
        given_up=["abcd"],
        told=[("RetryAttemptsExhausted", 2, "Unhandled")],
    ),
    StreamCase(
        says="No retry is one invocation",
        source=MAPPINGS,
        given={"retry_attempts": 0},
        answer=crash,
        sees=["abcd"],
        given_up=["abcd"],
        told=[("RetryAttemptsExhausted", 1, "Unhandled")],
    ),
    StreamCase(
        says="What keeps failing under partial responses is given up too, and no error is named",
        source=RECORDED,
        given={"retry_attempts": 2},
        answer=fails("c"),
        steps=(put("abcd"), poll, wait(1)),
        sees=["abcd", "cd", "cd", "+1s"],
        given_up=["cd"],
        told=[("RetryAttemptsExhausted", 3, None)],
    ),
    StreamCase(
        says="The attempts of what failed begin anew when the checkpoint moves",
        source=NOT_SAID,
        given={"retry_attempts": 1},
        answer=first(fails("b"), fails("d"), then=crash),
        sees=["abcd", "bcd", "d"],
        given_up=["d"],
    ),
    StreamCase(
        says="After giving up the next batch follows",
        source=FAILURES,
        given={"retry_attempts": 0, "batch_size": 2},
        answer=crashes_on("a"),
        sees=["ab", "cd"],
        given_up=["ab"],
    ),
    StreamCase(
        says="Without a limit a failing batch blocks its shard, three attempts at an instant here, and goes on after",
        source=FAILURES,
        given={"retry_attempts": None},
        answer=crash,
        steps=(put("abcd"), poll, wait(1), answer(succeed), put("e"), wait(1)),
        sees=["abcd", "abcd", "abcd", "+1s", "abcd", "abcd", "abcd", "+1s", "abcd", "e"],
    ),
    StreamCase(
        says="A batch that is retried until its records expire is gone without a word",
        source=FAILURES,
        given={"retry_attempts": None},
        answer=crash,
        steps=(put("a"), poll, wait(24 * 3600 + 1), answer(succeed), put("b"), poll),
        sees=["a", "a", "a", "+86401s", "b"],
        told=[],
    ),
    StreamCase(
        says="An event that Lambda did not take costs no attempt",
        source=FAILURES,
        given={"retry_attempts": 0},
        answer=first(throttle, throttle),
        sees=["abcd", "abcd", "abcd"],
        told=[],
    ),
    StreamCase(
        says="An event that Lambda did not take splits nothing",
        source=FAILURES,
        given={"retry_attempts": 0, "splits_failed_batches": True},
        answer=first(throttle),
        sees=["abcd", "abcd"],
    ),
    StreamCase(
        says="An event that Lambda never takes is given up when it is too old, with no attempt to its name",
        source=FAILURES,
        given={"retry_attempts": 0, "record_age_seconds": 60},
        answer=throttle,
        steps=(put("ab"), poll, wait(61)),
        sees=["ab", "ab", "ab", "+61s"],
        given_up=["ab"],
        told=[("RecordAgeExceeded", 0, "no response")],
    ),
)

SPLITS = (
    *(StreamCase(
        says=says,
        source=source,
        answer=answer,
        given={"splits_failed_batches": True, "retry_attempts": retries},
        steps=(put("abcd"), poll, wait(1)),
        sees=sees,
        given_up=given_up,
    )
    for says, source, answer, retries, sees, given_up in (
        ("A crash halves the batch", MAPPINGS, first(crash), 1, ["abcd", "ab", "cd", "+1s"], []),
        ("An answer that makes no sense halves the batch", MAPPINGS, first(_NONSENSE["an empty identifier"]), 1,
         ["abcd", "ab", "cd", "+1s"], []),
        ("Halves are halved until one record is left, and what follows it goes on", MAPPINGS, crashes_on("b"), 1,
         ["abcd", "ab", "a", "b", "b", "cd", "+1s"], ["b"]),
        ("Splitting costs no retry", FAILURES, crashes_on("a"), 0, ["abcd", "ab", "a", "b", "cd", "+1s"], ["a"]),
        ("Two culprits are given up one by one", FAILURES, crashes_on("ac"), 0,
         ["abcd", "ab", "a", "b", "cd", "c", "d", "+1s"], ["a", "c"]),
        ("A partial failure splits at the record, and only the rest is retried", RESPONSES, first(fails("c")), 1,
         ["abcd", "cd", "+1s"], []),
        ("A split at a record costs no retry", NOT_SAID, fails("c"), 1, ["abcd", "cd", "cd", "+1s"], ["cd"]),
        ("A failure of the first splits nothing off", NOT_SAID, fails("a"), 1, ["abcd", "abcd", "+1s"], ["abcd"]),
        ("A rest that crashes is halved", RESPONSES, first(fails("b"), then=crashes_on("c")), 0,
         ["abcd", "bcd", "b", "cd", "c", "d", "+1s"], ["c"]),
        ("Splits and retries share the attempts of an instant", NOT_SAID, crashes_on("a"), None,
         ["abcd", "ab", "a", "+1s", "a", "a", "a"], []),
    )),
    StreamCase(
        says="Of an odd number the first half is the smaller",
        source=NOT_SAID,
        given={"splits_failed_batches": True},
        answer=first(crash),
        steps=(put("abc"), poll),
        sees=["abc", "a", "bc"],
    ),
    StreamCase(
        says="A crash halves the batch where failures are not reported too",
        source=RESPONSES,
        given={"splits_failed_batches": True, "reports_item_failures": False},
        answer=first(crash),
        sees=["abcd", "ab", "cd"],
    ),
    StreamCase(
        says="Without splitting a crash takes its neighbours along",
        source=FAILURES,
        given={"retry_attempts": 1},
        answer=crashes_on("b"),
        sees=["abcd", "abcd"],
        given_up=["abcd"],
    ),
    StreamCase(
        says="A half does not grow by what arrives while it waits",
        source=NOT_SAID,
        given={"splits_failed_batches": True},
        answer=first(crash),
        steps=(put("abcd"), poll_once, put("ef"), poll),
        sees=["abcd", "ab", "cd", "ef"],
    ),
)  # fmt: skip

AGES = (
    StreamCase(
        says="Records that are too old are given up before the first attempt, younger ones go on",
        source=RECORDED,
        given={"record_age_seconds": 60},
        steps=(put("ab", age=61), put("cd"), poll),
        sees=["cd"],
        given_up=["ab"],
        told=[("RecordAgeExceeded", 0, "no response")],
    ),
    StreamCase(
        says="A record at the limit is not too old",
        source=NOT_SAID,
        given={"record_age_seconds": 60},
        steps=(put("a", age=61), put("b", age=60), poll),
        sees=["b"],
        given_up=["a"],
    ),
    StreamCase(
        says="A record that is retried is given up when it has become too old, its younger neighbour is not",
        source=FAILURES,
        given={"record_age_seconds": 60, "retry_attempts": None},
        answer=crashes_on("a"),
        steps=(put("a", age=30), put("b"), poll, wait(30), wait(1)),
        sees=["ab", "ab", "ab", "+30s", "ab", "ab", "ab", "+1s", "b"],
        given_up=["a"],
    ),
    StreamCase(
        says="An old record behind a younger one waits for its turn",
        source=NOT_SAID,
        given={"record_age_seconds": 60},
        steps=(put("a"), put("b", age=61), put("c"), poll),
        sees=["a", "c"],
        given_up=["b"],
    ),
    StreamCase(
        says="The younger ones have all of their retries",
        source=NOT_SAID,
        given={"record_age_seconds": 60, "retry_attempts": 1},
        answer=crash,
        steps=(put("a", age=61), put("bc"), poll),
        sees=["bc", "bc"],
        given_up=["a", "bc"],
    ),
    StreamCase(
        says="Half a batch is given up for its age, the other half goes on",
        source=NOT_SAID,
        given={"record_age_seconds": 60, "retry_attempts": None, "splits_failed_batches": True},
        answer=crash,
        steps=(put("ab", age=30), put("cd"), poll, answer(succeed), wait(31)),
        sees=["abcd", "ab", "a", "+31s", "cd"],
        given_up=["a", "b"],
    ),
    StreamCase(
        says="Without a destination what is too old is gone",
        source=FAILURES,
        given={"record_age_seconds": 60, "on_failure_arn": None},
        steps=(put("a", age=61), put("b"), poll),
        sees=["b"],
        told=[],
    ),
    StreamCase(
        says="A queue is told what was given up, without the records",
        source=FAILURES,
        given={"retry_attempts": 0, "on_failure_arn": DEAD_LETTERS},
        answer=crash,
        sees=["abcd"],
        told=[("RetryAttemptsExhausted", 1, "Unhandled")],
    ),
)

LANES = (
    StreamCase(
        says="A shard has a batch for each of its lanes at once, and a partition key is always in the same lane",
        source=MAPPINGS,
        given={"lanes": 3},
        steps=(put("a"), put("b", key="globex"), put("c"), put("d", key="globex"), put("e", key="initech"), poll),
        sees=["bd", "ac", "e"],
    ),
    StreamCase(
        says="With one lane the order is that of the shard, whatever the keys",
        source=MAPPINGS,
        steps=(put("a"), put("b", key="globex"), put("c"), poll),
        sees=["abc"],
    ),
    StreamCase(
        says="A key that fails blocks its lane and no other",
        source=MAPPINGS,
        given={"lanes": 3, "retry_attempts": None},
        answer=crashes_on("a"),
        steps=(put("a"), put("b", key="globex"), poll, put("c"), put("d", key="globex"), wait(1)),
        sees=["b", "a", "a", "a", "+1s", "d", "a", "a", "a"],
    ),
    StreamCase(
        says="A lane counts its own attempts",
        source=NOT_SAID,
        given={"lanes": 3, "retry_attempts": 1},
        answer=crash,
        steps=(put("a"), put("b", key="globex"), poll),
        sees=["b", "a", "b", "a"],
        given_up=["b", "a"],
    ),
    StreamCase(
        says="The checkpoint waits for the slowest lane: a new poller repeats what the faster ones had done since",
        source=STREAMS,
        given={"lanes": 3, "retry_attempts": None},
        answer=crashes_on("b"),
        steps=(
            put("a"),
            put("b", key="globex"),
            put("c"),
            poll,
            new_poller,
            answer(succeed),
            wait(1),
        ),
        sees=["b", "ac", "b", "b", "+1s", "b", "c"],
    ),
    StreamCase(
        says="A poller whose iterator has expired goes on after the checkpoint and repeats nothing before it",
        source=STREAMS,
        steps=(put("ab"), poll, new_poller, put("c"), poll),
        sees=["ab", "c"],
    ),
)

RESHARDING = (
    StreamCase(
        says="What was put before a split is read before what was put after it",
        source=READERS,
        steps=(put("ab"), split, put("c", hash_key=LOWER), put("d", hash_key=UPPER), poll),
        sees=["ab", "c", "d"],
    ),
    StreamCase(
        says="New shards are read from their first record, though it came before anybody knew of them",
        source=READERS,
        steps=(put("a"), poll, split, put("bc", hash_key=UPPER), wait(60)),
        sees=["a", "+60s", "bc"],
    ),
    StreamCase(
        says="The children of a split wait as long as their parent is retried",
        source=READERS,
        given={"retry_attempts": None},
        answer=crashes_on("a"),
        steps=(put("a"), split, put("b"), poll, answer(succeed), wait(1)),
        sees=["a", "a", "a", "+1s", "a", "b"],
    ),
    StreamCase(
        says="The children of a split go on once the rest of their parent is given up",
        source=READERS,
        given={"retry_attempts": 0},
        answer=crashes_on("a"),
        steps=(put("a"), split, put("b"), poll),
        sees=["a", "b"],
        given_up=["a"],
    ),
    StreamCase(
        says="The child of a merger waits for both of its parents",
        source=READERS,
        given={"retry_attempts": None},
        answer=crashes_on("b"),
        steps=(
            split,
            put("a", hash_key=LOWER),
            put("b", hash_key=UPPER),
            merge,
            put("c"),
            poll,
            answer(succeed),
            wait(1),
        ),
        sees=["a", "b", "b", "b", "+1s", "b", "c"],
    ),
    StreamCase(
        says="Records of merged shards are read once",
        source=STREAM_API,
        steps=(split, put("a", hash_key=LOWER), put("b", hash_key=UPPER), merge, poll),
        sees=["a", "b"],
    ),
    StreamCase(
        says="The children of a split wait for every lane of their parent",
        source=NOT_SAID,
        given={"lanes": 3, "retry_attempts": None},
        answer=crashes_on("a"),
        steps=(put("a"), put("b", key="globex"), split, put("c", key="globex"), poll, answer(succeed), wait(1)),
        sees=["b", "a", "a", "a", "+1s", "a", "c"],
    ),
    StreamCase(
        says="A parent that held nothing makes nobody wait",
        source=READERS,
        steps=(split, put("a"), poll),
        sees=["a"],
    ),
    StreamCase(
        says="A new poller does not go back to the drained parent",
        source=READERS,
        steps=(put("a"), split, put("b"), poll, new_poller, put("c"), poll),
        sees=["a", "b", "c"],
    ),
    StreamCase(
        says="Shards do not wait for each other",
        source=STREAMS,
        given={"retry_attempts": None},
        answer=crashes_on("a"),
        steps=(split, put("a", hash_key=LOWER), put("b", hash_key=UPPER), poll, put("c", hash_key=UPPER), poll),
        sees=["a", "b", "a", "a", "c"],
    ),
    StreamCase(
        says="Shards split their failed batches by themselves, with three attempts each at an instant here",
        source=NOT_SAID,
        given={"retry_attempts": None, "splits_failed_batches": True},
        answer=crash,
        steps=(split, put("abcd", hash_key=LOWER), put("wxyz", hash_key=UPPER), poll),
        sees=["abcd", "wxyz", "ab", "wx", "a", "w"],
    ),
)

MESSAGES = (
    QueueCase(
        says="Success deletes the batch",
        source=QUEUE_ERRORS,
        steps=(put("abc"), poll, wait(60)),
        sees=["abc", "+60s"],
    ),
    QueueCase(
        says="An empty object is success",
        source=RECORDED,
        answer=returns({}),
        steps=(put("abc"), poll, wait(60)),
        sees=["abc", "+60s"],
    ),
    QueueCase(
        says="Only what is reported comes again",
        source=QUEUE_ERRORS,
        answer=first(fails("b")),
        steps=(put("abc"), poll, wait(60)),
        sees=["abc", "+60s", "b"],
    ),
    QueueCase(
        says="A report is not heard where the mapping does not ask for it",
        source=QUEUE_ERRORS,
        given={"reports_item_failures": False},
        answer=fails("b"),
        steps=(put("abc"), poll, wait(60)),
        sees=["abc", "+60s"],
    ),
    *(
        QueueCase(
            says=f"The whole batch of messages comes again after {words}",
            source=RECORDED,
            answer=first(value),
            steps=(put("abc"), poll, wait(60)),
            sees=["abc", "+60s", "abc"],
        )
        for words, value in (_NONSENSE | {"a text that is no report": returns("done")}).items()
    ),
    QueueCase(
        says="A message that failed is invisible until its visibility time-out is over",
        source=QUEUES,
        answer=first(crash),
        steps=(put("a"), poll, wait(59), wait(1)),
        sees=["a", "+59s", "+1s", "a"],
    ),
    QueueCase(
        says="A batch has at most the batch size",
        source=QUEUE_BATCHES,
        given={"batch_size": 2},
        steps=(put("abc"), poll),
        sees=["ab", "c"],
    ),
    QueueCase(
        says="A batch may be larger than one receive",
        source=QUEUE_BATCHES,
        given={"batch_size": 12},
        steps=(put("abcdefghijklmno"), poll),
        sees=["abcdefghijkl", "mno"],
    ),
    QueueCase(
        says="A batch of messages has at most 6 MB",
        source=QUEUE_BATCHES,
        steps=(put("abcdefg", kilobytes=1000), poll),
        sees=["abcdef", "g"],
    ),
    QueueCase(
        says="A batch of messages that is not full waits for its window",
        source=QUEUE_BATCHES,
        given={"window_seconds": 10},
        steps=(put("ab"), poll, wait(9), put("c"), wait(1)),
        sees=["+9s", "+1s", "abc"],
    ),
    QueueCase(
        says="A full batch of messages does not wait for its window",
        source=QUEUE_BATCHES,
        given={"window_seconds": 10, "batch_size": 2},
        steps=(put("abc"), poll, wait(10)),
        sees=["ab", "+10s", "c"],
    ),
    QueueCase(
        says="The visibility of a message runs while its batch waits for its window",
        source=QUEUE_BATCHES,
        given={"window_seconds": 20},
        answer=first(crash),
        steps=(put("a"), poll, wait(20), wait(39), wait(1), wait(20)),
        sees=["+20s", "a", "+39s", "+1s", "+20s", "a"],
    ),
    QueueCase(
        says="A delayed message comes when its delay is over",
        source=QUEUES,
        steps=(put("a", delay=30), poll, wait(29), wait(1)),
        sees=["+29s", "+1s", "a"],
    ),
    QueueCase(
        says="A message made visible by somebody else comes at once, with his receive on its count",
        source=QUEUES,
        steps=(put("a"), receive_and_let_go, poll),
        sees=["a"],
        receives=[2],
    ),
)

DEAD_LETTER_QUEUES = (
    QueueCase(
        says="Every receive counts",
        source=DEAD,
        answer=crash,
        steps=(put("a"), poll, wait(60)),
        sees=["a", "+60s", "a"],
        receives=[1, 2],
    ),
    QueueCase(
        says="A message is not dead after its last receive that is allowed",
        source=DEAD,
        answer=crash,
        steps=(put("a"), poll, wait(60, times=2)),
        sees=["a", "+60s", "a", "+60s", "a"],
        dead="",
    ),
    QueueCase(
        says="A message moves to the dead-letter queue at the receive that would be one too many",
        source=DEAD,
        answer=crash,
        steps=(put("a"), poll, wait(60, times=3)),
        sees=["a", "+60s", "a", "+60s", "a", "+60s"],
        dead="a",
    ),
    QueueCase(
        says="Innocent mates of a crashing message die with it",
        source=DEAD,
        answer=crashes_on("a"),
        steps=(put("ab"), poll, wait(60, times=3)),
        sees=["ab", "+60s", "ab", "+60s", "ab", "+60s"],
        dead="ab",
    ),
    QueueCase(
        says="With partial responses innocent mates do not",
        source=QUEUE_ERRORS,
        answer=fails("a"),
        steps=(put("ab"), poll, wait(60, times=3)),
        sees=["ab", "+60s", "a", "+60s", "a", "+60s"],
        dead="a",
    ),
    QueueCase(
        says="What Lambda does not take counts as received all the same",
        source=QUEUE_ERRORS,
        answer=throttle,
        steps=(put("a"), poll, wait(60, times=3)),
        sees=["a", "+60s", "a", "+60s", "a", "+60s"],
        dead="a",
    ),
    QueueCase(
        says="A message that is moved back begins its receives anew",
        source=DEAD,
        answer=first(crash, crash, crash),
        steps=(put("a"), poll, wait(60, times=3), redrive, poll),
        sees=["a", "+60s", "a", "+60s", "a", "+60s", "a"],
        receives=[1, 2, 3, 1],
    ),
)

STREAM_REFUSALS = (
    Refusal(says="A record's age below a minute", source=MAPPINGS, given={"record_age_seconds": 59}),
    Refusal(says="A record's age above a week", source=MAPPINGS, given={"record_age_seconds": 604_801}),
    Refusal(says="No lane", source=MAPPINGS, given={"lanes": 0}),
    Refusal(says="Eleven lanes", source=MAPPINGS, given={"lanes": 11}),
    Refusal(says="A batch of more than 10,000", source=MAPPINGS, given={"batch_size": 10_001}),
    Refusal(says="A window of more than five minutes", source=MAPPINGS, given={"window_seconds": 301}),
    Refusal(
        says="A FIFO queue for what is given up", source=FAILURES, given={"on_failure_arn": f"{DEAD_LETTERS}.fifo"}
    ),
    Refusal(
        says="A topic for what is given up",
        source=NOT_SAID,
        given={"on_failure_arn": "arn:aws:sns:eu-central-1:123456789012:failed"},
    ),
    Refusal(
        says="A FIFO queue as a source",
        source=NOT_SAID,
        given={"source_arn": "arn:aws:sqs:eu-central-1:123456789012:erp-postings.fifo"},
    ),
)

# What AWS does and the stand-in does not, by choice.
NOT_DONE = (
    (
        "Invocations do not overlap. Lanes and shards take turns in a seeded order; a function that is slow past the "
        "visibility of its messages does not meet its own redelivery."
    ),
    (
        "Polls cost nothing and find all there is: no poll a second, no limit of reads of a shard, no empty read with "
        "records ahead. Concurrency grows at once and without a limit."
    ),
    (
        "The local cloud reads every batching window as over at once, as nobody waits while time stands still. That a "
        "batch of more than 10 messages needs a window of a second is not checked."
    ),
    "Failures are not backed off by time: after three in a row a lane waits until the clock moves.",
    "FIFO queues are refused: moto does not redeliver their messages in order.",
    "Filters, tumbling windows and any other start than the trim horizon are refused when a stack is deployed.",
    "Topics are refused as a destination of what is given up. Destinations never fail.",
    "The largest payload counts the data of the records in base64, not what JSON adds around them.",
    "Sequence numbers are 1, 2, 3 ... on each shard, so that a key which leaves the shard out meets another's soon.",
    "Which lane a partition key is in is our own choice; AWS says only that it is always the same.",
    (
        "Deletes of messages never fail, and a message is delivered twice only by its visibility. Message attributes "
        "do not reach the function."
    ),
    "The iterator age is not published as a metric.",
    "Enhanced fan-out, provisioned pollers, on-demand streams that ignore partition keys: not there.",
)

STREAM_CASES = (*BATCHES, *CHECKPOINTS, *RETRIES, *SPLITS, *AGES, *LANES, *RESHARDING)
QUEUE_CASES = (*MESSAGES, *DEAD_LETTER_QUEUES)
