"""No fake in memory stands for an adapter without a suite that holds both to the same behaviour."""

import re
from pathlib import Path

CONTRACT = Path(__file__).parent
FAKES = CONTRACT.parent / "fakes"
CLASS = re.compile(r"^class (InMemory\w+)", re.MULTILINE)
# Fakes of ports whose only adapter writes lines of the log: there is no service to hold them against.
OF_THE_LOG = {"InMemoryMetrics", "InMemoryContractCounts"}
# It only notes down the answers; what an answer does to an execution is Step Functions' own, and tested there.
NOTES = {"InMemoryApprovalCallbacks"}
# moto has no connectors of Transfer Family: their adapter is held to a stand-in that copies to a real SFTP server.
WITHOUT_AN_EMULATOR = {"InMemoryTransfers"}


def test_every_fake_is_held_to_its_adapter() -> None:
    fakes = {name for path in FAKES.glob("*.py") for name in CLASS.findall(path.read_text(encoding="utf-8"))}
    suites = "\n".join(path.read_text(encoding="utf-8") for path in (CONTRACT / "adapters").glob("test_*.py"))
    held = {name for name in fakes if f" {name}" in suites and "mock_aws" in suites}

    assert fakes - held == OF_THE_LOG | NOTES | WITHOUT_AN_EMULATOR
