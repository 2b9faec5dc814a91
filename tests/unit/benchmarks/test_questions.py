"""Every benchmark is asked by `make bench`, and its answer is in the document."""

import re
from pathlib import Path

import benchmarks
from benchmarks.questions import QUESTIONS
from benchmarks.report import DOCUMENT

FOLDER = Path(benchmarks.__file__).parent
ANSWERING = {
    f"benchmarks.{path.stem}" for path in FOLDER.glob("*.py") if "\ndef answer(" in path.read_text(encoding="utf-8")
}


def test_every_question_is_asked_once() -> None:
    assert sorted(question.__name__ for question in QUESTIONS) == sorted(ANSWERING)


def test_the_document_has_the_answer_to_every_question() -> None:
    document = (FOLDER.parent / DOCUMENT).read_text(encoding="utf-8")

    assert set(re.findall(r"^`python -m (benchmarks\.\w+)`", document, re.MULTILINE)) == ANSWERING
