"""The receiver of files: takes what is whole and in order, books it once, and answers as its specification says."""

import csv
import hashlib
import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.contracts.erp_files.manifest import write_manifest
from shared.domain.erp_files.delivery_file import DeliveryFile, NextFile
from shared.domain.erp_files.file_format import Encoding, FileFormat, LineEnd, Shape, TextNotWritableError
from simulators.erp.company import AccountRole, CompanySetup
from simulators.erp.legacy_files.folder import DirectoryFolder
from simulators.erp.legacy_files.reading import rows_of
from simulators.erp.legacy_files.simulator import RECEIVE, LegacyFilesSimulator
from simulators.http.faults import Fault
from tests.builders.erp_files import a_file, a_journal, a_staged, invoices, with_line_text
from tests.builders.posting import a_credit_memo, a_document, in_dollars

DE01 = CompanySetup(
    company="DE01",
    name="Acme GmbH",
    local_currency="EUR",
    receivable_account="1100",
    tax_account="1776",
    revenue_accounts={"4400": "4400", "4410": "4410"},
    tax_codes={"U19": Decimal("0.19")},
    accounts={"2900": AccountRole.LIABILITY},
    dimensions={"dimension_1": frozenset({"CC-7"})},
    posting_from=date(2026, 10, 1),
)


class Sender:
    """Somebody who lays files into a directory and reads the answers from it."""

    def __init__(self, root: Path) -> None:
        self.now = datetime(2026, 11, 1, 6, tzinfo=UTC)
        self.receiver = LegacyFilesSimulator(companies=[DE01], now=lambda: self.now)
        self.folder = DirectoryFolder(root)
        self._outbound, self._inbound = root / "outbound", root / "inbound"
        self._laid_out = 0

    def send(self, made: NextFile, *, content: bytes | None = None) -> DeliveryFile:
        """Lay a file out, its manifest last, and let the receiver look."""
        self.lay_out(made, content=content)
        self.receiver.look(self.folder)
        return made.file

    def lay_out(self, made: NextFile, *, content: bytes | None = None) -> None:
        self._write(made.file.name, made.content if content is None else content)
        self._write(f"{made.file.name}.manifest.json", write_manifest(made.file))

    def later(self, minutes: int = 5) -> None:
        self.now += timedelta(minutes=minutes)
        self.receiver.look(self.folder)

    def ack(self, file: DeliveryFile) -> Any:
        path = self._inbound / f"{file.name}.ack"
        return json.loads(path.read_bytes()) if path.exists() else None

    def refusal(self, file: DeliveryFile) -> str:
        ack = self.ack(file)
        assert ack["status"] == "REJECTED_FILE"
        return str(ack["code"])

    def rsp(self, file: DeliveryFile) -> list[list[str]]:
        path = self._inbound / f"{file.name}.rsp"
        return list(csv.reader(path.read_text().splitlines()))[1:-1] if path.exists() else []

    def decisions(self, file: DeliveryFile) -> list[tuple[str, str]]:
        return [(row[2], row[10]) for row in self.rsp(file)]

    def _write(self, name: str, content: bytes) -> None:
        path = self._outbound / name
        path.write_bytes(content)
        self._laid_out += 1
        os.utime(path, ns=(self._laid_out, self._laid_out))


@pytest.fixture
def sender(tmp_path: Path) -> Sender:
    return Sender(tmp_path)


@pytest.mark.parametrize(
    "in_format",
    [
        FileFormat(),
        FileFormat(shape=Shape.FIXED, encoding=Encoding.LATIN_1),
        FileFormat(encoding=Encoding.LATIN_1, line_end=LineEnd.LF),
        FileFormat(shape=Shape.FIXED, line_end=LineEnd.LF),
    ],
)
def test_an_invoice_is_booked_and_answered_with_its_number(sender: Sender, in_format: FileFormat) -> None:
    document = a_staged(with_line_text('=1+2, "größer"'))

    file = sender.send(a_file([document], in_format=in_format))

    assert (sender.ack(file)["status"], sender.ack(file)["sha256"]) == ("VALIDATED", file.sha256)
    (answer,) = sender.rsp(file)
    assert answer[1:10] == [
        document.external_ref,
        "POSTED",
        "RE-00001",
        "2026-10-31",
        "EUR",
        "2",
        "120057",
        "22811",
        "142868",
    ]
    assert sender.receiver.ledger.trial_balance(company="DE01") == {
        ("1100", "EUR"): Decimal("1428.68"),
        ("1776", "EUR"): Decimal("-228.11"),
        ("4400", "EUR"): Decimal("-1200.50"),
        ("4410", "EUR"): Decimal("-0.07"),
    }


@settings(max_examples=60)
@given(
    text=st.text(max_size=60),
    shape=st.sampled_from(Shape),
    line_end=st.sampled_from(LineEnd),
    encoding=st.sampled_from(Encoding),
)
def test_whatever_a_text_says_it_is_read_as_it_was_written(
    text: str, shape: Shape, line_end: LineEnd, encoding: Encoding
) -> None:
    in_format = FileFormat(shape=shape, line_end=line_end, encoding=encoding)
    try:
        made = a_file([a_staged(with_line_text(text))], in_format=in_format)
    except TextNotWritableError:
        assume(False)  # refused, never replaced

    rows = rows_of(made.content, {"format": shape.value, "encoding": encoding.value, "line_end": line_end.value})

    on_one_line = "".join(one if one.isprintable() else " " for one in text)
    assert rows[2]["text"] == (on_one_line.rstrip(" ") if shape is Shape.FIXED else on_one_line)


def test_a_credit_memo_is_taken_off_its_invoice_and_never_more_than_is_left(sender: Sender) -> None:
    invoice = a_staged()
    sender.send(a_file([invoice]))
    first = a_staged(a_credit_memo(of_invoice=invoice.external_ref))
    second = a_staged(
        a_credit_memo(
            of_invoice=invoice.external_ref,
            posting_id="acme/r1/credit/2",
            number="DE-CN-2",
            net="1200.00",
            tax="228.00",
        )
    )

    file = sender.send(a_file([first, second]))

    assert sender.decisions(file) == [("POSTED", ""), ("REJECTED", "EXCEEDS_INVOICE")]
    assert sender.receiver.documents()[0].open_amount == Decimal("1309.68")


def test_one_journal_that_is_refused_refuses_all_of_its_file(sender: Sender) -> None:
    good, bad = a_staged(a_journal(number="J-1")), a_staged(a_journal(number="J-2"))
    elsewhere = tuple(
        replace(record, values={**record.values, "account": "9999"}) if record["account"] == "2900" else record
        for record in bad.records
    )

    file = sender.send(a_file([good, replace(bad, records=elsewhere)]))

    assert sorted(sender.decisions(file)) == [("REJECTED", "ALL_OR_NOTHING"), ("REJECTED", "UNKNOWN_ACCOUNT")]
    assert sender.receiver.documents() == ()
    assert sender.decisions(sender.send(a_file([good], after=file))) == [("POSTED", "")]


def test_an_invoice_that_is_refused_keeps_no_other_back(sender: Sender) -> None:
    closed = a_staged(a_document(posting_id="acme/2026-09/r1", posting_date=date(2026, 9, 30)))

    file = sender.send(a_file([closed, a_staged()]))

    assert sender.decisions(file) == [("REJECTED", "PERIOD_CLOSED"), ("POSTED", "")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tax_code": "U7"}, "UNKNOWN_TAX_CODE"),
        ({"dimension_1": "CC-8"}, "UNKNOWN_DIMENSION"),
        ({"account": "4499"}, "UNKNOWN_ACCOUNT"),
    ],
)
def test_what_the_receiver_does_not_have_is_named(sender: Sender, change: dict[str, str], code: str) -> None:
    document = a_staged()
    head, line, *rest = document.records
    changed = replace(document, records=(head, replace(line, values={**line.values, **change}), *rest))

    assert sender.decisions(sender.send(a_file([changed]))) == [("REJECTED", code)]


def test_a_key_is_booked_once_whatever_file_it_stands_in(sender: Sender) -> None:
    first = sender.send(a_file())

    again = sender.send(a_file(after=first))

    assert sender.decisions(again) == [("REJECTED", "DUPLICATE")]
    assert len(sender.receiver.documents()) == 1


def test_a_file_that_comes_again_is_booked_once_and_answered_as_before(sender: Sender) -> None:
    made = a_file()
    file = sender.send(made)
    before = sender.rsp(file)

    sender.send(made)

    assert sender.rsp(file) == before
    assert len(sender.receiver.documents()) == 1


def test_a_damaged_file_leaves_its_number_free_and_may_come_again(sender: Sender) -> None:
    made = a_file()

    file = sender.send(made, content=made.content[:-20])
    assert sender.refusal(file) == "DAMAGED"
    assert sender.receiver.documents() == ()

    sender.send(made)
    assert sender.decisions(file) == [("POSTED", "")]


def test_a_skipped_number_waits_for_the_one_before_it(sender: Sender) -> None:
    first = a_file(invoices(1))
    second = a_file(invoices(2)[1:], after=first.file)

    sender.send(second)
    assert sender.refusal(second.file) == "SEQUENCE_GAP"

    sender.send(first)
    assert sender.decisions(second.file) == [("POSTED", "")]
    assert len(sender.receiver.documents()) == 2


def test_a_number_is_never_used_for_other_bytes(sender: Sender) -> None:
    sender.send(a_file(invoices(1)))
    other = a_file(invoices(2))

    assert sender.refusal(sender.send(other)) == "SEQUENCE_REUSED"
    assert len(sender.receiver.documents()) == 1


def test_a_file_that_names_another_one_before_it_is_refused(sender: Sender) -> None:
    first = sender.send(a_file(invoices(1)))
    other = replace(first, sha256="f" * 64)

    assert sender.refusal(sender.send(a_file(invoices(2), after=other))) == "CHAIN_BROKEN"


def test_a_file_whose_totals_are_not_what_its_records_come_to_is_refused_for_good(sender: Sender) -> None:
    made = a_file()
    totals = replace(made.file.totals, account_hash=1)
    wrong = replace(made, file=replace(made.file, totals=totals))

    file = sender.send(wrong)

    assert sender.refusal(file) == "CONTROL_TOTALS"
    assert sender.receiver.documents() == ()
    assert sender.decisions(sender.send(a_file(invoices(1), after=file))) == [("POSTED", "")]


def test_records_that_cannot_be_read_refuse_the_file(sender: Sender) -> None:
    made = a_file()
    content = made.content.replace(b",120050,", b",1200.50,")
    file = replace(made.file, sha256=_sha256(content), size=len(content))

    assert sender.refusal(sender.send(NextFile(file, content))) == "LAYOUT"


def test_a_document_in_another_currency_is_booked_in_it(sender: Sender) -> None:
    sender.send(a_file([a_staged(in_dollars(a_document()))]))

    assert sender.receiver.ledger.balance(company="DE01", role=AccountRole.RECEIVABLE, currency="USD") == Decimal(
        "1428.68"
    )


def test_what_a_customer_pays_is_told_in_files_of_their_own(sender: Sender, tmp_path: Path) -> None:
    invoice = a_staged()
    sender.send(a_file([invoice]))

    sender.receiver.pay(invoice.external_ref, Decimal("1000.00"), date(2026, 11, 20))
    sender.later()

    told = (tmp_path / "inbound" / "settlements.DE01.000001.csv").read_text()
    assert f"S,{invoice.external_ref},invoice,RE-00001,partly_paid,EUR,2,42868,2026-11-01T06:00:00Z" in told
    assert sender.receiver.ledger.balance(company="DE01", role=AccountRole.BANK, currency="EUR") == Decimal(1000)


@pytest.mark.parametrize(
    ("fault", "at_once", "at_last"),
    [
        (Fault.FILE_MISSED, (None, 0), ("VALIDATED", 2)),
        (Fault.FILE_TRUNCATED, ("REJECTED_FILE", 0), ("REJECTED_FILE", 0)),  # until it is delivered again
        (Fault.FILE_DUPLICATED, ("VALIDATED", 2), ("VALIDATED", 2)),
        (Fault.CONTROL_TOTAL_WRONG, ("REJECTED_FILE", 0), ("REJECTED_FILE", 0)),
        (Fault.ANSWER_LATE, (None, 0), ("VALIDATED", 2)),
        (Fault.ANSWER_HALF, ("VALIDATED", 1), ("VALIDATED", 2)),
        (Fault.ANSWERS_OUT_OF_ORDER, (None, 2), ("VALIDATED", 2)),
        (Fault.ANSWER_NEVER, (None, 0), (None, 0)),
    ],
)
def test_each_fault_of_files_can_be_had_and_is_counted(
    sender: Sender, fault: Fault, at_once: tuple[str | None, int], at_last: tuple[str | None, int]
) -> None:
    def answered(file: DeliveryFile) -> tuple[str | None, int]:
        ack = sender.ack(file)
        return ack["status"] if ack else None, len(sender.rsp(file))

    sender.receiver.faults.script(fault, operation=RECEIVE)
    file = sender.send(a_file(invoices(2)))
    assert answered(file) == at_once

    sender.later()
    assert answered(file) == at_last
    assert sender.receiver.faults.injected == {fault.value: 1}


def test_half_an_acknowledgement_becomes_a_whole_one(sender: Sender, tmp_path: Path) -> None:
    sender.receiver.faults.script(Fault.ANSWER_TRUNCATED, operation=RECEIVE)
    file = sender.send(a_file())
    with pytest.raises(json.JSONDecodeError):
        sender.ack(file)

    sender.later()

    assert sender.ack(file)["status"] == "VALIDATED"
    assert sender.decisions(file) == [("POSTED", "")]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
