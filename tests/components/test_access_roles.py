"""Who may do what: the same at AWS and in Kubernetes, in one environment and no other."""

import json
from fnmatch import fnmatchcase
from typing import Any

import component_examples as examples
import pytest
from pulumi_mocks import Run, run

from components.access import PipelineIdentity, Roles, RolesArgs
from components.access.duties import MEANS, ROLES, duties, rules, statements
from components.checks import InvalidArgument

ACCOUNT = examples.ACCOUNT
PIPELINE = PipelineIdentity(issuer="token.example.com", subject="repo:example/shop:environment:feature-x")


def built(**changes: Any) -> Run:
    return run(lambda: examples.make(Roles, **changes))


def kubernetes_allows(of: Run, role: str, verb: str, resource: str, group: str = "") -> bool:
    """What the API server would answer: any rule that names group, resource and verb, or a star."""
    made = of.one("rbac.authorization.k8s.io/v1:Role", f"orders-{role}").inputs
    return any(
        any(fnmatchcase(group, pattern) for pattern in rule["apiGroups"])
        and any(fnmatchcase(resource, pattern) for pattern in rule["resources"])
        and any(fnmatchcase(verb, pattern) for pattern in rule["verbs"])
        for rule in made["rules"]
    )


def aws_allows(of: Run, role: str, action: str, environment: str = "feature-x") -> bool:
    """What IAM would answer for a resource of an environment."""
    policy = json.loads(of.one("RolePolicy", f"orders-{role}-duties").inputs["policy"])
    tags = {"aws:ResourceTag/environment": environment, "aws:ResourceTag/project": "understudy"}
    return any(
        any(fnmatchcase(action, pattern) for pattern in one["Action"])
        and all(
            tags.get(key) == value for key, value in one.get("Condition", {}).get("StringEquals", {}).items()
        )
        for one in policy["Statement"]
    )


@pytest.mark.parametrize(
    ("verb", "resource", "group", "developer", "on_call", "ci"),
    [
        ("get", "pods", "", True, True, True),
        ("list", "deployments", "apps", True, True, True),
        ("get", "pods/log", "", True, True, False),
        ("delete", "pods", "", False, True, False),
        ("create", "pods/eviction", "", False, True, False),
        ("patch", "deployments/scale", "apps", False, True, False),
        ("patch", "deployments", "apps", False, False, True),
        ("create", "services", "", False, False, True),
        ("delete", "networkpolicies", "networking.k8s.io", False, False, True),
        ("create", "pods/exec", "", False, False, False),
        ("get", "secrets", "", False, False, False),
        ("create", "pods", "", False, False, False),
        ("create", "rolebindings", "rbac.authorization.k8s.io", False, False, False),
        ("impersonate", "users", "", False, False, False),
        ("delete", "namespaces", "", False, False, False),
    ],
)
def test_who_may_do_what_in_production_s_namespace(
    verb: str, resource: str, group: str, developer: bool, on_call: bool, ci: bool
) -> None:
    production = built()
    found = [
        kubernetes_allows(production, role, verb, resource, group) for role in ("developer", "on-call", "ci")
    ]
    assert found == [developer, on_call, ci]


@pytest.mark.parametrize(
    ("action", "developer", "on_call", "ci"),
    [
        ("sqs:GetQueueAttributes", True, True, True),
        ("logs:FilterLogEvents", True, True, False),
        ("rds:RebootDBInstance", False, True, False),
        ("ecr:PutImage", False, False, True),
        ("secretsmanager:GetSecretValue", False, False, False),
        ("sqs:ReceiveMessage", False, False, False),
        ("sqs:PurgeQueue", False, False, False),
        ("rds:DeleteDBInstance", False, False, False),
        ("iam:PutRolePolicy", False, False, False),
        ("sts:AssumeRole", False, False, False),
    ],
)
def test_who_may_do_what_at_production_s_account(
    action: str, developer: bool, on_call: bool, ci: bool
) -> None:
    production = built()
    assert [aws_allows(production, role, action) for role in ("developer", "on-call", "ci")] == [
        developer,
        on_call,
        ci,
    ]


def test_developers_only_read_unless_they_are_let_in() -> None:
    production, preview = built(), built(developers_debug=True)
    verbs = {
        verb
        for rule in production.one("v1:Role", "orders-developer").inputs["rules"]
        for verb in rule["verbs"]
    }
    assert verbs == {"get", "list", "watch"}
    for verb, resource in (("create", "pods/exec"), ("create", "pods/portforward")):
        assert kubernetes_allows(preview, "developer", verb, resource)
        assert not kubernetes_allows(preview, "on-call", verb, resource)
    assert aws_allows(preview, "developer", "secretsmanager:GetSecretValue")
    assert not aws_allows(preview, "ci", "secretsmanager:GetSecretValue")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_ends_where_the_environment_does(role: str) -> None:
    one = built(developers_debug=True)
    # A name's beginning would let feature-x into feature-x-2.
    for action in ("sqs:GetQueueAttributes", "rds:DescribeDBInstances", "secretsmanager:GetSecretValue"):
        assert not aws_allows(one, role, action, environment="feature-x-2")
    for kind in ("v1:Role", "v1:RoleBinding"):
        assert one.one(kind, f"orders-{role}").inputs["metadata"]["namespace"] == "understudy-feature-x"
    assert not one.of("ClusterRole") and not one.of("ClusterRoleBinding")
    subjects = one.one("v1:RoleBinding", f"orders-{role}").inputs["subjects"]
    assert [each["name"] for each in subjects] == [f"understudy:feature-x:{role}"]


def test_the_two_sides_have_the_same_duties() -> None:
    for debug in (False, True):
        for role in ROLES:
            of = built(developers_debug=debug)
            chosen = duties(role, developers_debug=debug)
            policy = json.loads(of.one("RolePolicy", f"orders-{role}-duties").inputs["policy"])
            actions = {action for each in policy["Statement"] for action in each["Action"]}
            verbs = {
                (group, resource, verb)
                for rule in of.one("v1:Role", f"orders-{role}").inputs["rules"]
                for group in rule["apiGroups"]
                for resource in rule["resources"]
                for verb in rule["verbs"]
            }
            for duty, means in MEANS.items():
                taken = {*means.actions, *means.account_actions, *means.image_actions}
                allowed = {
                    (r.group, name, verb) for r in means.rules for name in r.resources for verb in r.verbs
                }
                assert (taken <= actions and allowed <= verbs) or duty not in chosen, (role, duty)
                if duty not in chosen and duty != "look":
                    assert not allowed <= verbs and (not taken or not taken <= actions), (role, duty)


@pytest.mark.parametrize("duty", MEANS)
def test_no_duty_has_a_wildcard(duty: Any) -> None:
    for one in statements((duty,), {"environment": "x"}, "arn:aws:ecr:::repository/x"):
        assert not [action for action in one["Action"] if "*" in action]
        assert one["Resource"] != "*" or one.get("Condition") or one["Sid"].endswith("Account")
    for rule in rules((duty,)):
        assert "*" not in (rule.group, *rule.resources, *rule.verbs)


def trust(of: Run, role: str) -> list[dict[str, Any]]:
    return json.loads(of.one("iam/role:Role", f"orders-{role}").inputs["assumeRolePolicy"])["Statement"]


def test_whom_a_role_trusts() -> None:
    ada, ben = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("ada", "ben"))
    of = built(principals={"developer": (ada, ben)}, pipeline=PIPELINE)
    assert trust(of, "developer")[0]["Principal"] == {"AWS": [ada, ben]}
    # Nobody named: the account's own policies decide.
    assert trust(of, "on-call")[0]["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    (pipeline,) = trust(of, "ci")
    assert pipeline["Principal"] == {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com"}
    assert pipeline["Condition"]["StringEquals"] == {
        "token.example.com:aud": "sts.amazonaws.com",
        "token.example.com:sub": "repo:example/shop:environment:feature-x",
    }


def test_sessions_and_boundary_reach_every_role() -> None:
    of = built(permissions_boundary="arn:aws:iam::123456789012:policy/edge", max_session=7200)
    roles = of.of("iam/role:Role")
    assert len(roles) == 3
    for one in roles:
        assert one.inputs["permissionsBoundary"] == "arn:aws:iam::123456789012:policy/edge"
        assert one.inputs["maxSessionDuration"] == 7200


def test_only_the_roles_that_are_asked_for() -> None:
    of = built(roles=("developer", "ci"))
    assert len(of.of("iam/role:Role")) == len(of.of("v1:RoleBinding")) == 2
    root = of.one("understudy:access:Roles")
    assert root.outputs is not None
    assert set(root.outputs["roleArns"]) == set(root.outputs["kubernetesGroups"]) == {"developer", "ci"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", "Ireland"),
        ("partition", "aws-mars"),
        ("roles", ("developer", "boss")),
        ("roles", ("ci", "ci")),
        ("principals", {"boss": ()}),
        ("principals", {"ci": "arn:aws:iam::123456789012:role/x"}),
        ("principals", {"ci": ("*",)}),
        ("max_session", 3599),
        ("max_session", 43_201),
    ],
)
def test_bad_arguments_are_named(field: str, value: Any) -> None:
    fields = examples.EXAMPLES[Roles][1]()
    with pytest.raises(InvalidArgument, match=rf"^{field}(\[.+\])? is "):
        RolesArgs(**{"context": examples.context(), **fields, field: value})


@pytest.mark.parametrize(
    ("field", "value"), [("issuer", "https://x"), ("subject", "repo:*"), ("subject", ""), ("audience", "")]
)
def test_a_pipeline_is_one_subject(field: str, value: str) -> None:
    with pytest.raises(InvalidArgument, match=f"^{field} is "):
        PipelineIdentity(**{"issuer": "token.example.com", "subject": "repo:a/b", field: value})
