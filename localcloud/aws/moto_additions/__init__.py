"""Operations that moto lacks and the local types need, added to its server process."""

from __future__ import annotations


def install(endpoint: str = "") -> None:
    """Add them all; doing it twice changes nothing. `endpoint`: the server's address, for what it runs."""
    from localcloud.aws.moto_additions import (  # noqa: PLC0415 - moto costs a second
        acm,
        awslambda,
        dynamodb,
        ec2,
        elasticache,
        rds,
        s3,
        secretsmanager,
        sqs,
    )
    from localcloud.aws.moto_additions import eks as clusters  # noqa: PLC0415
    from localcloud.aws.moto_additions import iam as identities  # noqa: PLC0415

    awslambda.install(endpoint)
    acm.install()
    dynamodb.install()
    ec2.install()
    elasticache.install()
    rds.install()
    s3.install()
    secretsmanager.install()
    sqs.install()
    clusters.install()
    identities.install()
