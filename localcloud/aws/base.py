"""What all local AWS types share: the region and tag inputs, clients, ARNs, and tolerating what is gone."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final

from botocore.exceptions import ClientError

from localcloud.aws.session import AwsSession, code_of
from localcloud.aws.tags import TagChange, Tags
from localcloud.compare import Change, Kind, root
from localcloud.declared import DeclaredType
from localcloud.fields import Field, MapOf, Text
from localcloud.resource import Difference, Function, Operation, Properties, Source
from localcloud.values import UNKNOWN, has_unknown

REPOSITORY: Final = "hashicorp/terraform-provider-aws"

REGION: Final = Text(computed=True, force_new=True, pattern=r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}")
TAGS: Final = MapOf(element=Text())

_TAG_PROPERTIES = frozenset({"tags", "tagsAll"})


def read_from(path: str, revision: str) -> Source:
    """Return the source of a declaration: a file below ``internal/service`` of the official provider."""
    return Source(REPOSITORY, f"internal/service/{path}", revision)


def attempt(gone: Iterable[str], call: Callable[..., Any], **arguments: Any) -> Any:
    """Return ``call(**arguments)``, or None when it fails with one of the error codes `gone`.

    >>> attempt(["InvalidVpcID.NotFound"], client.delete_vpc, VpcId=identity)  # doctest: +SKIP
    """
    try:
        return call(**arguments)
    except ClientError as error:
        if code_of(error) in gone:
            return None
        raise


class AwsType(DeclaredType):
    """One AWS resource type.

    A subclass sets `service` (boto3's name), `inputs` and `outputs` without region and tags, and writes
    `make`, `fetch`, `modify`, `remove` and `find`; with `taggable` also `retag`. The inputs ``region`` and
    ``tags`` and the output ``tagsAll`` are added here; `modify` is never asked for a change of tags.
    """

    service: ClassVar[str]
    regional: ClassVar[bool] = True
    taggable: ClassVar[bool] = False

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "inputs" in cls.__dict__ or "taggable" in cls.__dict__ or "regional" in cls.__dict__:
            own: dict[str, Field] = {
                name: spec
                for name, spec in getattr(cls, "inputs", {}).items()
                if name != "tags" and not (name == "region" and spec is REGION)
            }
            cls.inputs = {
                **own,
                **({"region": REGION} if cls.regional else {}),
                **({"tags": TAGS} if cls.taggable else {}),
            }
            if cls.taggable and "tagsAll" not in cls.outputs:
                cls.outputs = (*cls.outputs, "tagsAll")

    def __init__(self, session: AwsSession) -> None:
        self.session = session

    # -- what a subclass writes besides DeclaredType's ----------------------------------------------

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        """Put the tags ``change.put`` on the thing and take ``change.drop`` off. `properties`: the state."""
        raise NotImplementedError(f"{self.token} is not taggable")

    # -- what a subclass uses -----------------------------------------------------------------------

    def client(self, properties: Properties, service: str | None = None) -> Any:
        """Return the client of this type's service (or of `service`) in the region of inputs or state."""
        return self.session.client(service or self.service, self.region_of(properties))

    def region_of(self, properties: Properties) -> str:
        """Return the region that inputs or state name, else the provider's."""
        region = properties.get("region") if self.regional else None
        return region if isinstance(region, str) else self.session.region

    def arn(self, properties: Properties, resource: str, service: str | None = None) -> str:
        """Return ``arn:aws:<service>:<region>:<account>:<resource>``."""
        region = self.region_of(properties)
        return ":".join(
            (
                "arn",
                self.session.partition(region),
                service or self.service,
                region,
                self.session.account_id(),
                resource,
            )
        )

    def wanted_tags(self, inputs: Properties) -> Tags:
        """Return the tags for a create call: the program's own over the provider's default ones."""
        return self.session.settings.tag_rules.wanted(inputs.get("tags"))

    def live(self, state: Properties, found: Properties, tags: Mapping[str, str] | None = None) -> Properties:
        """Return what `fetch` answers: `found` with the region and, from the live `tags`, tags and tagsAll.

        `state` is what `fetch` was given: it says which tags the program declared itself.
        """
        result = dict(found)
        if self.regional:
            result["region"] = self.region_of(state)
        if self.taggable:
            rules = self.session.settings.tag_rules
            result["tags"] = rules.own_of(tags or {}, state.get("tags")) or None
            result["tagsAll"] = rules.all_of(tags or {})
        return result

    def only(self, candidates: Iterable[tuple[str, Mapping[str, str]]], inputs: Properties) -> str | None:
        """Return the id of the one candidate (id, live tags) that bears exactly the wanted tags.

        For `find` of a type without a name of its own. Without any tag nothing tells one program's thing
        from another's, so nothing is found then: an orphan is less harm than a foreign thing removed.
        """
        wanted = self.wanted_tags(inputs)
        rules = self.session.settings.tag_rules
        matches = [identity for identity, tags in candidates if wanted and rules.all_of(tags) == wanted]
        return matches[0] if len(matches) == 1 else None

    # -- what the plugin calls ----------------------------------------------------------------------

    def preview(
        self, inputs: Properties, state: Properties | None, difference: Difference | None
    ) -> Properties:
        planned = super().preview(inputs, state, difference)
        if self.regional:
            planned["region"] = self.region_of(inputs)
        if self.taggable:
            planned["tagsAll"] = self._planned_tags(inputs)
        return planned

    def extra_changes(self, old: Properties, new: Properties, state: Properties) -> list[Change]:
        found: list[Change] = []
        if self.regional and new.get("region") is None:
            where = state.get("region")
            if where is not None and where != self.session.region:
                found.append(Change("region", Kind.UPDATE, replace=True))
        if self.taggable and state.get("tagsAll") is not None:
            planned = self._planned_tags(new)
            if planned is not UNKNOWN and not has_unknown(planned) and planned != state["tagsAll"]:
                found.append(Change("tagsAll", Kind.UPDATE))
        return found

    def update(
        self, operation: Operation, identity: str, old_inputs: Properties, state: Properties, new: Properties
    ) -> Properties:
        difference = self.diff(identity, old_inputs, state, new)
        if any(root(change.path) not in _TAG_PROPERTIES for change in difference.changes):
            self.modify(operation, identity, old_inputs, new)
        if self.taggable:
            change = TagChange.between(state.get("tagsAll") or {}, self.wanted_tags(new))
            if change:
                self.retag(operation, identity, {**state, **new}, change)
        return self._state(operation, identity, new, state)

    # -- inside -------------------------------------------------------------------------------------

    def _planned_tags(self, inputs: Properties) -> Any:
        own = inputs.get("tags")
        return UNKNOWN if own is UNKNOWN else self.wanted_tags(inputs)


class AwsFunction(Function):
    """A function of the AWS package that may ask the local endpoint."""

    def __init__(self, session: AwsSession) -> None:
        self.session = session

    @abstractmethod
    def call(self, arguments: Properties) -> Properties:
        """Return the function's result."""
