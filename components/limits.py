"""What each service accepts as a name. Pure, and free of Pulumi; `components.naming` makes names of it."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What one service accepts as a name."""

    service: str
    """Name of the kind of resource, as errors show it."""
    maximum: int
    """Longest name in characters."""
    pattern: re.Pattern[str]
    """What the whole name must match."""
    source: str
    """Where the limit was read."""
    minimum: int = 1
    """Shortest name in characters."""
    separator: str = "-"
    """What joins the parts of a name."""
    prefix: str = ""
    """What every name of this kind starts with."""
    suffix: str = ""
    """What every name of this kind ends with."""
    unique: str = "account"
    """How far a name must be unique: `global` names carry the organisation, too."""

    def accepts(self, text: str) -> bool:
        """Whether the service accepts `text` as a name."""
        return self.minimum <= len(text) <= self.maximum and self.pattern.fullmatch(text) is not None


_WORDS = re.compile(r"[A-Za-z0-9_-]+")
_HYPHENATED = re.compile(r"[a-z](?:-?[a-z0-9])*")
_S3 = re.compile(r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9](?:-?[a-z0-9])*(?<!-s3alias)")
_AWS = "https://docs.aws.amazon.com/"

S3_BUCKET = Limit(
    service="S3 bucket",
    minimum=3,
    maximum=63,
    pattern=_S3,
    unique="global",
    source=_AWS + "AmazonS3/latest/userguide/bucketnamingrules.html",
)
SQS_QUEUE = Limit(
    service="SQS queue",
    maximum=80,
    pattern=_WORDS,
    source=_AWS + "AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
)
SQS_FIFO_QUEUE = Limit(
    service="SQS FIFO queue",
    maximum=80,
    pattern=re.compile(r"[A-Za-z0-9_-]+\.fifo"),
    suffix=".fifo",
    source=_AWS + "AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
)
SNS_TOPIC = Limit(
    service="SNS topic",
    maximum=256,
    pattern=_WORDS,
    source=_AWS + "sns/latest/api/API_CreateTopic.html",
)
SNS_FIFO_TOPIC = Limit(
    service="SNS FIFO topic",
    maximum=256,
    pattern=re.compile(r"[A-Za-z0-9_-]+\.fifo"),
    suffix=".fifo",
    source=_AWS + "sns/latest/api/API_CreateTopic.html",
)
DYNAMODB_TABLE = Limit(
    service="DynamoDB table",
    minimum=3,
    maximum=255,
    pattern=re.compile(r"[A-Za-z0-9_.-]+"),
    source=_AWS + "amazondynamodb/latest/APIReference/API_CreateTable.html",
)
IAM_ROLE = Limit(
    service="IAM role",
    maximum=64,
    pattern=re.compile(r"[\w+=,.@-]+", re.ASCII),
    source=_AWS + "IAM/latest/APIReference/API_CreateRole.html",
)
IAM_POLICY = Limit(
    service="IAM policy",
    maximum=128,
    pattern=re.compile(r"[\w+=,.@-]+", re.ASCII),
    source=_AWS + "IAM/latest/APIReference/API_CreatePolicy.html",
)
LOAD_BALANCER = Limit(
    service="load balancer",
    maximum=32,
    pattern=re.compile(r"(?!internal-)[A-Za-z0-9](?:-?[A-Za-z0-9])*"),
    source=_AWS + "elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
)
RDS_INSTANCE = Limit(
    service="RDS instance",
    maximum=63,
    pattern=_HYPHENATED,
    source=_AWS + "AmazonRDS/latest/APIReference/API_CreateDBInstance.html",
)
RDS_GROUP = Limit(
    service="RDS subnet or parameter group",
    maximum=255,
    pattern=_HYPHENATED,
    source=_AWS + "AmazonRDS/latest/APIReference/API_CreateDBParameterGroup.html",
)
ELASTICACHE_GROUP = Limit(
    service="ElastiCache replication group",
    maximum=40,
    pattern=_HYPHENATED,
    source=_AWS + "AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html",
)
ELASTICACHE_PARAMETERS = Limit(
    service="ElastiCache subnet or parameter group",
    maximum=255,
    pattern=_HYPHENATED,
    source=_AWS + "AmazonElastiCache/latest/APIReference/API_CreateCacheParameterGroup.html",
)
SECRET = Limit(
    service="Secrets Manager secret",
    maximum=512,
    pattern=re.compile(r"[A-Za-z0-9/_+=.@-]+(?<!-[A-Za-z0-9]{6})"),
    separator="/",
    source=_AWS + "secretsmanager/latest/apireference/API_CreateSecret.html",
)
KMS_ALIAS = Limit(
    service="KMS alias",
    maximum=256,
    pattern=re.compile(r"alias/(?!aws/)[A-Za-z0-9/_-]+"),
    prefix="alias/",
    separator="/",
    source=_AWS + "kms/latest/APIReference/API_CreateAlias.html",
)
LOG_GROUP = Limit(
    service="CloudWatch log group",
    maximum=512,
    pattern=re.compile(r"(?!aws/)[.\-_/#A-Za-z0-9]+"),
    prefix="/",
    separator="/",
    source=_AWS + "AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
)
ALARM = Limit(
    service="CloudWatch alarm",
    maximum=255,
    pattern=re.compile(r"[\x20-\x7e]+"),
    source=_AWS + "AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
)
SECURITY_GROUP = Limit(
    service="EC2 security group",
    maximum=255,
    pattern=re.compile(r"(?!sg-)[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+"),
    source=_AWS + "AWSEC2/latest/APIReference/API_CreateSecurityGroup.html",
)
TAGGED = Limit(
    service="Name tag",
    maximum=256,
    pattern=re.compile(r"[A-Za-z0-9 _.:/=+@-]+"),
    separator="/",
    source=_AWS + "tag-editor/latest/userguide/best-practices-and-strats.html",
)
ECR_REPOSITORY = Limit(
    service="ECR repository",
    minimum=2,
    maximum=256,
    pattern=re.compile(r"[a-z0-9]+(?:[._/-][a-z0-9]+)*"),
    separator="/",
    source=_AWS + "AmazonECR/latest/APIReference/API_CreateRepository.html",
)
EKS_CLUSTER = Limit(
    service="EKS cluster",
    maximum=100,
    pattern=re.compile(r"[0-9A-Za-z][A-Za-z0-9_-]*"),
    source=_AWS + "eks/latest/APIReference/API_CreateCluster.html",
)
EKS_NODE_GROUP = Limit(
    service="EKS node group",
    maximum=63,
    pattern=re.compile(r"[0-9A-Za-z][A-Za-z0-9_-]*"),
    source=_AWS + "eks/latest/userguide/create-managed-node-group.html",
)
LAUNCH_TEMPLATE = Limit(
    service="EC2 launch template",
    minimum=3,
    maximum=128,
    pattern=re.compile(r"[a-zA-Z0-9()./_-]+"),
    source=_AWS + "AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html",
)
KUBERNETES = Limit(
    service="Kubernetes object",
    maximum=63,
    pattern=re.compile(r"[a-z](?:[a-z0-9-]*[a-z0-9])?"),
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ (RFC 1035 label)",
)
HOST_LABEL = Limit(
    service="label of a host name",
    maximum=63,
    pattern=re.compile(r"[a-z](?:[a-z0-9-]*[a-z0-9])?"),
    source="https://www.rfc-editor.org/rfc/rfc1035#section-2.3.1",
)
POSTGRESQL = Limit(
    service="PostgreSQL database or role",
    maximum=63,
    pattern=re.compile(r"[a-z][a-z0-9_]*"),
    separator="_",
    source="https://www.postgresql.org/docs/15/sql-syntax-lexical.html (NAMEDATALEN - 1)",
)
LAMBDA_FUNCTION = Limit(
    service="Lambda function",
    maximum=64,
    pattern=_WORDS,
    source=_AWS + "lambda/latest/api/API_CreateFunction.html",
)
POSTGRESQL_LOGIN = Limit(
    service="PostgreSQL role with a clone and an owner",
    maximum=57,
    pattern=re.compile(r"[a-z][a-z0-9_]*"),
    separator="_",
    source="https://www.postgresql.org/docs/15/sql-syntax-lexical.html (NAMEDATALEN - 1, less `_clone`)",
)

LIMITS: tuple[Limit, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Limit))
"""Every limit of this module."""
