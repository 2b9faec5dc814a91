"""What every stage builds on: the stateful stack, the queues, the key, the packages and the tenant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.packages import Extra
from infra.constructs.python_function import PythonFunction
from infra.stages.data import Data
from infra.stages.queues import Queues

# Secrets of tax engines are made by hand and named by the catalogue; this tag lets functions read one.
TAX_CONNECTION_TAG = "tax-connection"
LEAST_DISK_MB, MOST_DISK_MB = 512, 10_240


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    tenant: str
    key: kms.IKey
    packages: lambda_.ILayerVersion
    extras: Mapping[Extra, lambda_.ILayerVersion]
    data: Data
    queues: Queues

    def function(
        self,
        scope: Construct,
        name: str,
        *,
        may: Sequence[iam.PolicyStatement],
        environment: Mapping[str, str],
        timeout: Duration = Duration.seconds(60),  # noqa: B008 - immutable
        memory_mb: int = 512,
        reserved_concurrency: int | None = None,
        carries: Extra | None = None,
    ) -> PythonFunction:
        """Make the function of functions/<name>/ for this tenant, able to use the keys of what it may touch.

        One that recounts has all the disk there is, for what does not fit into memory.
        """
        return PythonFunction(
            scope,
            name,
            key=self.key,
            packages=[self.packages, *([self.extras[carries]] if carries else [])],
            disk_mb=MOST_DISK_MB if carries is Extra.RECOUNT else LEAST_DISK_MB,
            environment={"TENANT": self.tenant, **environment},
            may=[permissions.use_key(self.data.key), *may],
            timeout=timeout,
            memory_mb=memory_mb,
            reserved_concurrency=reserved_concurrency,
        )
