"""The catalogue of exceptions is complete, and its reference page says what the code says."""

from pathlib import Path

from shared.domain.exception_record import ExceptionCode
from shared.domain.exceptions_catalog import CATALOG

ROOT = Path(__file__).parents[4]


def reference_page() -> str:
    lines = [
        "# Exceptions",
        "",
        "Every exception has one of these codes. Critical means that a total may be wrong.",
        "Every remedy is safe at any time, and safe twice.",
        "How to see, close and release them: [guide](../guides/exceptions.md).",
    ]
    for code, entry in CATALOG.items():
        lines += ["", f"## {code.value}", "", entry.meaning, ""]
        lines.append(f"Owner: {entry.owner.value}.{' **Critical.**' if entry.critical else ''}")
        lines += ["", *(f"- {remedy}" for remedy in entry.remedies)]
    return "\n".join(lines) + "\n"


def test_every_code_has_a_meaning_an_owner_and_a_remedy() -> None:
    assert list(CATALOG) == list(ExceptionCode)
    assert all(entry.meaning.endswith(".") and entry.remedies for entry in CATALOG.values())


def test_the_reference_page_is_the_catalogue() -> None:
    assert (ROOT / "docs" / "reference" / "exceptions.md").read_text() == reference_page()


def test_quarantine_is_not_critical_and_a_dead_letter_is() -> None:
    assert not CATALOG[ExceptionCode.MALFORMED_JSON].critical
    assert CATALOG[ExceptionCode.DEAD_LETTER].critical
