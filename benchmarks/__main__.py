"""Asks every question and writes the answers: `make bench`. Each module answers one, and can be run by itself."""

import time

from benchmarks.questions import QUESTIONS
from benchmarks.report import DOCUMENT, write_document

answers = []
for number, question in enumerate(QUESTIONS, start=1):
    print(f"{number} of {len(QUESTIONS)}: {question.__doc__}", flush=True)
    started = time.monotonic()
    answers.append(question.answer())
    print(f"{answers[-1].markdown()}\n{time.monotonic() - started:.0f} s\n", flush=True)
write_document(answers)
print(f"written to {DOCUMENT}")
