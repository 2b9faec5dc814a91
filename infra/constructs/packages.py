"""The third-party packages of the functions: a layer for a lock file, built for arm64 by uv, without Docker."""

import shutil
from enum import StrEnum
from pathlib import Path

from aws_cdk import RemovalPolicy, Stage
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs.package_installer import install_packages

ROOT = Path(__file__).resolve().parents[2]
EVERY_FUNCTION = ROOT / "requirements-lambda.lock"


class Extra(StrEnum):
    """What some functions carry on top: the extra of pyproject.toml, which has a lock file of its own."""

    HTTP = "http"  # httpx and defusedxml, for functions that call other systems than AWS
    PRINTING = "printing"  # Typst
    RECOUNT = "recount"  # DuckDB
    TAX_IDS = "tax-ids"  # python-stdnum

    @property
    def lock(self) -> Path:
        return ROOT / f"requirements-{self}.lock"


class Packages(lambda_.LayerVersion):
    """A layer with what a lock file names; boto3 comes with the runtime.

    Only a deploy needs the packages (`bundle`). Without it the layer holds the lock file alone, so that the templates
    are the same but for the hash.
    """

    def __init__(self, scope: Construct, construct_id: str, *, lock: Path, bundle: bool) -> None:
        stage = Stage.of(scope)
        assert stage is not None
        folder = Path(stage.outdir) / "lambda-packages" / lock.stem
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if bundle:
            install_packages(lock, into=folder / "python")
        else:
            shutil.copyfile(lock, folder / lock.name)
        super().__init__(
            scope,
            construct_id,
            code=lambda_.Code.from_asset(str(folder)),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            compatible_architectures=[lambda_.Architecture.ARM_64],
            description=f"Third-party packages of the usage-to-cash functions: {lock.name}",
            removal_policy=RemovalPolicy.RETAIN,  # a roll-back needs the version that was in use before
        )
