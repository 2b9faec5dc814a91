"""u2c explain, of what a run has written."""

from pathlib import Path

import pytest
from rich.console import Console

from operations.u2c.__main__ import main
from operations.u2c.books import Books
from operations.u2c.explain import explain
from operations.u2c.outputs import RunReport, line_name, write_outputs
from shared.domain.identifiers import PostingId
from shared.domain.reconciliation.tie_out import TieOut
from tests.builders.billing import OCTOBER, SECOND_OF_NOVEMBER, calls, nimbus
from tests.builders.consolidation import calls_of_labs
from tests.unit.functions.test_consolidated_invoices import OF_ACME, OF_LABS, Together


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Write down acme's October and that of its daughter, which are on one invoice."""
    of_daughter = calls_of_labs(40)
    world = Together(calls(150), of_daughter)
    invoices = {one.invoice_id: one for one in world.bill(OCTOBER)}
    of_labs = invoices[OF_LABS]
    books = Books(
        events_in_file=0,
        events_not_arrived=0,
        refused_by_producer=0,
        fates=(),
        windows={of_daughter.key: (of_daughter.events, of_daughter.state)},
        late_windows={},
        events_in_ledger=0,
        invoices=invoices,
        credit_notes=(),
        intents=tuple(world.invoices.intents.chain(PostingId(f"{OF_ACME}/r1"))),
        exceptions=(),
        erp_documents=(),
        as_of=SECOND_OF_NOVEMBER,
    )
    report = RunReport(
        books=books,
        tie_out=TieOut(()),
        lines_of_window={of_daughter.key: [line_name(of_labs, line) for line in of_labs.lines]},
        legal_entities={nimbus().legal_entity_id: nimbus()},
        beancount="",
        facts={},
        copy_archive=Path.mkdir,
        copy_documents=Path.mkdir,
        copy_erp_files=Path.mkdir,
    )
    write_outputs(report, tmp_path / "run")
    return tmp_path / "run"


def test_an_empty_id_names_nothing(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "", "--out", str(run)]) == 2
    assert capsys.readouterr().out == "the id is empty\n"


def explained(wanted: str, run: Path) -> str:
    console = Console(width=200, markup=False)
    with console.capture() as said:
        explain(wanted, folder=run, console=console)
    return said.get()


def test_an_invoice_over_two_contracts_is_explained_once_with_all_its_lines(run: Path) -> None:
    said = explained("DE-000001", run)

    assert said.count("invoice DE-000001") == 1
    assert "line s-acme/api-calls: " in said
    assert "line c-labs|s-labs/api-calls of c-labs: " in said
    assert "windows: 1, events: 0" in said
    assert said.count("ERP document") == 1


def test_the_bill_of_a_member_says_on_which_invoice_it_is_and_where_that_is_posted(run: Path) -> None:
    said = explained(OF_LABS, run)

    assert f"on the invoice {OF_ACME}, with its tax" in said
    assert said.count("line s-labs/api-calls: ") == 1
    assert said.count("ERP document") == 1
