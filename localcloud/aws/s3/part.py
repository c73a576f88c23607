"""Types that are one part of a bucket's configuration."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Final

from localcloud.aws.base import AwsType
from localcloud.aws.s3.bucket import NO_BUCKET
from localcloud.fields import Text
from localcloud.resource import Operation, Properties

BUCKET: Final = Text(required=True, force_new=True, min_length=1, max_length=63)


class BucketPart(AwsType):
    """One part of a bucket's configuration; its id is the bucket's name."""

    service = "s3"

    @abstractmethod
    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        """Set the part as `inputs` say."""

    @abstractmethod
    def get(self, client: Any, bucket: str, state: Properties) -> Properties | None:
        """Return the part under the inputs' own names, or None when there is none."""

    @abstractmethod
    def drop(self, client: Any, bucket: str, state: Properties) -> None:
        """Take the part away; a bucket that is gone is no error."""

    def make(self, operation: Operation, inputs: Properties) -> str:
        self.put(self.client(inputs), inputs["bucket"], inputs)
        return inputs["bucket"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        found = self.get(self.client(state), identity, state)
        return None if found is None else self.live(state, {**found, "bucket": identity})

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        self.put(self.client(new), identity, new)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        self.drop(self.client(state), identity, state)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        found = self.get(self.client(inputs), inputs["bucket"], inputs)
        if found is None:
            return None
        told = {name: spec for name, spec in self.inputs.items() if name in found and name in inputs}
        return (
            inputs["bucket"]
            if all(spec.same(found[name], inputs[name]) for name, spec in told.items())
            else None
        )


def gone(code: str) -> tuple[str, ...]:
    """Return the error codes that mean that a part is not there: `code`, or that the bucket is gone."""
    return (*NO_BUCKET, code)
