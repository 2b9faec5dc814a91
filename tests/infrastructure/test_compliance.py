"""The templates hold against the rules of others: CloudFormation's own, and AwsSolutions of cdk-nag."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.synthesize import WITHOUT_CODE
from tests.infrastructure.synthesized import ROOT, Synthesized

STACKS = ("UsageToCashData", "UsageToCashApplication", "UsageToCashObservability")
ACKNOWLEDGED = "aws:cdk:acknowledged-rules"
# The same app, with every acknowledgement left away: what the rules find then is what there is to acknowledge.
WITHOUT_ACKNOWLEDGEMENTS = """
import infra.constructs.acknowledged as acknowledged
acknowledged.acknowledge = lambda scope, findings: None
from infra.app import main
main()
"""


@pytest.mark.parametrize("stack", STACKS)
def test_cloudformation_accepts_the_template(synthesized: Synthesized, stack: str) -> None:
    template = synthesized.assembly / f"{stack}.template.json"

    run = subprocess.run(
        [Path(sys.executable).parent / "cfn-lint", "--non-zero-exit-code", "error", str(template)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout


def test_every_finding_is_acknowledged_and_every_acknowledgement_finds_something(
    synthesized: Synthesized, tmp_path: Path
) -> None:
    acknowledged = set(_acknowledged(synthesized.assembly))

    found = set(_found(_report_without_acknowledgements(tmp_path)))

    uncovered = {each for each in found if not any(_covers(one, each) for one in acknowledged)}
    stale = {each for each in acknowledged if not any(_covers(each, one) for one in found)}
    assert not uncovered
    assert not stale


def test_every_acknowledgement_has_a_reason(synthesized: Synthesized) -> None:
    reasons = [reason for findings in _acknowledgements(synthesized.assembly) for reason in findings[1].values()]

    assert reasons
    assert all(len(reason.split()) >= 5 for reason in reasons)


def _covers(acknowledged: tuple[str, str], found: tuple[str, str]) -> bool:
    """Acknowledgements hold for a construct and everything below it."""
    (rule, scope), (finding, path) = acknowledged, found
    return rule == finding and (path == scope or path.startswith(f"{scope}/"))


def _acknowledged(assembly: Path) -> Iterator[tuple[str, str]]:
    for scope, findings in _acknowledgements(assembly):
        for rule in findings:
            yield rule, scope


def _acknowledgements(assembly: Path) -> Iterator[tuple[str, dict[str, str]]]:
    for path in assembly.glob("*.metadata.json"):
        for scope, entries in json.loads(path.read_text(encoding="utf-8")).items():
            for entry in entries:
                if entry["type"] == ACKNOWLEDGED:
                    yield scope.removeprefix("/"), entry["data"]


def _found(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for plugin in report["pluginReports"]:
        for violation in plugin["violations"]:
            for construct in violation["violatingConstructs"]:
                yield violation["ruleName"], construct["constructPath"]


def _report_without_acknowledgements(output: Path) -> dict[str, Any]:
    subprocess.run(
        [sys.executable, "-c", WITHOUT_ACKNOWLEDGEMENTS],
        cwd=ROOT,
        env={**os.environ, **WITHOUT_CODE, "CDK_OUTDIR": str(output)},
        capture_output=True,
        check=False,  # the findings make it fail, after it has written them down
    )
    report: dict[str, Any] = json.loads((output / "validation-report.json").read_text(encoding="utf-8"))
    return report
