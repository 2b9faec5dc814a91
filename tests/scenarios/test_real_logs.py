"""Logs that real systems wrote, billed: what arrives at the ERP is worked out here from the files alone.

Set U2C_DATA_DIR to the folder that holds them.
"""

import csv
import gzip
import json
import os
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from operations.converters import csv_usage, web_access_log
from operations.u2c.__main__ import main

DATA = Path(os.environ.get("U2C_DATA_DIR", ""))
CENT = Decimal("0.01")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("U2C_DATA_DIR" not in os.environ, reason="U2C_DATA_DIR is not set"),
]


@dataclass(frozen=True)
class Billed:
    """What a run left in its folder."""

    folder: Path

    def records(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / name).read_text(encoding="utf-8").splitlines()]

    def quantities(self) -> dict[str, dict[str, Decimal]]:
        """Return what is invoiced of each meter, by customer."""
        invoiced: dict[str, dict[str, Decimal]] = defaultdict(dict)
        for invoice in self.records("invoices.jsonl"):
            for line in invoice["lines"]:
                assert line["meter"] not in invoiced[invoice["customer_id"]], "one month, one line a meter"
                invoiced[invoice["customer_id"]][line["meter"]] = Decimal(line["quantity"])
        return invoiced

    def gross(self) -> dict[str, Decimal]:
        return {invoice["customer_id"]: Decimal(invoice["gross"]) for invoice in self.records("invoices.jsonl")}

    def receivable_in_the_ledger(self) -> Decimal:
        """Add up the postings to the account of receivables, as the ERP wrote them."""
        lines = (line.split() for line in (self.folder / "ledger.beancount").read_text(encoding="utf-8").splitlines())
        return sum((Decimal(words[1]) for words in lines if len(words) == 3 and "13100" in words[0]), Decimal(0))

    def tied(self) -> dict[str, Decimal]:
        """Return the right sides of the tie-out by name, all of which tie."""
        document = json.loads((self.folder / "tie-out.json").read_text(encoding="utf-8"))
        assert document["ties"]
        return {check["right"]["name"]: Decimal(check["right"]["value"]) for check in document["checks"]}


def billed(folder: Path) -> Billed:
    where = ["--catalog", str(folder / "catalog"), "--events", str(folder / "events.jsonl")]
    assert main(["run", *where, "--out", str(folder / "out")]) == 0
    return Billed(folder / "out")


def arguments(file: Path, source: str, *more: str, into: Path, prices: dict[str, str]) -> list[str]:
    """Return what a converter is called with."""
    priced = [word for meter, price in prices.items() for word in ("--price", f"{meter}={price}")]
    where = ["--out", str(into / "events.jsonl"), "--catalog", str(into / "catalog")]
    return [str(file), "--source", source, *where, *priced, *more]


def test_a_day_of_a_real_language_model_is_one_invoice_of_556_dollars_and_55_cents(tmp_path: Path) -> None:
    file = DATA / "azure_llm_inference_2023_code.csv.gz"
    with gzip.open(file, "rt") as rows:
        used: Counter[str] = Counter()
        for row in csv.DictReader(rows):
            used["input_tokens"] += int(row["ContextTokens"])
            used["output_tokens"] += int(row["GeneratedTokens"])
    precise = used["input_tokens"] * Decimal("0.00003") + used["output_tokens"] * Decimal("0.00006")
    assert precise == Decimal("556.55298")

    columns = ["--time=TIMESTAMP", "--meter=input_tokens=ContextTokens", "--meter=output_tokens=GeneratedTokens"]
    prices = {"input_tokens": "0.00003", "output_tokens": "0.00006"}
    csv_usage.main(arguments(file, "llm-gateway", "--customer=acme", *columns, into=tmp_path, prices=prices))
    bill = billed(tmp_path)

    assert bill.quantities() == {"acme": {meter: Decimal(tokens) for meter, tokens in used.items()}}
    assert bill.gross() == {"acme": Decimal("556.55")}
    assert bill.receivable_in_the_ledger() == Decimal("556.55")
    checks = json.loads((bill.folder / "tie-out.json").read_text(encoding="utf-8"))["checks"]
    charges = [check for check in checks if check["name"].startswith("charges of ")]
    assert [(one["left"]["value"], one["right"]["value"]) for one in charges] == [("556.55298", "556.55")]


def test_who_a_real_web_server_served_owes_each_byte_even_where_that_is_less_than_a_cent(tmp_path: Path) -> None:
    with gzip.open(DATA / "elastic_apache_access.log.gz", "rb") as log:
        lines = list(islice(log, 300))
    (tmp_path / "access.log").write_bytes(b"".join(lines))
    requests: Counter[str] = Counter()
    egress: Counter[str] = Counter()
    for line in lines:
        _, _, status_and_bytes, *_ = line.decode().split('"')
        address, sent = line.decode().split()[0], status_and_bytes.split()[1]
        requests[address] += 1
        egress[address] += 0 if sent == "-" else int(sent)
    owed = {
        address: (requests[address] * Decimal("0.0001")).quantize(CENT, ROUND_HALF_UP)
        + (egress[address] * Decimal("0.00000001")).quantize(CENT, ROUND_HALF_UP)
        for address in requests
    }
    assert sum(1 for amount in owed.values() if not amount) > 10, "some owe less than half a cent"

    prices = {"requests": "0.0001", "egress_bytes": "0.00000001"}
    web_access_log.main(arguments(tmp_path / "access.log", "www.example.com", into=tmp_path, prices=prices))
    bill = billed(tmp_path)

    for address, quantities in bill.quantities().items():
        assert quantities["requests"] == requests[address]
        assert quantities.get("egress_bytes", 0) == egress[address], "no bytes, no line"
    assert bill.gross() == owed
    assert {posting["state"] for posting in bill.records("postings.jsonl")} == {"posted"}
    assert len(bill.records("postings.jsonl")) == len(owed)
    assert bill.receivable_in_the_ledger() == sum(owed.values())
    assert bill.tied()["ERP documents posted"] == len(owed)
