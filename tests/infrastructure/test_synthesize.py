"""Synthesis is paid for once, needs no network, and makes for a laptop what it makes for a deploy."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.constructs.packages import EVERY_FUNCTION, Extra
from infra.synthesize import SynthesisFailedError, cloud_assembly, templates
from tests.infrastructure.conftest import CACHE
from tests.infrastructure.synthesized import ROOT, Synthesized

HASH = re.compile(r"[0-9a-f]{64}")
# Stands for uv, so that no package is fetched: it makes the folder that it is asked to fill.
UV = """#!/bin/sh
while [ "$1" != "--target" ]; do shift; done
mkdir -p "$2/pydantic"; echo "arm64" > "$2/pydantic/_core.so"
"""


@pytest.mark.usefixtures("synthesized")
def test_a_second_call_needs_no_cdk() -> None:
    code = (
        "import sys; sys.modules['aws_cdk'] = None; sys.modules['jsii'] = None\n"
        "from pathlib import Path; from infra.synthesize import templates\n"
        f"print(sorted(templates(Path({str(CACHE)!r}))))"
    )

    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "['UsageToCashApplication', 'UsageToCashData', 'UsageToCashObservability']"


def test_an_app_that_cdk_refuses_leaves_nothing_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSII_NODE", "/no/such/node")

    with pytest.raises(SynthesisFailedError):
        templates(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_templates_are_kept_without_the_code_of_functions(synthesized: Synthesized) -> None:
    assert cloud_assembly(CACHE) == synthesized.assembly
    assert not list(synthesized.assembly.glob("asset.*"))


def test_the_packages_of_functions_are_the_ones_that_tests_run_with() -> None:
    tested = _pins(ROOT / "requirements.lock")
    deployed = _pins(EVERY_FUNCTION)

    assert deployed.items() <= tested.items()
    assert {"pydantic", "aws-lambda-powertools", "tzdata"} <= deployed.keys()
    assert "boto3" not in deployed


@pytest.mark.parametrize(
    ("extra", "package", "what_it_needs"),
    [
        (Extra.HTTP, "httpx", {"defusedxml", "anyio", "certifi", "h11", "httpcore", "idna"}),
        (Extra.PRINTING, "typst", set[str]()),
        (Extra.RECOUNT, "duckdb", set[str]()),
        (Extra.TAX_IDS, "python-stdnum", set[str]()),
    ],
)
def test_what_some_functions_carry_is_on_top_and_nothing_twice(
    extra: Extra, package: str, what_it_needs: set[str]
) -> None:
    carried = _pins(extra.lock)

    assert carried.keys() == {package} | what_it_needs
    assert carried.items() <= _pins(ROOT / "requirements.lock").items()
    assert not carried.keys() & _pins(EVERY_FUNCTION).keys()


def _pins(lock: Path) -> dict[str, str]:
    pins = re.findall(r"^([\w.-]+)==([\w.]+)", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(pins)


@pytest.mark.slow
def test_a_deploy_differs_from_a_laptop_in_asset_hashes_only(synthesized: Synthesized, tmp_path: Path) -> None:
    deployed = _synthesize_for_a_deploy(tmp_path)

    assert deployed.keys() == synthesized.templates.keys()
    for stack, template in deployed.items():
        assert _without_hashes(template) == _without_hashes(synthesized.templates[stack]), stack
    assert deployed != synthesized.templates


def _synthesize_for_a_deploy(folder: Path) -> dict[str, Any]:
    uv = folder / "uv"
    uv.write_text(UV, encoding="utf-8")
    uv.chmod(0o755)
    output = folder / "cdk.out"  # of the folder it is started in, where nobody says another (CDK_OUTDIR)
    environment = {name: value for name, value in os.environ.items() if name != "CDK_OUTDIR"}
    subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=folder,
        env={
            **environment,
            "PYTHONPATH": str(ROOT),
            "UV": str(uv),
            "CDK_CONTEXT_JSON": json.dumps({"bundle": "true"}),
        },
        check=True,
        capture_output=True,
    )
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text(encoding="utf-8"))
        for path in output.glob("*.template.json")
    }


def _without_hashes(template: Any) -> str:
    return HASH.sub("HASH", json.dumps(template, sort_keys=True))
