"""Contenders measured in turns in one process, so that whatever else the machine does happens to all of them."""

import gc
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from statistics import median
from time import process_time

Handler = Callable[[bytes], None]
Contender = tuple[Callable[[], Handler], list[bytes], int]  # a new handler, its invocations, and events in them


def micros_an_event(contenders: Mapping[str, Contender], *, rounds: int) -> dict[str, float]:
    """Return the median CPU in microseconds an event; every round runs each contender once, from nothing.

    Each gets the bytes of its invocations, so the runtime's parsing of the envelope is part of all. What they print
    (figures for alarms) is written, to nowhere.
    """
    gc.collect()
    gc.freeze()  # the loads are nobody's garbage
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        for _ in range(rounds):
            for name, (build, envelopes, _events) in contenders.items():
                handler = build()
                gc.collect()
                seconds[name].append(_run(handler, envelopes))
    gc.unfreeze()
    return {name: median(taken) / contenders[name][2] * 1e6 for name, taken in seconds.items()}


def _run(handler: Handler, envelopes: Iterable[bytes]) -> float:
    started = process_time()
    for envelope in envelopes:
        handler(envelope)
    return process_time() - started


def run_silently(handler: Handler, envelopes: Iterable[bytes]) -> None:
    """Run a handler for its effects."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        _run(handler, envelopes)
