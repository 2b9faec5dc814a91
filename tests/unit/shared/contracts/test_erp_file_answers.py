"""The receiver's answers as they are read: whole, or not at all."""

import pytest

from shared.contracts.erp_files.answers import read_acknowledgement, read_response, read_settlements
from shared.contracts.erp_files.stored import (
    pack_file,
    pack_progress,
    pack_staged,
    pack_verdict,
    unpack_file,
    unpack_progress,
    unpack_staged,
    unpack_verdict,
)
from shared.domain.erp_files.answers import Acknowledged, Acknowledgement, Response, Unreadable
from shared.domain.erp_files.progress import FileProgress
from tests.builders.erp_files import a_file, a_journal, a_staged, posted, rejected

ACK = b'{"schema_version":1,"file":"f.csv","sha256":"AB","bytes":3,"records":7,"status":"VALIDATED","new":true}'
HEADER = "H,1,f.csv,ab\r\n"
POSTED = "R,REF1,POSTED,RE-1,2026-10-31,EUR,2,120057,22811,142868,,\r\n"
REJECTED = 'R,REF2,REJECTED,,,,,,,,PERIOD_CLOSED,"closed, sorry"\r\n'


def test_an_acknowledgement_is_read_whatever_else_it_says() -> None:
    assert read_acknowledgement(ACK) == Acknowledgement(file="f.csv", sha256="ab", status=Acknowledged.VALIDATED)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        ACK[:40],
        b"<html>502</html>",
        b"[]",
        ACK.replace(b"VALIDATED", b"MAYBE"),
        ACK.replace(b":1,", b":2,"),
        b"\xff",
    ],
)
def test_whatever_is_no_acknowledgement_is_unreadable(content: bytes) -> None:
    assert isinstance(read_acknowledgement(content), Unreadable)


def test_a_response_says_what_became_of_each_document() -> None:
    response = read_response(f"\ufeff{HEADER}{POSTED}{REJECTED}T,2\r\n".encode())

    assert isinstance(response, Response)
    booked, refused = response.verdicts
    assert (booked.number, str(booked.gross), str(booked.posting_date)) == ("RE-1", "1428.68 EUR", "2026-10-31")
    assert (refused.code, refused.text) == ("PERIOD_CLOSED", "closed, sorry")


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEADER,
        HEADER + POSTED,  # its T has not come yet
        HEADER + POSTED + "T,2\r\n",
        HEADER + POSTED[:30] + "\r\nT,1\r\n",
        HEADER + POSTED.replace("RE-1", "") + "T,1\r\n",
        HEADER + POSTED.replace(",2,", ",3,") + "T,1\r\n",
        HEADER + POSTED.replace("120057", "1200.57") + "T,1\r\n",
        HEADER + POSTED.replace("EUR", "ZZZ") + "T,1\r\n",
        HEADER + POSTED.replace("POSTED", "PERHAPS") + "T,1\r\n",
        HEADER + POSTED.replace("2026-10-31", "31.10.2026") + "T,1\r\n",
        HEADER.replace("H,1", "H,2") + "T,0\r\n",
        '"never closed',
    ],
)
def test_a_response_that_is_not_whole_is_unreadable(text: str) -> None:
    assert isinstance(read_response(text.encode()), Unreadable)


SETTLED = "S,REF1,invoice,RE-1,partly_paid,EUR,2,42868,2026-11-20T09:30:00Z\r\n"


def test_settlements_say_what_is_open_of_each_document() -> None:
    told = read_settlements(f"H,1,DE01,000003\r\n{SETTLED}T,1\r\n".encode(), company="DE01", sequence=3)

    assert isinstance(told, tuple)
    assert [(one.external_ref, one.status.value, str(one.open_amount)) for one in told] == [
        ("REF1", "partly_paid", "428.68 EUR")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"H,1,DE01,000003\r\n{SETTLED}",
        f"H,1,DE01,000004\r\n{SETTLED}T,1\r\n",
        f"H,1,DE02,000003\r\n{SETTLED}T,1\r\n",
        f"H,1,DE01,000003\r\n{SETTLED.replace('partly_paid', 'half')}T,1\r\n",
        f"H,1,DE01,000003\r\n{SETTLED.replace(',2,', ',0,')}T,1\r\n",
        f"H,1,DE01,000003\r\n{SETTLED.replace('Z', '')}T,1\r\n",
    ],
)
def test_settlements_that_are_not_whole_are_unreadable(text: str) -> None:
    assert isinstance(read_settlements(text.encode(), company="DE01", sequence=3), Unreadable)


def test_what_is_stored_is_read_as_it_was() -> None:
    document, file = a_staged(a_journal()), a_file().file
    progress = FileProgress(file=file, heard=("a",), verdicts=(posted(a_staged()), rejected(a_staged())))

    assert unpack_staged(pack_staged(document)) == document
    assert unpack_file(pack_file(file)) == file
    assert unpack_progress(pack_progress(progress)) == progress
    assert unpack_verdict(pack_verdict(posted(document))) == posted(document)
