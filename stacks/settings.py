"""The settings: everything that the topology is told from outside."""

from typing import Any

from keys import AccountId, Arn, Email, Issuer, Label, Reference, Region, Stamp, Text, Url
from profiles import Profile, ProfileName
from pydantic import BaseModel, ConfigDict

from components.access import PipelineIdentity, Role
from components.context import Context
from components.services import Release


class Settings(BaseModel):
    """What an environment is and where; `resolution.resolve` makes them, and knows where each came from."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    organisation: Label
    project: Label
    environment: Label
    profile_name: ProfileName
    profile: Profile
    foundation: Label
    """`own`, or the stack whose network and cluster this one shares."""
    region: Region
    owner: Text
    branch: Text
    commit: Text
    release: Text
    created_at: Stamp | None
    expires_at: Stamp | None
    images: dict[str, Reference]
    """Image of each service that has one."""
    issuer: Issuer
    """Issuer of the cluster's service account tokens, without `https://`."""
    releases: dict[str, Release]
    """The release of each service that has one under way."""
    alert_emails: tuple[Email, ...]
    account_ids: tuple[AccountId, ...]
    """AWS accounts that may be changed; any when there are none."""
    principals: dict[Role, tuple[Arn, ...]]
    """Who may take the roles; for a role without any, the account's own policies decide."""
    pipeline: PipelineIdentity | None
    """Whose tokens take the role of the pipeline."""
    aws_endpoint: Url | None
    """Where services reach AWS's API, when it is not at AWS's own addresses."""
    aws_provider: dict[str, Any]
    """Settings of the AWS provider that come from the stack's `aws:` configuration."""
    kubernetes_provider: dict[str, Any]
    """Settings of the Kubernetes provider that come from the stack's `kubernetes:` configuration."""

    @property
    def owns_foundation(self) -> bool:
        """Whether network and cluster are the stack's own."""
        return self.foundation == "own"

    @property
    def context(self) -> Context:
        """The environment's identity, as components take it."""
        return Context(
            organisation=self.organisation,
            project=self.project,
            environment=self.environment,
            profile=self.profile_name,
            owner=self.owner,
            branch=self.branch,
            commit=self.commit,
            release=self.release,
            created_at=self.created_at,
            expires_at=self.expires_at,
        )
