"""Physical names: one rule for every service's limits. Pure, and free of Pulumi.

A name is made of four parts, `<project>-<environment>-<thing>-<kind>`, for example
`understudy-feature-x-orders-queue`. Where a service allows a slash the parts are joined by it
(`understudy/feature-x/orders/database`). A name is always the same for the same parts, so a resource
can be found again when the state that knew it is lost.

Two different sets of parts never give the same name: a hash of the parts is appended whenever the
plain text would be ambiguous, too long, or not allowed by the service.

>>> environment_name("feature-x")
'feature-x'
>>> name(SQS_QUEUE, Parts(project="understudy", environment="feature-x", thing="orders", kind="queue"))
'understudy-feature-x-orders-queue'
"""

import hashlib
import re
from dataclasses import dataclass

from components.checks import shorten
from components.limits import (
    ALARM,
    DYNAMODB_TABLE,
    ECR_REPOSITORY,
    EKS_CLUSTER,
    EKS_NODE_GROUP,
    ELASTICACHE_GROUP,
    ELASTICACHE_PARAMETERS,
    HOST_LABEL,
    IAM_POLICY,
    IAM_ROLE,
    KMS_ALIAS,
    KUBERNETES,
    LAMBDA_FUNCTION,
    LAUNCH_TEMPLATE,
    LIMITS,
    LOAD_BALANCER,
    LOG_GROUP,
    POSTGRESQL,
    POSTGRESQL_LOGIN,
    RDS_GROUP,
    RDS_INSTANCE,
    S3_BUCKET,
    SECRET,
    SECURITY_GROUP,
    SNS_FIFO_TOPIC,
    SNS_TOPIC,
    SQS_FIFO_QUEUE,
    SQS_QUEUE,
    TAGGED,
    Limit,
)

__all__ = [
    "ALARM",
    "DYNAMODB_TABLE",
    "ECR_REPOSITORY",
    "EKS_CLUSTER",
    "EKS_NODE_GROUP",
    "ELASTICACHE_GROUP",
    "ELASTICACHE_PARAMETERS",
    "ENVIRONMENT_LIMIT",
    "HOST_LABEL",
    "IAM_POLICY",
    "IAM_ROLE",
    "KMS_ALIAS",
    "KUBERNETES",
    "LAMBDA_FUNCTION",
    "LAUNCH_TEMPLATE",
    "LIMITS",
    "LOAD_BALANCER",
    "LOG_GROUP",
    "POSTGRESQL",
    "POSTGRESQL_LOGIN",
    "RDS_GROUP",
    "RDS_INSTANCE",
    "RESERVED_ENVIRONMENTS",
    "S3_BUCKET",
    "SECRET",
    "SECURITY_GROUP",
    "SNS_FIFO_TOPIC",
    "SNS_TOPIC",
    "SQS_FIFO_QUEUE",
    "SQS_QUEUE",
    "TAGGED",
    "Limit",
    "NameProblem",
    "Parts",
    "eks_log_group",
    "environment_name",
    "fingerprint",
    "host_name",
    "is_label",
    "name",
    "namespace",
    "parse_stack_name",
    "short_name",
]

ENVIRONMENT_LIMIT = 32
"""Longest name of an environment, so that most physical names need no cutting."""

RESERVED_ENVIRONMENTS = frozenset({"production", "staging", "development"})
"""Long-lived environments. A branch of the same name gets another environment."""

_HASH_ALPHABET = "0123456789abcdefghijklmnopqrstuv"
_HASH_LENGTH = 8
_SHOWN = 40
"""Longest name that an error proposes."""
_LABEL = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LOOKS_HASHED = re.compile(r"(?:^|-)[0-9][0-9a-v]{7}$")


class NameProblem(ValueError):
    """A name that can't be used. The message is one line: which name, why, and what to use instead."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a physical name is made of; each part is a label of `a-z`, `0-9` and single hyphens."""

    project: str
    environment: str
    thing: str
    kind: str
    organisation: str = ""
    """Only used for names that must be unique in the world."""

    def __post_init__(self) -> None:
        for field in ("project", "environment", "thing", "kind"):
            value = getattr(self, field)
            if not isinstance(value, str) or not is_label(value):
                better = _slug(value)[:_SHOWN] if isinstance(value, str) else ""
                raise NameProblem(f"{field} {shorten(value)} is no valid label: use {better or 'letters'!r}")


def is_label(text: str) -> bool:
    """Whether `text` starts with a letter and has only `a-z`, `0-9` and single hyphens between them."""
    return _LABEL.fullmatch(text) is not None


def name(limit: Limit, parts: Parts) -> str:
    """The physical name of a resource, valid for the service and never shared by other parts."""
    pieces = [parts.project, parts.environment, parts.thing, parts.kind]
    if limit.unique == "global":
        pieces.insert(0, parts.organisation or parts.project)
    others = "".join((*pieces[:-3], *pieces[-2:]))
    # Only the environment may hold the separator: then a name can be taken apart from both its ends.
    plain = limit.separator not in others and not _LOOKS_HASHED.search(pieces[-1])
    return _compose(limit, pieces, plain=plain)


def short_name(limit: Limit, *pieces: str) -> str:
    """A name that needs to be unique in one place only, such as a Kubernetes object in its namespace.

    >>> short_name(KUBERNETES, "orders")
    'orders'
    """
    plain = len(pieces) == 1 or limit.separator not in "".join(pieces)
    return _compose(limit, list(pieces), plain=plain and not _LOOKS_HASHED.search(pieces[-1]))


def namespace(project: str, environment: str) -> str:
    """The Kubernetes namespace of an environment.

    >>> namespace("understudy", "feature-x")
    'understudy-feature-x'
    """
    if "-" not in project and is_label(project) and is_label(environment):
        text = f"{project}-{environment}"
        if KUBERNETES.accepts(text):
            return text
    return _cut(KUBERNETES, _slug(f"{project}-{environment}"), fingerprint(f"{project}\0{environment}"))


def eks_log_group(cluster: str) -> str:
    """The log group that EKS writes a cluster's control-plane logs to; its name is not ours to choose.

    >>> eks_log_group("understudy-production-main-cluster")
    '/aws/eks/understudy-production-main-cluster/cluster'
    """
    return f"/aws/eks/{cluster}/cluster"


def host_name(domain: str, environment: str, thing: str) -> str:
    """The host name of a thing that an environment shows to the outside.

    Thing and environment have a label each, so that two environments never share a name.

    >>> host_name("example.com", "feature-x", "shop")
    'shop.feature-x.example.com'
    """
    labels = [short_name(HOST_LABEL, thing), short_name(HOST_LABEL, environment)]
    return ".".join([*labels, domain])


def environment_name(branch: str) -> str:
    """The name of the environment (and of the stack) for a branch.

    Never shared by two branches: whenever the branch's name loses something on the way (upper case,
    a slash, its length) a hash of it is appended.

    Raises:
        NameProblem: the branch has no name.

    >>> environment_name("feature-x")
    'feature-x'
    >>> environment_name("feature/X") != environment_name("feature-x")
    True
    """
    if not branch:
        raise NameProblem("branch name is empty: name a branch, or give the stack's name")
    slug = _slug(branch)
    exact = slug == branch and len(slug) <= ENVIRONMENT_LIMIT
    if exact and slug not in RESERVED_ENVIRONMENTS and not _LOOKS_HASHED.search(slug):
        return slug
    room = ENVIRONMENT_LIMIT - _HASH_LENGTH - 1
    return f"{(slug or 'branch')[:room].rstrip('-')}-{fingerprint(branch)}"


def parse_stack_name(stack: str) -> str:
    """The environment that a stack's name stands for; it is the stack's name, when that is valid.

    Raises:
        NameProblem: the name can't be an environment's; the message says what would do.
    """
    text = stack.rsplit("/", 1)[-1]
    if is_label(text) and len(text) <= ENVIRONMENT_LIMIT:
        return text
    if not text:
        raise NameProblem("stack name is empty: use a name such as 'feature-x'")
    raise NameProblem(
        f"stack name {shorten(text)} is no valid environment name"
        f" (a-z, 0-9 and single hyphens, first a letter, at most {ENVIRONMENT_LIMIT} characters):"
        f" use {environment_name(text)!r}"
    )


def fingerprint(text: str) -> str:
    """Eight characters that stand for `text`: a digit, then seven of 0-9 and a-v (38 bits).

    It starts with a digit so that it is never taken for a word of a name.
    """
    number = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(), "big")
    number, first = divmod(number, 10)
    characters = [str(first)]
    for _ in range(_HASH_LENGTH - 1):
        number, digit = divmod(number, len(_HASH_ALPHABET))
        characters.append(_HASH_ALPHABET[digit])
    return "".join(characters)


def _slug(text: str, separator: str = "-") -> str:
    """`text` in lower case, whatever is no letter or digit turned into single separators."""
    slug = re.sub(r"[^a-z0-9]+", separator, text.lower().encode("ascii", "replace").decode()).strip(separator)
    return f"e{separator}{slug}" if slug[:1].isdigit() else slug


def _compose(limit: Limit, pieces: list[str], *, plain: bool) -> str:
    """The pieces joined, if that is `plain` (not to be mistaken) and the service accepts it; else hashed."""
    readable = [_slug(piece, "_" if limit.separator == "_" else "-") for piece in pieces]
    text = limit.prefix + limit.separator.join(readable) + limit.suffix
    if plain and readable == pieces and limit.accepts(text):
        return text
    return _cut(limit, limit.separator.join(readable), fingerprint("\0".join(pieces)))


def _cut(limit: Limit, text: str, mark: str) -> str:
    """`text` shortened to the limit, with the hash `mark` at its end."""
    joint = "_" if limit.separator == "_" else "-"
    room = limit.maximum - len(limit.prefix) - len(limit.suffix) - len(mark) - 1
    head = text[:room].rstrip("-_/")
    candidate = f"{limit.prefix}{head}{joint}{mark}{limit.suffix}"
    if limit.accepts(candidate):
        return candidate
    # Reserved beginnings (`sthree-`, `internal-`, `alias/aws/`) are the only thing left to avoid.
    candidate = f"{limit.prefix}e{joint}{head[: room - 2].rstrip('-_/')}{joint}{mark}{limit.suffix}"
    if limit.accepts(candidate):
        return candidate
    raise NameProblem(f"{limit.service} can't be named after {shorten(text)}: use letters and digits")
