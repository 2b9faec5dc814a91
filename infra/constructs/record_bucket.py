"""A bucket of records."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.acknowledged import acknowledge
from infra.constructs.names import pin


class RecordBucket(s3.Bucket):
    """A private, versioned bucket, encrypted with the stack's key and reached over TLS only.

    `construct_id` is also its logical id and the key of its output. `lock_days` makes its objects undeletable, by
    anyone, for that long (object lock in compliance mode); 0 leaves the lock off. After `expire_days` its objects
    vanish; 0 keeps them.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, key: kms.IKey, lock_days: int = 0, expire_days: int = 0
    ) -> None:
        lock = s3.ObjectLockRetention.compliance(Duration.days(lock_days)) if lock_days else None
        super().__init__(
            scope,
            construct_id,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            bucket_key_enabled=True,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            object_lock_default_retention=lock,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=RemovalPolicy.RETAIN,
            versioned=True,
            lifecycle_rules=_forgetting(expire_days) if expire_days else None,
        )
        pin(self, construct_id, output=self.bucket_name)
        acknowledge(
            self,
            {
                "AwsSolutions-S1": "CloudTrail data events record each access with its role, completely; server access "
                "logs would be a second, best-effort record of the same."
            },
        )


def _forgetting(days: int) -> list[s3.LifecycleRule]:
    after = Duration.days(days)
    return [s3.LifecycleRule(expiration=after, noncurrent_version_expiration=after)]
