"""What a process leaves behind when it ends, or forks, without closing its producer."""

import subprocess
import sys

PREPARATION = """
import os
from datetime import UTC, datetime
from usage_producer import ProducerClosedError, UsageEvent, UsageProducer

class Stream:
    def put_records(self, *, StreamName, Records):
        if StreamName == "gone":
            error = RuntimeError("no such stream")
            error.response = {"Error": {"Code": "ResourceNotFoundException"}}
            raise error
        print("put", len(Records), "by the parent" if os.getpid() == parent else "by the child", flush=True)
        return {"Records": [{"ShardId": "shard-0", "SequenceNumber": "1"} for _ in Records]}

parent = os.getpid()
event = UsageEvent(source="urn:acme:gateway", record_key="request-7001", subject="acme", meter="api_calls",
                   occurred_at=datetime(2026, 3, 15, tzinfo=UTC))
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", PREPARATION + program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def test_what_waits_when_the_process_ends_is_sent_first() -> None:
    ended = run("UsageProducer(Stream(), 'usage-events', linger_seconds=3600).send(event)")

    assert ended.stdout == "put 1 by the parent\n"


def test_what_failed_when_the_process_ends_is_named_in_the_log_by_its_identity() -> None:
    ended = run("UsageProducer(Stream(), 'gone', linger_seconds=3600).send(event)")

    assert "84c85ff356728ccba581301c0dda2193 of urn:acme:gateway: RuntimeError: no such stream" in ended.stderr


def test_a_forked_process_neither_sends_twice_nor_takes_what_it_could_not_send() -> None:
    ended = run("""
producer = UsageProducer(Stream(), "usage-events", linger_seconds=3600)
producer.send(event)
if os.fork() == 0:
    try:
        producer.send(event)
    except ProducerClosedError:
        print("refused in the child", flush=True)
else:
    os.wait()
""")

    assert ended.stdout == "refused in the child\nput 1 by the parent\n"
