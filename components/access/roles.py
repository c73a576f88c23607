"""The roles of people and of the pipeline in an environment, at AWS and in Kubernetes alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes import meta, rbac

from components import naming
from components.access.duties import ROLES, Duty, Role, duties, rules, statements
from components.access.policies import Statement, document
from components.argument_types import check_types
from components.checks import check, check_choice, check_match, check_range
from components.component import Component
from components.context import Context, tag_value

_PRINCIPAL = r"arn:aws[a-z-]*:(iam|sts)::\d{12}:[\w+=,.@/-]+"


@dataclass(frozen=True, kw_only=True)
class PipelineIdentity:
    """A pipeline that comes with a token of its own system, such as GitHub's or GitLab's.

    Example:
        >>> PipelineIdentity(
        ...     issuer="token.actions.githubusercontent.com",
        ...     subject="repo:example/understudy:environment:feature-x")

    Raises:
        InvalidArgument: an issuer with `https://`, or a subject that is empty or has a wildcard.
    """

    issuer: str
    """Issuer of the tokens, without `https://`; IAM knows it as an identity provider of the account."""
    subject: str
    """Exactly whose tokens: the `sub` of the pipeline's runs for this environment and no other."""
    audience: str = "sts.amazonaws.com"
    """Whom the tokens are for."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("issuer", self.issuer, r"[^\s:/][^\s:]*", "leave out https://")
        check_match("subject", self.subject, r"[^\s*?]+", "name one subject, without wildcards")
        check_match("audience", self.audience, r"\S+", "name the audience, such as sts.amazonaws.com")


@dataclass(frozen=True, kw_only=True)
class RolesArgs:
    """Arguments of `Roles`.

    Raises:
        InvalidArgument: a role that there is not, a principal that is no ARN, or a session that IAM does not
            grant.
    """

    context: Context
    account_id: pulumi.Input[str]
    """The environment's AWS account."""
    region: str
    """The environment's region."""
    namespace: pulumi.Input[str]
    """The environment's Kubernetes namespace."""
    partition: str = "aws"
    """Partition of the account: `aws`, `aws-cn` or `aws-us-gov`."""
    roles: Sequence[Role] = ROLES
    """The roles that the environment has: `developer`, `on-call`, `ci`."""
    developers_debug: bool = False
    """Whether developers may reach into pods, messages and secrets; else they look and no more."""
    principals: Mapping[Role, Sequence[str]] = field(default_factory=dict[Role, Sequence[str]])
    """ARNs of who may take each role. For a role without any, the account's own policies decide."""
    pipeline: PipelineIdentity | None = None
    """The pipeline's identity: with it nobody else takes the role `ci`, but the `principals` named for it."""
    permissions_boundary: pulumi.Input[str] | None = None
    """ARN of a policy that no role exceeds."""
    max_session: int = 3600
    """Longest session, 3600 to 43200 seconds."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("region", self.region, r"[a-z]{2}(-[a-z]+)+-\d", "use a region such as eu-west-1")
        check_choice("partition", self.partition, ("aws", "aws-cn", "aws-us-gov"))
        for role in self.roles:
            check_choice("roles", role, ROLES)
        check(len(set(self.roles)) == len(self.roles), "roles", self.roles, "name each role once")
        for role, arns in self.principals.items():
            check_choice("principals", role, ROLES)
            for arn in arns:
                check_match(
                    "principals", arn, _PRINCIPAL, "use an ARN such as arn:aws:iam::123456789012:role/x"
                )
        check_range("max_session", self.max_session, 3600, 43_200, "seconds")


class Roles(Component):
    """A role at AWS and one in the namespace, with the same duties, for each kind of worker.

    Developers look; on-call also restarts and scales; the pipeline deploys. All is limited to the
    environment: at AWS by its tags, in Kubernetes by its namespace. The table is
    `components/access/duties.py`.

    Example:
        >>> roles = Roles("access", RolesArgs(
        ...     context=context, account_id=account_id, region="eu-west-1", namespace=namespace))
        >>> roles.groups["on-call"]
    """

    token = "understudy:access:Roles"  # noqa: S105 - a type token

    role_arns: pulumi.Output[dict[str, str]]
    """ARN of each role at AWS."""
    kubernetes_groups: pulumi.Output[dict[str, str]]
    """The group in Kubernetes that has each role; the cluster maps the role at AWS to it."""

    def __init__(self, name: str, args: RolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        arns: dict[str, pulumi.Output[str]] = {}
        groups: dict[str, str] = {}
        for role in args.roles:
            chosen = duties(role, developers_debug=args.developers_debug)
            arns[role] = self._at_aws(role, chosen)
            groups[role] = self._in_kubernetes(role, chosen)
        self.role_arns = pulumi.Output.all(**arns).apply(dict)
        self.kubernetes_groups = pulumi.Output.from_input(groups)
        self.register()

    def _at_aws(self, role: Role, chosen: tuple[Duty, ...]) -> pulumi.Output[str]:
        args, context = self._args, self._args.context
        made = aws.iam.Role(
            f"{self._name}-{role}",
            name=context.name(naming.IAM_ROLE, self._name, role),
            description=f"{role} of {context.environment}: {', '.join(chosen)}",
            assume_role_policy=document(*self._trust(role)),
            permissions_boundary=args.permissions_boundary,
            max_session_duration=args.max_session,
            tags=context.tags(self.label),
            opts=self.child(),
        )
        facts = context.facts(self.label)
        tags = {key: tag_value(facts[key]) for key in ("project", "environment")}
        repositories = pulumi.Output.format(
            "arn:{0}:ecr:{1}:{2}:repository/{3}/*",
            args.partition,
            args.region,
            args.account_id,
            context.project,
        )
        aws.iam.RolePolicy(
            f"{self._name}-{role}-duties",
            name="duties",
            role=made.name,
            policy=document(*statements(chosen, tags, repositories)),
            opts=self.child(),
        )
        return made.arn

    def _trust(self, role: Role) -> list[Statement]:
        """Who may take a role: named principals, the pipeline, or whom the account's own policies let."""
        args = self._args
        named: list[pulumi.Input[str]] = list(args.principals.get(role, ()))
        pipeline = args.pipeline if role == "ci" else None
        if not named and pipeline is None:
            named.append(pulumi.Output.format("arn:{0}:iam::{1}:root", args.partition, args.account_id))
        found: list[Statement] = []
        if named:
            principal = {"AWS": named if len(named) > 1 else named[0]}
            found.append(
                {"Sid": "Named", "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
            )
        if pipeline is not None:
            provider = pulumi.Output.format(
                "arn:{0}:iam::{1}:oidc-provider/{2}", args.partition, args.account_id, pipeline.issuer
            )
            found.append(
                {
                    "Sid": "Pipeline",
                    "Effect": "Allow",
                    "Principal": {"Federated": provider},
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Condition": {
                        "StringEquals": {
                            f"{pipeline.issuer}:aud": pipeline.audience,
                            f"{pipeline.issuer}:sub": pipeline.subject,
                        }
                    },
                }
            )
        return found

    def _in_kubernetes(self, role: Role, chosen: tuple[Duty, ...]) -> str:
        context = self._args.context
        group = f"{context.project}:{context.environment}:{role}"
        metadata = meta.v1.ObjectMetaArgs(
            name=naming.short_name(naming.KUBERNETES, role),
            namespace=self._args.namespace,
            labels=context.labels(self.label),
        )
        made = rbac.v1.Role(
            f"{self._name}-{role}",
            metadata=metadata,
            rules=[
                rbac.v1.PolicyRuleArgs(
                    api_groups=[rule.group], resources=list(rule.resources), verbs=list(rule.verbs)
                )
                for rule in rules(chosen)
            ],
            opts=self.child(),
        )
        rbac.v1.RoleBinding(
            f"{self._name}-{role}",
            metadata=metadata,
            role_ref=rbac.v1.RoleRefArgs(
                api_group="rbac.authorization.k8s.io",
                kind="Role",
                name=made.metadata["name"],
            ),
            subjects=[rbac.v1.SubjectArgs(kind="Group", name=group, api_group="rbac.authorization.k8s.io")],
            opts=self.child(),
        )
        return group
