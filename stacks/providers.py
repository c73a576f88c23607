"""The providers of an environment: explicit, so that nothing is made with what happens to be ambient."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pulumi_random as random
from settings import Settings

from components.context import Context, tag_value

LASTING = ("organisation", "project", "environment", "profile", "managed-by")
"""Facts that hold for everything in an environment as long as it lives: the provider tags with them whatever
it makes. What changes with a commit is in the tags of each resource only."""


@dataclass(frozen=True, kw_only=True)
class Providers:
    """The providers that every component of the environment gets."""

    cloud: aws.Provider
    cluster: kubernetes.Provider
    randomness: random.Provider

    @property
    def options(self) -> pulumi.ResourceOptions:
        """Options of a component: its children inherit the providers."""
        return pulumi.ResourceOptions(providers=[self.cloud, self.cluster, self.randomness])


def providers(settings: Settings) -> Providers:
    """Make the providers; the AWS one refuses accounts other than the ones that may be changed."""
    return Providers(
        cloud=aws.Provider(
            "aws",
            region=settings.region,
            allowed_account_ids=list(settings.account_ids) or None,
            default_tags=aws.ProviderDefaultTagsArgs(tags=lasting_tags(settings.context)),
            **settings.aws_provider,
        ),
        cluster=kubernetes.Provider("kubernetes", **settings.kubernetes_provider),
        randomness=random.Provider("random"),
    )


def lasting_tags(context: Context) -> dict[str, str]:
    """The tags of the facts that hold for everything in an environment."""
    facts = context.facts("")
    return {key: tag_value(facts[key]) for key in LASTING}
