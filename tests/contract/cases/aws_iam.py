"""Cases of the IAM types."""

from __future__ import annotations

import json
from typing import Any

from lifecycle import Case, World

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"


def _document(action: str = "s3:GetObject", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": [action], **(more or {"Resource": "*"})}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _trust(service: str = "ec2.amazonaws.com") -> str:
    return _document("sts:AssumeRole", Principal={"Service": service})


def _role(world: World, name: str) -> str:
    return world.make(ROLE, {"name": name, "assumeRolePolicy": _trust()})[0]


def _policy(world: World, name: str) -> str:
    return world.make(POLICY, {"name": name, "policy": _document()})[0]


CASES = [
    Case(
        token="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        create=lambda w: {
            "url": f"https://oidc.example.com/id/{w.unique('cluster')}",
            "clientIdLists": ["sts.amazonaws.com"],
            "thumbprintLists": ["a" * 40],
            "tags": {"Name": "a", "environment": "test"},
        },
        update=lambda w, inputs: {
            **inputs,
            "clientIdLists": ["sts.amazonaws.com", "another"],
            "thumbprintLists": ["b" * 40],
            "tags": {"Name": "b"},
        },
        replace=lambda w, inputs: {**inputs, "url": "https://oidc.example.com/id/other"},
        drift=lambda w, id, _state: w.client("iam").remove_client_id_from_open_id_connect_provider(
            OpenIDConnectProviderArn=id, ClientID="another"
        ),
        drifted="clientIdLists",
        vanish=lambda w, id, _state: w.client("iam").delete_open_id_connect_provider(
            OpenIDConnectProviderArn=id
        ),
        bad=[
            ({"url": "http://oidc.example.com"}, "url"),
            ({"url": "https://oidc.example.com?a=b"}, "url"),
            ({"thumbprintLists": ["a"]}, "thumbprintLists[0]"),
            ({"clientIdLists": None}, "clientIdLists"),
        ],
    ),
    Case(
        token=ROLE,
        create=lambda w: {
            "name": w.unique("r"),
            "assumeRolePolicy": _trust(),
            "description": "a role",
            "maxSessionDuration": 7200,
            "path": "/team/",
            "forceDetachPolicies": True,
            "permissionsBoundary": _policy(w, "boundary"),
            "tags": {"a": "b"},
        },
        update=lambda w, inputs: {
            **{key: value for key, value in inputs.items() if key != "permissionsBoundary"},
            "assumeRolePolicy": _trust("eks.amazonaws.com"),
            "description": "still a role",
            "maxSessionDuration": 3600,
            "tags": {"c": "d"},
        },
        replace=lambda w, inputs: {**inputs, "path": "/other/"},
        drift=lambda w, id, _state: w.client("iam").update_role(RoleName=id, Description="drift"),
        drifted="description",
        bad=[
            ({"assumeRolePolicy": "{"}, "assumeRolePolicy"),
            ({"assumeRolePolicy": "[]"}, "assumeRolePolicy"),
            ({"maxSessionDuration": 3599}, "maxSessionDuration"),
            ({"name": "a b"}, "name"),
            ({"name": "a" * 65}, "name"),
            ({"permissionsBoundary": "no-arn"}, "permissionsBoundary"),
        ],
        unread=("forceDetachPolicies",),
    ),
    Case(
        token=ROLE,
        create=lambda w: {
            "namePrefix": w.unique("p"),
            "assumeRolePolicy": _trust(),
            "tags": {"unique": w.unique("t")},
        },
        unread=("namePrefix",),
    ),
    Case(
        token=POLICY,
        create=lambda w: {
            "name": w.unique("p"),
            "policy": _document(),
            "description": "a policy",
            "path": "/team/",
            "tags": {"a": "b"},
        },
        update=lambda w, inputs: {**inputs, "policy": _document("s3:PutObject"), "tags": {"c": "d"}},
        replace=lambda w, inputs: {**inputs, "description": "another"},
        drift=lambda w, id, _state: w.client("iam").create_policy_version(
            PolicyArn=id, PolicyDocument=_document("s3:*"), SetAsDefault=True
        ),
        drifted="policy",
        bad=[({"policy": "x"}, "policy"), ({"name": "a b"}, "name")],
    ),
    Case(
        token="aws:iam/rolePolicy:RolePolicy",
        create=lambda w: {"name": w.unique("p"), "role": _role(w, "inline"), "policy": _document()},
        update=lambda w, inputs: {**inputs, "policy": _document("s3:PutObject")},
        replace=lambda w, inputs: {**inputs, "role": _role(w, "other")},
        drift=lambda w, id, _state: w.client("iam").put_role_policy(
            RoleName=id.split(":")[0], PolicyName=id.split(":")[1], PolicyDocument=_document("s3:*")
        ),
        drifted="policy",
        bad=[({"policy": "x"}, "policy"), ({"role": "a b"}, "role")],
    ),
    Case(
        token="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        create=lambda w: {"role": _role(w, "attach"), "policyArn": _policy(w, "attached")},
        replace=lambda w, inputs: {**inputs, "role": _role(w, "other")},
        bad=[({"role": None}, "role")],
    ),
]
