"""Identity providers of OpenID Connect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from localcloud.aws.base import AwsType, attempt, read_from
from localcloud.aws.iam.role import NOT_FOUND
from localcloud.aws.tags import TagChange, from_list, to_list
from localcloud.fields import ListOf, SetOf, Text
from localcloud.resource import Operation, Properties

_SCHEME = "https://"


def _issuer_problem(value: str) -> str | None:
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.netloc or parts.query:
        return f"must be an address that begins with https:// and has no query, not {value!r}"
    return None


@dataclass(frozen=True, kw_only=True)
class _IssuerUrl(Text):
    """The address of an issuer; IAM keeps it without its scheme."""

    def same(self, old: Any, new: Any) -> bool:
        return isinstance(old, str) and isinstance(new, str) and _bare(old) == _bare(new)


class OpenIdConnectProvider(AwsType):
    """Lets roles trust the tokens of an issuer, such as a cluster; its id is its ARN.

    Nobody asks the issuer for its certificate: without thumbprints there are none.
    """

    token = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
    source = read_from("iam/openid_connect_provider.go", "01606926a0c0ab9174aec440f976a48b0baee722")
    service = "iam"
    regional = False
    taggable = True
    inputs = {
        "clientIdLists": SetOf(required=True, element=Text(min_length=1, max_length=255)),
        "thumbprintLists": ListOf(computed=True, element=Text(min_length=40, max_length=40)),
        "url": _IssuerUrl(required=True, force_new=True, max_length=255, check=_issuer_problem),
    }
    outputs = ("arn",)

    def make(self, operation: Operation, inputs: Properties) -> str:
        prints = {"ThumbprintList": inputs["thumbprintLists"]} if inputs.get("thumbprintLists") else {}
        answer = self.client(inputs).create_open_id_connect_provider(
            Url=inputs["url"],
            ClientIDList=inputs["clientIdLists"],
            Tags=to_list(self.wanted_tags(inputs)),
            **prints,
        )
        return answer["OpenIDConnectProviderArn"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        call = self.client(state).get_open_id_connect_provider
        live = attempt(NOT_FOUND, call, OpenIDConnectProviderArn=identity)
        if live is None:
            return None
        found = {
            "arn": identity,
            "clientIdLists": live.get("ClientIDList", []),
            "thumbprintLists": live.get("ThumbprintList", []),
            "url": live["Url"],
        }
        return self.live(state, found, from_list(live.get("Tags")))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        if new.get("thumbprintLists") and new["thumbprintLists"] != old.get("thumbprintLists"):
            client.update_open_id_connect_provider_thumbprint(
                OpenIDConnectProviderArn=identity, ThumbprintList=new["thumbprintLists"]
            )
        before, after = old.get("clientIdLists") or [], new["clientIdLists"]
        for each in (one for one in after if one not in before):
            client.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=identity, ClientID=each)
        for each in (one for one in before if one not in after):
            client.remove_client_id_from_open_id_connect_provider(
                OpenIDConnectProviderArn=identity, ClientID=each
            )

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client = self.client(properties)
        if change.put:
            client.tag_open_id_connect_provider(OpenIDConnectProviderArn=identity, Tags=to_list(change.put))
        if change.drop:
            client.untag_open_id_connect_provider(OpenIDConnectProviderArn=identity, TagKeys=change.drop)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        call = self.client(state).delete_open_id_connect_provider
        attempt(NOT_FOUND, call, OpenIDConnectProviderArn=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        # An account has one provider for an issuer; its ARN holds the address.
        ending = f":oidc-provider/{_bare(inputs['url'])}"
        listed = self.client(inputs).list_open_id_connect_providers()["OpenIDConnectProviderList"]
        return next((each["Arn"] for each in listed if each["Arn"].endswith(ending)), None)


def _bare(url: str) -> str:
    return url.removeprefix(_SCHEME)
