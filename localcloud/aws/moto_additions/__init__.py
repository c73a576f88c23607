"""Operations that moto lacks and the local types need, added to its server process."""

from __future__ import annotations


def install(endpoint: str = "") -> None:
    """Add them all; doing it twice changes nothing. `endpoint`: the server's address, for what it runs."""
    from localcloud.aws.moto_additions import (  # noqa: PLC0415 - moto costs a second
        awslambda,
        ec2,
        elasticache,
        rds,
        s3,
        secretsmanager,
        sqs,
    )

    awslambda.install(endpoint)
    ec2.install()
    elasticache.install()
    rds.install()
    s3.install()
    secretsmanager.install()
    sqs.install()
