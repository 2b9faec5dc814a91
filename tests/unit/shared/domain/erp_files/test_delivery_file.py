"""Files of documents: names, chain, totals, and bytes that neither spreadsheets nor old readers misread."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from shared.domain.erp_files.delivery_file import ALL_OR_NOTHING, NO_FILE_BEFORE, PER_DOCUMENT, next_file
from shared.domain.erp_files.destination import Destination
from shared.domain.erp_files.file_format import (
    Encoding,
    FileFormat,
    FormatSettingError,
    LineEnd,
    Shape,
    TextNotWritableError,
)
from shared.domain.erp_files.record import LAYOUTS, RecordType
from shared.domain.master_data.catalog import ErpMapping
from tests.builders.erp_files import MAPPING, a_file, a_journal, a_staged, invoices, with_line_text
from tests.builders.posting import FIRST_OF_NOVEMBER, a_credit_memo, a_document, in_dollars

FIXED = FileFormat(shape=Shape.FIXED, encoding=Encoding.LATIN_1, line_end=LineEnd.LF)


def lines(content: bytes) -> list[str]:
    return content.decode().splitlines()


def test_the_first_file_is_number_one_and_has_none_before_it() -> None:
    made = a_file()

    assert made.file.name == "usage-to-cash.DE01.invoice.2026-10.000001.csv"
    assert made.file.previous_sha256 == NO_FILE_BEFORE
    assert made.file.sha256 == hashlib.sha256(made.content).hexdigest()
    assert made.file.size == len(made.content)


def test_each_file_is_chained_to_the_one_before() -> None:
    first = a_file().file

    second = a_file(invoices(2), after=first)

    assert second.file.sequence == 2
    assert second.file.previous_sha256 == first.sha256
    assert f",000002,{first.sha256}," in lines(second.content)[0]


def test_the_same_documents_make_the_same_bytes_in_whatever_order_they_were_found() -> None:
    assert a_file(invoices(3)) == a_file(list(reversed(invoices(3))))


def test_an_invoice_is_a_document_with_its_lines_and_taxes_between_header_and_totals() -> None:
    content = lines(a_file().content)

    assert [line[0] for line in content] == ["H", "D", "L", "L", "X", "C", "T"]
    assert ",EUR,,120057,22811,142868,PO-88," in content[1]
    assert content[2].endswith(",1,4400,api usage,120050,U19,19,2026-10-01,2026-10-31,,,,")
    assert content[4].endswith(",1776,U19,19,120057,22811")
    assert content[5] == "C,EUR,2,1,142868,142868,120057,22811,142868"
    assert content[6] == "T,1,2,1,0,1,10586,2026-10-31,2026-10-31,1,DE-000001,DE-000001"


def test_a_line_says_its_dimension_where_the_mapping_puts_it() -> None:
    document = a_document()
    api = replace(document.lines[0], dimensions=(("cost_center", "CC-7"),))

    content = lines(a_file([a_staged(replace(document, lines=(api, document.lines[1])))]).content)

    assert content[2].endswith(",2026-10-31,CC-7,,,")


def test_debits_and_credits_are_equal_in_every_kind_of_document() -> None:
    memo = a_credit_memo(of_invoice="2W7SJ3KX5Q4ZB6TA")
    for document in (a_document(), memo, a_journal()):
        (euros,) = a_file([a_staged(document)]).file.totals.currencies

        assert euros.debits == euros.credits > 0


def test_totals_are_of_each_currency() -> None:
    made = a_file([*invoices(2), a_staged(in_dollars(a_document()))])

    euros, dollars = made.file.totals.currencies
    assert (euros.currency, euros.documents, euros.gross) == ("EUR", 2, 285736)
    assert (dollars.currency, dollars.documents, dollars.gross) == ("USD", 1, 142868)


def test_a_swapped_account_changes_the_account_hash_and_no_amount() -> None:
    right = a_staged()
    swapped = replace(
        right,
        records=tuple(
            replace(record, values={**record.values, "account": "4401"}) if record["account"] == "4400" else record
            for record in right.records
        ),
    )

    before, after = a_file([right]).file.totals, a_file([swapped]).file.totals
    assert before.currencies == after.currencies
    assert before.account_hash != after.account_hash


def test_journals_belong_together_and_invoices_do_not() -> None:
    assert a_file([a_staged(a_journal())]).file.policy == ALL_OR_NOTHING
    assert a_file().file.policy == PER_DOCUMENT


@pytest.mark.parametrize("text", ["=1+2", "+49 30", "-5 discount", "@sum", "'quoted'"])
def test_no_spreadsheet_takes_a_text_for_a_formula(text: str) -> None:
    content = a_file([a_staged(with_line_text(text))]).content

    assert f",'{text},".encode() in content


def test_quotes_and_commas_are_written_by_rfc_4180_and_line_ends_become_spaces() -> None:
    content = a_file([a_staged(with_line_text('API "pro", October\r\nsecond line'))]).content

    assert b',"API ""pro"", October  second line",' in content
    assert content.count(b"\r\n") == 7


def test_a_fixed_width_record_has_every_field_at_its_place() -> None:
    made = a_file(in_format=FIXED)

    assert made.file.name.endswith(".txt")
    for line in made.content.decode("iso-8859-1").splitlines():
        assert len(line) == 1 + sum(field.width for field in LAYOUTS[RecordType(line[0])])
    assert b"+00000000000142868" in made.content
    assert b"\r" not in made.content


def test_a_letter_that_the_encoding_lacks_is_refused_not_replaced() -> None:
    with pytest.raises(TextNotWritableError, match="'Ł' cannot be written in iso-8859-1"):
        a_file([a_staged(with_line_text("Łódź"))], in_format=FIXED)


def test_a_text_wider_than_its_field_is_refused_not_cut() -> None:
    with pytest.raises(ValueError, match="more than 200 characters"):
        a_file([a_staged(with_line_text("x" * 201))])


def test_settings_name_shape_encoding_and_line_end() -> None:
    settings = {"file_format": "fixed", "encoding": "iso-8859-1", "line_end": "lf"}

    assert FileFormat.of(settings) == FIXED
    assert FileFormat.of({}) == FileFormat()
    with pytest.raises(FormatSettingError, match="encoding is one of utf-8, iso-8859-1, not 'ebcdic'"):
        FileFormat.of({"encoding": "ebcdic"})


def test_a_way_back_that_is_too_long_for_its_field_stays_away() -> None:
    long = a_document(posting_id=f"acme-{'x' * 80}/2026-10/r1")

    assert a_staged(long).records[0]["origin"] == ""
    assert a_staged().records[0]["origin"] == "acme-2026/2026-10/r1"


def test_documents_are_in_order_of_day_and_number() -> None:
    late = a_document(posting_id="acme/late/r1", number="DE-000000", posting_date=date(2026, 10, 31))
    early = a_document(posting_id="acme/early/r1", number="DE-000009", posting_date=date(2026, 10, 1))

    numbers = [one.number for one in a_file([a_staged(late), a_staged(early)]).file.documents]
    assert numbers == ["DE-000009", "DE-000000"]


LONGEST = replace(MAPPING, company="D" * 36, settings={"source": "usage-to-cash-at-acm"})


def test_a_source_and_a_company_as_long_as_their_fields_stand_in_a_file() -> None:
    assert Destination.of(LONGEST).source == "usage-to-cash-at-acm"

    made = next_file(
        [a_staged(mapping=LONGEST)], after=None, source="usage-to-cash-at-acm", in_format=FIXED, now=FIRST_OF_NOVEMBER
    )

    assert made.content.decode().startswith(f"H1  usage-to-cash-at-acm{'D' * 36}invoice ")


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        (
            replace(LONGEST, settings={"source": "usage-to-cash-of-acme"}),
            "the source 'usage-to-cash-of-acme' has more than 20 characters",
        ),
        (replace(LONGEST, company="D" * 37), f"the company '{'D' * 37}' has more than 36 characters"),
    ],
    ids=["source", "company"],
)
def test_a_source_or_company_that_does_not_fit_its_field_is_a_wrong_setting(mapping: ErpMapping, why: str) -> None:
    with pytest.raises(FormatSettingError, match=why):
        Destination.of(mapping)
