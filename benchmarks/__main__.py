"""Asks every question and writes the answers: `make bench`. Each module answers one, and can be run by itself."""

from benchmarks import (
    against_moto,
    end_to_end,
    entitlement,
    growth,
    handler_cpu,
    recount,
    shared_lanes,
    with_the_sdk,
    write_units,
)
from benchmarks.report import DOCUMENT, write_document

QUESTIONS = (
    handler_cpu,
    with_the_sdk,
    against_moto,
    write_units,
    shared_lanes,
    growth,
    recount,
    entitlement,
    end_to_end,
)

answers = []
for question in QUESTIONS:
    answers.append(question.answer())
    print(answers[-1].markdown())
write_document(answers)
print(f"written to {DOCUMENT}")
