"""Tags as the official provider treats them: default tags, ignored tags, and what a program sees of them.

Source: hashicorp/terraform-provider-aws internal/tags/key_value_tags.go and internal/provider/sdkv2/tags.go
@ 01606926a0c0ab9174aec440f976a48b0baee722.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Tags = dict[str, str]


@dataclass(frozen=True)
class TagRules:
    """The provider's `defaults` for every resource, and the tags that it never touches.

    ignored_keys: whole keys; ignored_prefixes: beginnings of keys. Keys of AWS itself (``aws:``) are always
    ignored.
    """

    defaults: Mapping[str, str] = field(default_factory=dict)
    ignored_keys: frozenset[str] = frozenset()
    ignored_prefixes: tuple[str, ...] = ()

    def wanted(self, own: Mapping[str, str] | None) -> Tags:
        """Return all tags that a resource with the tags `own` should bear; its own ones win."""
        return {
            key: value for key, value in {**self.defaults, **(own or {})}.items() if not self.ignores(key)
        }

    def all_of(self, live: Mapping[str, str]) -> Tags:
        """Return those of the `live` tags that count: what ``tagsAll`` shows."""
        return {key: value for key, value in live.items() if not self.ignores(key)}

    def own_of(self, live: Mapping[str, str], declared: Mapping[str, str] | None) -> Tags:
        """Return the `live` tags that are the resource's own: what ``tags`` shows.

        A tag equal to a default one is the resource's own only if the program `declared` it as well.
        """
        declared = declared or {}
        return {
            key: value
            for key, value in self.all_of(live).items()
            if self.defaults.get(key) != value or key in declared
        }

    def ignores(self, key: str) -> bool:
        """Tell whether the provider leaves the tag `key` alone."""
        return (
            key.startswith("aws:")
            or key in self.ignored_keys
            or key.startswith(self.ignored_prefixes or "\0")
        )


@dataclass(frozen=True)
class TagChange:
    """What brings the tags of a live thing to what is wanted."""

    put: Tags
    drop: list[str]

    @staticmethod
    def between(live: Mapping[str, str], wanted: Mapping[str, str]) -> TagChange:
        """Return the change from the tags `live` to `wanted`."""
        return TagChange(
            put={key: value for key, value in wanted.items() if live.get(key) != value},
            drop=sorted(key for key in live if key not in wanted),
        )

    def __bool__(self) -> bool:
        return bool(self.put or self.drop)


def to_list(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Return tags as most services take them: ``[{"Key": …, "Value": …}]``."""
    return [{key: name, value: text} for name, text in tags.items()]


def from_list(tags: Iterable[Mapping[str, str]] | None, key: str = "Key", value: str = "Value") -> Tags:
    """Return tags as a map from what most services answer: ``[{"Key": …, "Value": …}]``."""
    return {tag[key]: tag.get(value, "") for tag in tags or ()}
