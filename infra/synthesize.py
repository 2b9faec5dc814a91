"""The synthesised templates for others to run: CDK is asked only when something that it reads has changed."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SYNTHESIZERS = ("aws-cdk-lib", "cdk-nag", "constructs")
# What to start the app with where nothing is deployed: CDK copies the code of each function for a deploy alone, two
# hundred megabytes of it, which is a third of the time that a synthesis takes.
WITHOUT_CODE = {"CDK_CONTEXT_JSON": json.dumps({"aws:cdk:disable-asset-staging": True})}


class SynthesisFailedError(RuntimeError):
    """CDK refused the app; the message holds what it printed."""


def templates(cache_dir: Path) -> dict[str, dict[str, Any]]:
    """Return the templates by stack name, in no particular order; raise SynthesisFailedError.

    A first call takes seconds, in a process of its own, so that no caller has CDK in memory. Code of functions is not
    in the key: of it, the templates hold asset hashes only, which mean something to a deploy alone.
    """
    assembly = cloud_assembly(cache_dir)
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(assembly.glob("*.template.json"))
    }


def cloud_assembly(cache_dir: Path) -> Path:
    """Return the folder that CDK wrote: templates, metadata and the validation report, without code."""
    assembly = cache_dir / _key()
    with _lock(cache_dir):
        if not assembly.is_dir():
            _synthesize_into(assembly)
    return assembly


def _synthesize_into(assembly: Path) -> None:
    with tempfile.TemporaryDirectory(dir=assembly.parent) as folder:
        output = Path(folder) / "cdk.out"
        run = subprocess.run(
            [sys.executable, "-m", "infra.app"],
            cwd=ROOT,
            env={**os.environ, **WITHOUT_CODE, "CDK_OUTDIR": str(output)},
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            raise SynthesisFailedError(run.stdout + run.stderr)
        shutil.rmtree(output / "lambda-packages")
        output.rename(assembly)  # whole or not at all: a run that is cut off leaves nothing behind that looks done


@contextmanager
def _lock(cache_dir: Path) -> Iterator[None]:
    """Have processes that start together synthesise once."""
    cache_dir.mkdir(parents=True, exist_ok=True)
    with (cache_dir / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _key() -> str:
    """Hash what the templates are made of, besides function code."""
    digest = hashlib.sha256()
    for path in sorted(_inputs()):
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    for folder in sorted(path.parent.name for path in (ROOT / "functions").glob("*/__init__.py")):
        digest.update(f"{folder}\0".encode())
    for package in SYNTHESIZERS:
        digest.update(f"{package} {version(package)}\0".encode())
    return digest.hexdigest()[:16]


def _inputs() -> Iterator[Path]:
    yield ROOT / "cdk.json"
    yield from ROOT.glob("requirements-*.lock")
    yield from (ROOT / "infra").rglob("*.py")
    yield from (ROOT / "infra" / "state_machines").glob("*.json")
