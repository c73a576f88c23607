"""The components as a package: its schema, and components that the engine constructs for another program."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from engine_workplace import Workplace

from components.package.catalogue import catalogue
from components.package.schema import schema as schema_here
from localcloud.aws import server
from localcloud.engine.acquire import ensure_engine
from localcloud.environment import write_plugins
from localcloud.paths import DATA_DIR_VARIABLE
from localcloud.ports import Ports
from localcloud.supervise import Supervisor

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket]

COMPONENTS = Path(__file__).parents[2] / "components"
KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "eu-west-1"}
CANARY = "swordfish-canary"
# What an SDK in any language does: names, plain data and outputs, and nothing of ours is imported.
PROGRAM = f"""
    import json
    import pulumi

    class Remote(pulumi.ComponentResource):
        def __init__(self, token, name, inputs, *outputs):
            self.__annotations__ = dict.fromkeys(outputs, pulumi.Output)
            fields = {{"context": context, **inputs, **dict.fromkeys(outputs)}}
            super().__init__(f"understudy:{{token}}", name, fields, remote=True)

    context = {{
        "organisation": "example", "project": "understudy", "environment": "feature-x",
        "profile": "preview", "owner": "payments", "branch": "feature/x", "commit": "0f3c",
        "release": "1.4.0",
    }}
    changes = json.loads(pulumi.Config().get("changes") or "{{}}")

    alerts = Remote("telemetry:Alerts", "alerts", {{"emails": ["ops@example.com"]}}, "topicArn")
    key = Remote("secrets:Key", "data", {{"accountId": "123456789012"}}, "arn")
    queue = Remote("messaging:Queue", "orders", {{
        "visibilityTimeout": 45, "kmsKeyArn": key.arn, "alarmActions": [alerts.topicArn],
        **changes.get("queue", {{}}),
    }}, "url", "deadLetterArn")
    secret = Remote("secrets:Secret", "door", {{
        "value": pulumi.Output.secret("{CANARY}"), "description": "Opens the door", "recoveryWindowDays": 0,
        **changes.get("secret", {{}}),
    }}, "physicalName")
    network = Remote("network:Network", "network", {{
        "region": "eu-west-1", "zones": ["a", "b"], "nat": "single", **changes.get("network", {{}}),
    }}, "vpcId", "dataSubnetIds")
    Remote("network:Firewall", "wall", {{
        "vpcId": network.vpcId, "description": "Orders", "port": 5432,
        "sources": {{"private": "10.0.0.0/17"}},
    }}, "groupId")
    pulumi.export("url", queue.url)
    pulumi.export("secret", secret.physicalName)
    pulumi.export("subnets", network.dataSubnetIds)
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """The engine, the local plugins, and the server that plays AWS."""
    workplace = Workplace(tmp_path_factory.mktemp("package"), ensure_engine().path)
    data = workplace.folder / "cloud"
    data.mkdir()
    supervisor = Supervisor(data, f"package-{data.parent.name}")
    try:
        started = server.begin(supervisor, Ports(data), "127.0.0.1")
        server.wait(supervisor, started)
        workplace.env |= {
            **KEYS,
            "PATH": f"{write_plugins(data)}:{workplace.env['PATH']}",
            "AWS_ENDPOINT_URL": started.url,
            DATA_DIR_VARIABLE: str(data),
        }
        yield workplace
    finally:
        supervisor.stop(server.NAME)


@pytest.fixture(scope="module")
def schema(place: Workplace) -> dict[str, Any]:
    return place.pulumi_json("package", "get-schema", str(COMPONENTS), cwd=place.folder)


@pytest.fixture(scope="module")
def project(place: Workplace) -> Path:
    """A program that takes the components from the package."""
    folder = place.project("client", PROGRAM)
    settings = json.loads((folder / "Pulumi.yaml").read_text())
    settings["plugins"] = {"providers": [{"name": "understudy", "path": str(COMPONENTS)}]}
    (folder / "Pulumi.yaml").write_text(json.dumps(settings))
    place.pulumi("config", "set", "aws:region", "eu-west-1", cwd=folder)
    return folder


def test_the_engine_reads_the_whole_schema(schema: dict[str, Any]) -> None:
    assert set(schema["resources"]) == set(schema_here()["resources"])
    assert set(schema["resources"]) <= set(catalogue())
    assert len(schema["resources"]) >= 11
    assert {"understudy:index:Context", "understudy:access:Grant", "understudy:services:Size"} <= set(
        schema["types"]
    )
    queue = schema["resources"]["understudy:messaging:Queue"]
    assert queue["isComponent"]
    assert queue["requiredInputs"] == ["context"]
    assert queue["inputProperties"]["retention"] == {
        "type": "integer",
        "description": "How long a message is kept: 60 seconds to 14 days.",
        "default": 345600,
        "plain": True,
    }
    assert queue["properties"]["url"]["type"] == "string"


def test_the_engine_finds_no_fault_with_the_schema(place: Workplace, schema: dict[str, Any]) -> None:
    page = place.folder / "schema.json"
    page.write_text(json.dumps(schema))
    said = place.pulumi("schema", "check", str(page), cwd=place.folder)
    assert "error" not in said.lower(), said
    schema["resources"]["understudy:messaging:Queue"]["properties"]["url"] = {"type": "nonsense"}
    broken = place.folder / "broken.json"
    broken.write_text(json.dumps(schema))
    place.pulumi("schema", "check", str(broken), cwd=place.folder, fails=True)


def test_components_are_constructed_for_another_program(place: Workplace, project: Path) -> None:
    preview = place.pulumi("preview", cwd=project)
    assert "understudy:network:Firewall" in preview
    place.pulumi("up", "--yes", "--skip-preview", cwd=project)
    try:
        outputs = place.pulumi_json("stack", "output", "--json", cwd=project)
        assert outputs["url"].endswith("/understudy-feature-x-orders-queue")
        assert len(outputs["subnets"]) == 2
        session = boto3.Session("local", "local", region_name="eu-west-1")
        endpoint = place.env["AWS_ENDPOINT_URL"]
        sqs = session.client("sqs", endpoint_url=endpoint)
        held = sqs.get_queue_attributes(QueueUrl=outputs["url"], AttributeNames=["All"])["Attributes"]
        assert held["VisibilityTimeout"] == "45"
        assert held["KmsMasterKeyId"].startswith("arn:aws:kms:")
        secrets = session.client("secretsmanager", endpoint_url=endpoint)
        value = secrets.get_secret_value(SecretId=outputs["secret"])
        assert value["SecretString"] == CANARY
        state = place.pulumi_json("stack", "export", cwd=project)
        resources = state["deployment"]["resources"]
        assert CANARY not in json.dumps(state)
        queue = next(one for one in resources if one["type"] == "understudy:messaging:Queue")
        assert queue["outputs"]["url"] == outputs["url"]
        children = [one for one in resources if one.get("parent") == queue["urn"]]
        assert len(children) >= 6
        tags = next(one for one in children if one["type"] == "aws:sqs/queue:Queue")["inputs"]["tags"]
        assert tags["component"] == "messaging.Queue"
        again = place.pulumi("preview", "--expect-no-changes", cwd=project)
        assert "unchanged" in again
    finally:
        place.pulumi("destroy", "--yes", "--skip-preview", cwd=project)


@pytest.mark.parametrize(
    ("changes", "token", "expected"),
    [
        (
            {"queue": {"visibilityTimeout": 99999}},
            "understudy:messaging:Queue resource 'orders'",
            "visibilityTimeout is 99999: use a whole number from 0 to 43200 seconds",
        ),
        (
            {"queue": {"colour": "red"}},
            "understudy:messaging:Queue resource 'orders'",
            "colour is 'red': there is no such argument, use one of context, ",
        ),
        (
            {"secret": {"value": 5}},
            "understudy:secrets:Secret resource 'door'",
            "value is not shown, of type float: use text",
        ),
    ],
    ids=["range", "unknown", "secret"],
)
def test_a_bad_argument_is_one_line_of_the_engine(
    place: Workplace, project: Path, changes: dict[str, Any], token: str, expected: str
) -> None:
    place.pulumi("config", "set", "changes", json.dumps(changes), cwd=project)
    try:
        said = place.pulumi("preview", cwd=project, fails=True)
    finally:
        place.pulumi("config", "rm", "changes", cwd=project)
    assert f"error: {token} has a problem: {expected}" in said
    assert 'File "' not in said
