"""The identity of a service at AWS: a role that its pods take by a token of their service account."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import Grant, document, web_identity_trust
from components.component import Component
from components.context import Context


def make_role(
    owner: Component,
    name: str,
    *,
    context: Context,
    account_id: pulumi.Input[str],
    partition: str,
    issuer: pulumi.Input[str],
    namespace: pulumi.Input[str],
    service_account: str,
    grants: Sequence[Grant],
) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    """Make the role of the service `name` as a child of `owner`.

    Returns:
        The role, and what has to be there before a pod can use it.
    """
    role = aws.iam.Role(
        f"{name}-role",
        name=context.name(naming.IAM_ROLE, name, "role"),
        description=f"Service {name} in {context.environment}",
        assume_role_policy=document(
            web_identity_trust(
                account_id=account_id,
                region_partition=partition,
                issuer=issuer,
                namespace=namespace,
                service_account=service_account,
            )
        ),
        tags=context.tags(owner.label),
        opts=owner.child(),
    )
    if not grants:
        return role, [role]
    permissions = aws.iam.RolePolicy(
        f"{name}-permissions",
        name="permissions",
        role=role.name,
        policy=document(*[grant.statement() for grant in grants]),
        opts=owner.child(),
    )
    return role, [permissions]
