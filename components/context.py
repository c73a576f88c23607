"""Who and what an environment is: the source of every name, tag and label.

Nothing here reads a clock or the environment: the program gives the values, so the same inputs make the
same tags, and an `up` that changes nothing is a no-op.
"""

import re
from dataclasses import dataclass

from components import naming
from components.argument_types import check_types
from components.checks import check_match

MANAGED_BY = "understudy"
LABEL_DOMAIN = "understudy.dev"
_TAG_LIMIT = 256
_LABEL_LIMIT = 63


@dataclass(frozen=True, kw_only=True)
class Context:
    """One environment of one project.

    Example:
        >>> context = Context(
        ...     organisation="example", project="understudy", environment="feature-x", profile="preview",
        ...     owner="payments", branch="feature/x", commit="0f3c", release="1.4.0")
        >>> context.name(naming.SQS_QUEUE, "orders", "queue")
        'understudy-feature-x-orders-queue'

    Raises:
        InvalidArgument: a value that no name could be made of, or a date that is none.
    """

    organisation: str
    project: str
    environment: str
    profile: str
    owner: str
    branch: str
    commit: str
    release: str
    created_at: str | None = None
    """Previews only: when the stack was created, ISO 8601 in UTC. Set once, never on each update."""
    expires_at: str | None = None
    """Previews only: when the environment may be destroyed, ISO 8601 in UTC."""

    def __post_init__(self) -> None:
        check_types(self)
        label = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
        mend = "use a-z, 0-9 and single hyphens, a letter first"
        for field in ("organisation", "project", "environment", "profile"):
            check_match(field, getattr(self, field), label, mend)
        for field in ("created_at", "expires_at"):
            value = getattr(self, field)
            if value is not None:
                stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
                check_match(field, value, stamp, "use ISO 8601 in UTC, such as 2026-11-23T22:05:00Z")

    def name(self, limit: naming.Limit, thing: str, kind: str) -> str:
        """The physical name of the `kind` of resource that belongs to `thing`."""
        parts = naming.Parts(
            organisation=self.organisation,
            project=self.project,
            environment=self.environment,
            thing=thing,
            kind=kind,
        )
        return naming.name(limit, parts)

    @property
    def namespace(self) -> str:
        """The environment's Kubernetes namespace."""
        return naming.namespace(self.project, self.environment)

    def facts(self, component: str) -> dict[str, str]:
        """The standard facts as they are, before a service's own rules shape them."""
        facts = {
            "organisation": self.organisation,
            "project": self.project,
            "environment": self.environment,
            "profile": self.profile,
            "component": component,
            "owner": self.owner,
            "branch": self.branch,
            "commit": self.commit,
            "release": self.release,
            "managed-by": MANAGED_BY,
        }
        if self.created_at is not None:
            facts["created-at"] = self.created_at
        if self.expires_at is not None:
            facts["expires-at"] = self.expires_at
        return facts

    def tags(self, component: str, *, name: str | None = None) -> dict[str, str]:
        """AWS tags of a child of `component`; `name` is what the console shows where there is no other."""
        tags = {key: tag_value(value) for key, value in self.facts(component).items()}
        if name is not None:
            tags["Name"] = tag_value(name)
        return tags

    def labels(self, component: str, app: str | None = None) -> dict[str, str]:
        """Kubernetes labels of a child of `component`; `app` is the workload that it belongs to."""
        labels = {f"{LABEL_DOMAIN}/{key}": label_value(value) for key, value in self.facts(component).items()}
        labels |= {
            "app.kubernetes.io/managed-by": MANAGED_BY,
            "app.kubernetes.io/part-of": label_value(self.project),
        }
        if app is not None:
            labels |= self.selector(app)
        return labels

    def selector(self, app: str) -> dict[str, str]:
        """The labels that select a workload's pods: they never change, as a selector can't."""
        return {
            "app.kubernetes.io/name": label_value(app),
            "app.kubernetes.io/instance": label_value(self.environment),
        }

    def pod_labels(self, component: str, app: str) -> dict[str, str]:
        """Labels of pods: without what changes with every commit, which would restart them for nothing."""
        volatile = {f"{LABEL_DOMAIN}/{key}" for key in ("branch", "commit", "owner", "expires-at")}
        return {key: value for key, value in self.labels(component, app).items() if key not in volatile}


def tag_value(text: str) -> str:
    """`text` as AWS accepts it in a tag: at most 256 letters, digits, spaces and `_.:/=+-@`."""
    return re.sub(r"[^A-Za-z0-9 _.:/=+@-]", "_", text).strip()[:_TAG_LIMIT].strip()


def label_value(text: str) -> str:
    """`text` as Kubernetes accepts it in a label: at most 63 of `A-Za-z0-9._-`, alphanumeric ends."""
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "-", text)
    return re.sub(r"^[^A-Za-z0-9]+", "", cleaned)[:_LABEL_LIMIT].rstrip("._-")
