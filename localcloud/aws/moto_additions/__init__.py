"""Operations that moto lacks and the local types need, added to its server process."""

from __future__ import annotations


def install() -> None:
    """Add them all; doing it twice changes nothing."""
    from localcloud.aws.moto_additions import acm, dynamodb, ec2, elasticache, rds, s3, sqs  # noqa: PLC0415 - moto costs a second
    from localcloud.aws.moto_additions import eks as clusters  # noqa: PLC0415
    from localcloud.aws.moto_additions import iam as identities  # noqa: PLC0415

    acm.install()
    dynamodb.install()
    ec2.install()
    elasticache.install()
    rds.install()
    s3.install()
    sqs.install()
    clusters.install()
    identities.install()
