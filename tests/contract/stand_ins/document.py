"""Writes docs/reference/stand-ins.md from the table: python -m tests.contract.stand_ins.document."""

from collections.abc import Iterator
from pathlib import Path

from tests.contract.stand_ins.divergences import DIVERGENCES, OF_THE_FAKES

DOCUMENT = Path(__file__).parents[3] / "docs/reference/stand-ins.md"
_BEFORE = """\
# Stand-ins of AWS

No test runs against an AWS account. What stands in for AWS, and what each is trusted with:

| Stand-in | What it carries | What it is not trusted with |
| --- | --- | --- |
| fakes in memory (`tests/fakes`) | use cases and the simulation: millions of histories | limits, time-outs, throttles |
| moto, in the same process | adapters; the local cloud of `u2c run` | event sources, resharding, FIFO queues, tokens |
| ministack, a server (`make test-ministack`) | a second opinion on every adapter | event sources, resharding |
| [event sources](event-sources.md) of `operations/local` | batches, checkpoints, retries | what that page says |

One contract suite, `tests/contract/adapters`, runs on the fakes and on moto in every `make test`, and on ministack in
`make test-ministack`. `tests/contract/test_every_fake.py` finds a fake without a suite.

## Declared divergences

Every row is pinned by a probe (`tests/contract/stand_ins`). A new version that does as AWS does fails its test, and the
row goes. Under AWS stands what its documentation says.

| Case | AWS | moto | ministack | So, here |
| --- | --- | --- | --- | --- |
"""
_AFTER = """
FIFO queues of moto do not give back a message that was received and not deleted; a test of its own pins that, and the
local cloud refuses such queues.

## The fakes in memory

"""


def document() -> str:
    return _BEFORE + "".join(_rows()) + _AFTER + "".join(f"- {each}\n" for each in OF_THE_FAKES)


def _rows() -> Iterator[str]:
    for each in DIVERGENCES:
        moto, ministack = (f"**{found}**" if found != each.aws else found for found in (each.moto, each.ministack))
        yield f"| {each.case} | {each.aws} | {moto} | {ministack} | {each.so} |\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
