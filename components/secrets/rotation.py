"""The rotation of a database's credentials."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import Statement, document
from components.argument_types import check_types
from components.checks import check, check_choice, check_match, check_range
from components.component import Component
from components.context import Context
from components.secrets.schedule import LONGEST_DAYS, check_schedule, check_window

HANDLER = "rotation.handler.handle"
RUNTIME = "python3.12"
TIMEOUT = 60
"""Seconds for one step; the function itself waits 5 seconds for the database at most, a few times."""
MEMORY = 256
"""MiB."""
_HTTPS = 443
_LOGS = "/aws/lambda/"
_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557)


@dataclass(frozen=True, kw_only=True)
class RotationArgs:
    """Arguments of `Rotation`.

    Raises:
        InvalidArgument: a schedule, window, port or retention that AWS does not take, or no schedule.
    """

    context: Context
    account_id: pulumi.Input[str]
    """The account that the secret is in: nobody else's may have the function called."""
    secret_arn: pulumi.Input[str]
    """Secret that is rotated: JSON with `host`, `port`, `dbname`, `username` and `password`."""
    secret_version_id: pulumi.Input[str] | None = None
    """Version that the program wrote. Another one (another database, say) is rotated at once."""
    admin_secret_arn: pulumi.Input[str]
    """Secret of the master user, whom the function is to make the roles."""
    code: pulumi.Archive
    """The function's code, a Python package whose handler is `rotation.handler.handle`."""
    vpc_id: pulumi.Input[str]
    """VPC of the database."""
    subnet_ids: pulumi.Input[list[str]]
    """Subnets with a way to the database and to Secrets Manager (an endpoint, or NAT)."""
    database_security_group_id: pulumi.Input[str]
    """Security group of the database; it is opened for the function."""
    port: int = 5432
    """TCP port of the database."""
    every_days: int | None = 30
    """Days from one rotation to the next, 1 to 1000; None with a `schedule`."""
    schedule: str | None = None
    """When to rotate, in the place of `every_days`: `rate(4 hours)`, `cron(0 4 ? * SUN#1 *)` in UTC."""
    window_hours: int | None = None
    """Hours from a rotation's time within which it happens, 1 to 24; until the end of the day when absent."""
    rotate_immediately: bool = True
    """Whether the first rotation is done at once. The application's roles do not exist before it."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Key that encrypts both secrets and the function's settings; the account's own when absent."""
    log_retention_days: int = 365
    """Days that the function's log is kept, one of CloudWatch's periods."""
    thing: str | None = None
    """What is rotated, for physical names; the component's own name when absent."""

    def __post_init__(self) -> None:
        check_types(self)
        one = (self.every_days is None) != (self.schedule is None)
        check(one, "schedule", self.schedule, "give either every_days or schedule")
        if self.every_days is not None:
            check_range("every_days", self.every_days, 1, LONGEST_DAYS, "days")
        if self.schedule is not None:
            check_schedule("schedule", self.schedule)
        check_window("window_hours", self.window_hours, self.schedule)
        check_range("port", self.port, 1, 65_535)
        check_choice("log_retention_days", self.log_retention_days, _RETENTION_DAYS)
        archive = isinstance(self.code, pulumi.Archive)  # pyright: ignore[reportUnnecessaryIsInstance]
        check(archive, "code", type(self.code).__name__, "give a pulumi.Archive")
        if isinstance(self.account_id, str):
            check_match("account_id", self.account_id, r"\d{12}", "use the twelve digits of an account")


class Rotation(Component):
    """A schedule, and the function that rotates a secret of PostgreSQL in the four steps of Secrets Manager.

    Two users take turns (`app`, `app_clone`), both acting as one owner role, so that what a client has just
    read is never refused: a password changes only when nobody has been told of it for a whole period. The
    function may read and write this one secret, read the master user's, and reach the database and HTTPS.

    Example:
        >>> Rotation("orders", RotationArgs(
        ...     context=context, account_id=account_id, secret_arn=secret.arn,
        ...     admin_secret_arn=database.secret_arn,
        ...     code=rotation_code(), vpc_id=network.vpc_id, subnet_ids=network.private_subnet_ids,
        ...     database_security_group_id=database.security_group_id))
    """

    token = "understudy:secrets:Rotation"  # noqa: S105 - a type token

    secret_arn: pulumi.Output[str]
    """ARN of the secret; whoever takes it from here comes after the first rotation was asked for."""
    function_arn: pulumi.Output[str]
    """ARN of the function."""
    function_name: pulumi.Output[str]
    """Name of the function in Lambda."""
    log_group: pulumi.Output[str]
    """Name of the log group that the function writes to."""
    security_group_id: pulumi.Output[str]
    """Id of the function's security group."""
    function: aws.lambda_.Function
    """The function itself."""
    rotation: aws.secretsmanager.SecretRotation
    """The schedule itself."""

    def __init__(self, name: str, args: RotationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        context = args.context
        tags = context.tags(self.label)
        thing = args.thing or name
        physical = context.name(naming.LAMBDA_FUNCTION, thing, "rotation")
        log = aws.cloudwatch.LogGroup(
            f"{name}-log",
            # Where Lambda writes to; made here, so that the function needs no right to make groups.
            name=_LOGS + physical,
            retention_in_days=args.log_retention_days,
            tags=tags,
            opts=self.child(),
        )
        role = aws.iam.Role(
            f"{name}-role",
            name=context.name(naming.IAM_ROLE, thing, "rotation"),
            description=f"Lets the rotation of {thing} do its work",
            assume_role_policy=document(_lambda_trust()),
            tags=tags,
            opts=self.child(),
        )
        permissions = aws.iam.RolePolicy(
            f"{name}-permissions",
            name="rotation",
            role=role.id,
            policy=document(*_permissions(args, log.arn)),
            opts=self.child(),
        )
        group = self._network(name, args)
        environment = aws.lambda_.FunctionEnvironmentArgs(
            variables={"ADMIN_SECRET_ARN": args.admin_secret_arn}
        )
        self.function = aws.lambda_.Function(
            name,
            name=physical,
            description=f"Rotates the credentials of {thing}",
            code=args.code,
            handler=HANDLER,
            runtime=RUNTIME,
            architectures=["arm64"],
            role=role.arn,
            timeout=TIMEOUT,
            memory_size=MEMORY,
            environment=environment,
            kms_key_arn=args.kms_key_arn,
            vpc_config=aws.lambda_.FunctionVpcConfigArgs(
                security_group_ids=[group.id], subnet_ids=args.subnet_ids
            ),
            tags=tags,
            opts=self.child(depends_on=[log, permissions]),
        )
        permission = aws.lambda_.Permission(
            f"{name}-invoke",
            function=self.function.name,
            action="lambda:InvokeFunction",
            principal="secretsmanager.amazonaws.com",
            source_account=args.account_id,
            source_arn=args.secret_arn,
            opts=self.child(),
        )
        self.rotation = aws.secretsmanager.SecretRotation(
            f"{name}-schedule",
            secret_id=args.secret_arn,
            rotation_lambda_arn=self.function.arn,
            rotate_immediately=args.rotate_immediately,
            rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(
                automatically_after_days=args.every_days,
                schedule_expression=args.schedule,
                duration=None if args.window_hours is None else f"{args.window_hours}h",
            ),
            # The old one goes first: its end cancels the rotation of the secret, whoever asked for it.
            opts=self.child(
                depends_on=[permission],
                replacement_trigger=args.secret_version_id,
                delete_before_replace=True,
            ),
        )
        self.secret_arn = self.rotation.secret_id
        self.function_arn = self.function.arn
        self.function_name = self.function.name
        self.log_group = log.name
        self.security_group_id = group.id
        self.register()

    def _network(self, name: str, args: RotationArgs) -> aws.ec2.SecurityGroup:
        """The function's security group: out to the database and to AWS's API; nothing comes in."""
        physical = args.context.name(naming.SECURITY_GROUP, args.thing or name, "rotation")
        tags = args.context.tags(self.label, name=physical)
        group = aws.ec2.SecurityGroup(
            f"{name}-firewall",
            name=physical,
            description=f"Rotation of {name}",
            vpc_id=args.vpc_id,
            tags=tags,
            opts=self.child(),
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-to-database",
            security_group_id=group.id,
            description="To the database",
            ip_protocol="tcp",
            from_port=args.port,
            to_port=args.port,
            referenced_security_group_id=args.database_security_group_id,
            tags=tags,
            opts=self.child(),
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-to-api",
            security_group_id=group.id,
            description="To Secrets Manager",
            ip_protocol="tcp",
            from_port=_HTTPS,
            to_port=_HTTPS,
            cidr_ipv4="0.0.0.0/0",
            tags=tags,
            opts=self.child(),
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-into-database",
            security_group_id=args.database_security_group_id,
            description=f"From the rotation of {name}",
            ip_protocol="tcp",
            from_port=args.port,
            to_port=args.port,
            referenced_security_group_id=group.id,
            tags=tags,
            opts=self.child(),
        )
        return group


def _lambda_trust() -> Statement:
    return {
        "Sid": "Lambda",
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


def _permissions(args: RotationArgs, log_arn: pulumi.Input[str]) -> list[Statement]:
    """What the function may do: exact actions on the two secrets, their key and its log."""
    rotate = ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")
    statements = [
        _allow("Rotate", [f"secretsmanager:{action}" for action in rotate], args.secret_arn),
        _allow("ReadAdministrator", ["secretsmanager:GetSecretValue"], args.admin_secret_arn),
        _allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], pulumi.Output.format("{0}:*", log_arn)),
        # Lambda itself makes the function's network interfaces, with these rights; EC2 takes no narrower
        # resource for them: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
        _allow(
            "Network",
            ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces"],
            "*",
        ),
    ]
    if args.kms_key_arn is not None:
        statements.append(_allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], args.kms_key_arn))
    return statements


def _allow(sid: str, actions: list[str], resource: pulumi.Input[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
