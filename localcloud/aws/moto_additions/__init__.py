"""Operations that moto lacks and the local types need, added to its server process."""

from __future__ import annotations


def install() -> None:
    """Add them all; doing it twice changes nothing."""
    from localcloud.aws.moto_additions import acm, ec2, elasticache, rds, s3, sqs  # noqa: PLC0415 - moto costs a second

    acm.install()
    ec2.install()
    elasticache.install()
    rds.install()
    s3.install()
    sqs.install()
