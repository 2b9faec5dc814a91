import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from operations.u2c.__main__ import main
from operations.u2c.commands import journal
from shared.contracts.journal import answer
from shared.domain.posting.journal_approval import PreparedJournal
from tests.builders.posting import a_journal

ACCRUAL = """\
id: accrual-2026-10
legal_entity: acme-gmbh
posting_date: 2026-10-31
currency: EUR
text: Usage of October that is not billed
lines:
  - {account: unbilled, debit: 300.00}
  - {account: revenue, credit: 300.00, dimensions: {region: eu}}
"""


def event_of(*typed: str) -> Mapping[str, Any]:
    parser = argparse.ArgumentParser()
    journal.register(parser.add_subparsers())
    arguments = parser.parse_args(["journal", *typed, "--by", "fred@nimbus.example"])
    event: Mapping[str, Any] = arguments.event_of(arguments)
    return event


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "accrual.yaml"
    path.write_text(ACCRUAL)
    return path


def test_a_file_is_read_with_every_digit_and_only_shown_until_it_is_to_be_stored(file: Path) -> None:
    shown, stored = event_of("post", str(file)), event_of("post", str(file), "--send")

    assert shown["send"] is False
    assert stored == {**shown, "send": True}
    assert [line["debit"] or line["credit"] for line in shown["journal"]["lines"]] == ["300.00", "300.00"]
    assert shown["journal"]["lines"][1]["dimensions"] == {"region": "eu"}


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ("debit: 300.00", "debit: 300.00, credit: 1", "7: lines[0]: a line is a debit or a credit"),
        ("debit: 300.00", "debit: -300.00", "7: lines[0].debit: -300.00 is not more than 0"),
        ("debit: 300.00", "debit: many", "7: lines[0].debit: 'many' is no amount"),
        (
            "id: accrual-2026-10",
            "id: a/b",
            "1: id: 'a/b' is not letters, digits, dots, dashes and underscores, 64 at most, a letter or a digit first",
        ),
        ("currency: EUR", "currency: euros", "4: currency: 'euros' is not three capital letters, as EUR"),
        (
            "posting_date: 2026-10-31",
            "posting_date: in October",
            "3: posting_date: 'in October' is no date, as 2026-10-31 is one",
        ),
        ("text: Usage", "note: Usage", "1: text: is missing"),
        ("text: Usage", "text: Usage\ntext: Fees", "6: text: the key is already there; which of the two counts?"),
        ("  - {account: unbilled, debit: 300.00}\n", "", "6: lines: has 1 of the 2 entries that it needs"),
        ("currency: EUR", "currency: [EUR", "5: did not find expected ',' or ']'"),
        (ACCRUAL, "", "1: it holds no journal: that is keys and values, as id: accrual-2026-10"),
        (ACCRUAL, "October", "1: it holds no journal: that is keys and values, as id: accrual-2026-10"),
    ],
)
def test_a_file_that_is_no_journal_is_refused_with_its_line_before_anybody_is_asked(
    file: Path, written: str, instead: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(ACCRUAL.replace(written, instead))

    assert main(["journal", "post", str(file)]) == journal.UNUSABLE_REQUEST

    assert capsys.readouterr().out.splitlines()[0] == f"{file}:{told}"


def test_one_amount_that_is_none_is_one_fault(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(ACCRUAL.replace("debit: 300.00", "debit: many"))

    main(["journal", "post", str(file)])

    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_file_that_is_not_there_and_a_folder_are_called_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (tmp_path / "accrual.yaml", tmp_path):
        assert main(["journal", "post", str(path)]) == journal.UNUSABLE_REQUEST

    assert capsys.readouterr().out.splitlines() == [
        f"{tmp_path}/accrual.yaml: there is no such file",
        f"{tmp_path}: it is a folder, not a file",
    ]


def test_an_id_that_no_journal_can_have_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "decide", "journal=accrual", "approve"]) == journal.UNUSABLE_REQUEST

    assert capsys.readouterr().out.startswith("'journal=accrual' is not letters, digits, dots, dashes and underscores")


def test_a_decision_names_who_decides() -> None:
    assert event_of("decide", "accrual-2026-10", "reject", "--reason", "wrong account") == {
        "act": "decide",
        "journal_id": "accrual-2026-10",
        "approved": False,
        "decided_by": "fred@nimbus.example",
        "reason": "wrong account",
    }


def test_the_help_says_who_decides_and_that_a_reason_may_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["journal", "decide", "--help"])

    shown = " ".join(capsys.readouterr().out.split())
    assert "--reason TEXT why, for whoever asks later" in shown
    assert "--by NAME who decides" in shown


def test_what_would_come_of_it_is_shown_in_words(file: Path) -> None:
    prepared = PreparedJournal(journal=a_journal(), prepared_by="fred", prepared_at=datetime(2026, 11, 1, tzinfo=UTC))
    shown = StringIO()

    status = journal.ask(
        event_of("post", str(file)), lambda _: answer(prepared, "clara"), Console(file=shown, width=200)
    )

    assert status == journal.DONE
    assert shown.getvalue().splitlines() == [
        f"accrual-10: 2 lines of 300.00 EUR in 2026-10, our key {a_journal().external_ref}",
        "  would wait for clara",
        "nothing is stored; --send does it",
    ]


def test_a_refusal_is_told_with_its_reason() -> None:
    shown = StringIO()
    refusal = {"outcome": "refused", "reason": "fred has prepared it"}

    status = journal.ask(event_of("decide", "a", "approve"), lambda _: refusal, Console(file=shown, width=200))

    assert (status, shown.getvalue()) == (journal.REFUSED, "fred has prepared it\n")
