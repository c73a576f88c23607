"""What the components create, beyond what the contract asks of all of them."""

import ipaddress
import json
from typing import Any

import component_examples as examples
import pytest
from pulumi_mocks import Run, run

from components.checks import InvalidArgument
from components.messaging import Queue
from components.network import Network
from components.secrets import Secret
from components.services import Port, Service
from components.storage import Bucket, Cache, Database
from components.telemetry import OpenTelemetry

KEY = "arn:aws:kms:eu-west-1:123456789012:key/data"


def built(component: type[Any], **changes: Any) -> Run:
    return run(lambda: examples.make(component, **changes))


@pytest.mark.parametrize(("nat", "gateways", "tables"), [("zone", 3, 5), ("single", 1, 3), ("none", 0, 3)])
def test_a_network_has_as_many_gateways_as_asked_for(nat: str, gateways: int, tables: int) -> None:
    network = built(Network, nat=nat)
    assert len(network.of("natGateway:NatGateway")) == len(network.of("eip:Eip")) == gateways
    assert len(network.of("routeTable:RouteTable")) == tables
    assert len(network.of("RouteTableAssociation")) == len(network.of("subnet:Subnet")) == 9
    internet = [one for one in network.of("route:Route") if one.inputs["destinationCidrBlock"] == "0.0.0.0/0"]
    assert len(internet) == gateways + 1
    data = network.one("routeTable:RouteTable", "orders-data")
    assert not [one for one in internet if one.inputs["routeTableId"] == f"{data.name}-id"]
    for service in ("s3", "dynamodb"):
        assert len(network.one("VpcEndpoint", f"orders-{service}").inputs["routeTableIds"]) == tables


def test_each_zone_has_a_gateway_of_its_own() -> None:
    network = built(Network, nat="zone")
    for zone in "abc":
        gateway = network.one("natGateway:NatGateway", f"orders-nat-{zone}")
        assert gateway.inputs["subnetId"] == f"orders-public-{zone}-id"
        route = network.one("route:Route", f"orders-private-{zone}-route")
        assert (route.inputs["natGatewayId"], route.inputs["routeTableId"]) == (
            f"orders-nat-{zone}-id",
            f"orders-private-{zone}-id",
        )


def test_no_subnet_hands_out_public_addresses() -> None:
    subnets = built(Network).of("subnet:Subnet")
    assert not any(one.inputs["mapPublicIpOnLaunch"] for one in subnets)
    blocks = {ipaddress.IPv4Network(one.inputs["cidrBlock"]) for one in subnets}
    assert len(blocks) == 9


def test_queues_point_at_each_other() -> None:
    queue = built(Queue)
    redrive = json.loads(queue.one("queue:Queue", "orders").inputs["redrivePolicy"])
    assert redrive["maxReceiveCount"] == 5
    assert redrive["deadLetterTargetArn"].endswith("understudy-feature-x-orders-dlq")
    allow = queue.one("RedriveAllowPolicy").inputs
    assert allow["queueUrl"].endswith("-dlq")
    assert json.loads(allow["redriveAllowPolicy"])["sourceQueueArns"][0].endswith("-queue")


@pytest.mark.parametrize("key", [None, KEY])
def test_queues_are_encrypted_in_exactly_one_way(key: str | None) -> None:
    for one in built(Queue, kms_key_arn=key).of("queue:Queue"):
        assert ("kmsMasterKeyId" in one.inputs) == (key is not None)
        assert ("sqsManagedSseEnabled" in one.inputs) == (key is None)


@pytest.mark.parametrize(("component", "count"), [(Queue, 2), (Bucket, 1), (Secret, 1)])
def test_plain_text_is_refused(component: type[Any], count: int) -> None:
    policies = [
        one for one in built(component).resources if one.token.endswith("Policy") and "policy" in one.inputs
    ]
    denials = [json.loads(one.inputs["policy"])["Statement"][0] for one in policies]
    assert len(denials) == count
    for denial in denials:
        assert denial["Effect"] == "Deny"
        assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_bucket_is_encrypted_private_and_cleaned() -> None:
    bucket = built(Bucket, kms_key_arn=KEY)
    rule = bucket.one("BucketServerSideEncryptionConfiguration").inputs["rules"][0]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
    access = bucket.one("BucketPublicAccessBlock").inputs
    assert all(value is True for key, value in access.items() if key != "bucket")
    rules = {one["id"]: one for one in bucket.one("BucketLifecycleConfiguration").inputs["rules"]}
    assert rules["archive"]["transitions"] == [{"days": 90, "storageClass": "STANDARD_IA"}]
    assert rules["expire"]["expiration"] == {"days": 365}


def test_a_database_hands_out_its_password_in_the_secret_only() -> None:
    database = built(Database)
    value = json.loads(database.one("SecretVersion").inputs["secretString"])
    instance = database.one("rds/instance:Instance").inputs
    assert set(value) == {"engine", "host", "port", "dbname", "username", "password", "sslmode"}
    assert value["password"] == instance["password"] == "correct-horse-battery-staple"
    assert value["host"] == "understudy-feature-x-orders-database.abc.rds.amazonaws.com"
    assert instance["storageEncrypted"] is True and instance["publiclyAccessible"] is False
    assert database.one("ParameterGroup").inputs["family"] == "postgres15"
    root = database.one("understudy:storage:Database")
    assert "correct-horse" not in json.dumps(root.outputs)


@pytest.mark.parametrize(("mode", "tls"), [("required", True), ("preferred", False)])
def test_the_cache_s_secret_says_whether_to_use_tls(mode: str, tls: bool) -> None:
    cache = built(Cache, transit_encryption=mode)
    value = json.loads(cache.one("SecretVersion").inputs["secretString"])
    assert set(value) == {"host", "port", "password", "tls"}
    assert value["tls"] is tls
    group = cache.one("ReplicationGroup").inputs
    assert group["transitEncryptionEnabled"] is True and group["atRestEncryptionEnabled"] is True
    assert group["authToken"] == value["password"]


def pod(service: Run) -> dict[str, Any]:
    return service.one("apps/v1:Deployment").inputs["spec"]["template"]


def test_pods_are_hardened() -> None:
    spec = pod(built(Service))["spec"]
    container = spec["containers"][0]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert spec["automountServiceAccountToken"] is False
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)
    assert "env" not in container


def test_a_pod_outlives_its_drain() -> None:
    service = built(Service, drain=33, stop_delay=7)
    spec = pod(service)["spec"]
    container = spec["containers"][0]
    assert container["lifecycle"] == {"preStop": {"sleep": {"seconds": 7}}}
    assert spec["terminationGracePeriodSeconds"] > 33 + 7
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["timeoutSeconds"] < 33
    assert service.one("ConfigMap").inputs["data"]["SHUTDOWN_GRACE_SECONDS"] == "33"


def test_pods_get_a_role_by_a_token_for_aws_alone() -> None:
    service = built(Service)
    source = pod(service)["spec"]["volumes"][0]["projected"]["sources"][0]["serviceAccountToken"]
    assert source["audience"] == "sts.amazonaws.com"
    data = service.one("ConfigMap").inputs["data"]
    mount = pod(service)["spec"]["containers"][0]["volumeMounts"][0]["mountPath"]
    assert data["AWS_WEB_IDENTITY_TOKEN_FILE"] == f"{mount}/token"
    trust = json.loads(service.one("iam/role:Role").inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Condition"]["StringEquals"] == {
        "oidc.example.com/cluster:aud": "sts.amazonaws.com",
        "oidc.example.com/cluster:sub": "system:serviceaccount:understudy-feature-x:orders",
    }


def test_a_change_of_configuration_is_another_config_map() -> None:
    first, same = built(Service, config={"A": "1"}), built(Service, config={"A": "1"})
    other = built(Service, config={"A": "2"})
    names = [one.one("ConfigMap").inputs["metadata"]["name"] for one in (first, same, other)]
    assert names[0] == names[1] != names[2]
    assert first.one("ConfigMap").inputs["immutable"] is True
    source = pod(other)["spec"]["containers"][0]["envFrom"][0]["configMapRef"]["name"]
    assert source == names[2]


@pytest.mark.parametrize(
    ("language", "expected"),
    [("go", {"GOMAXPROCS": "1", "GOMEMLIMIT": "120795955"}), ("rust", {"TOKIO_WORKER_THREADS": "1"})],
)
def test_a_runtime_knows_its_limits(language: str, expected: dict[str, str]) -> None:
    data = built(Service, language=language).one("ConfigMap").inputs["data"]
    assert expected.items() <= data.items()


def test_two_languages_differ_in_their_runtimes_only() -> None:
    def facts(language: str) -> dict[tuple[str, str], Any]:
        service = built(Service, language=language, image=examples.IMAGE)
        return {(one.token, one.name): (one.inputs, one.depends_on, one.parent) for one in service.resources}

    runtimes = (
        {"GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK"},
        {
            "TOKIO_WORKER_THREADS",
            "MALLOC_ARENA_MAX",
            "RUST_BACKTRACE",
        },
    )
    both = [facts(language) for language in ("go", "rust")]
    (name,) = (key for key in both[0] if key[0].endswith("ConfigMap"))
    for one, own in zip(both, runtimes, strict=True):
        data = one[name][0]["data"]
        for variable in own:
            del data[variable]
        # Its content is part of its name.
        hashed = one[name][0]["metadata"]["name"]
        for inputs, depends_on, _ in one.values():
            inputs.update(json.loads(json.dumps(inputs).replace(hashed, "config")))
            depends_on.sort()
    assert both[0] == both[1]


def test_a_service_says_where_its_traces_go() -> None:
    quiet = built(Service).one("ConfigMap").inputs["data"]
    assert quiet["OTEL_TRACES_EXPORTER"] == "none"
    assert "understudy.environment=feature-x" in quiet["OTEL_RESOURCE_ATTRIBUTES"]
    loud = built(Service, telemetry=OpenTelemetry(endpoint="http://collector.observability:4317"))
    assert loud.one("ConfigMap").inputs["data"]["OTEL_EXPORTER_OTLP_ENDPOINT"].endswith(":4317")
    rules = loud.one("NetworkPolicy", "orders-reach").inputs["spec"]["egress"]
    (peer,) = (rule["to"][0] for rule in rules if rule["ports"][0]["port"] == 4317)
    assert peer["namespaceSelector"] == {"matchLabels": {"kubernetes.io/metadata.name": "observability"}}


def test_a_caller_is_let_in_by_the_called_service() -> None:
    def program() -> None:
        pricing = examples.make(Service, "pricing", uses=())
        examples.make(Service, uses=(pricing.called("grpc"),))
        for port in ("http", "admin"):
            with pytest.raises(InvalidArgument, match=f"^port is '{port}': "):
                pricing.called(port)

    rule = run(program).one("NetworkPolicy", "orders-to-pricing-grpc").inputs["spec"]
    assert rule["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "pricing"
    assert rule["ingress"][0]["ports"] == [{"protocol": "TCP", "port": 50051}]
    peer = rule["ingress"][0]["from"][0]
    assert peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "orders"
    assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "understudy-feature-x"}


def test_without_an_exposed_port_there_is_no_address() -> None:
    service = built(Service, ports=(Port(name="http", number=8080, exposed=False),))
    assert not service.of("core/v1:Service")
    assert "lifecycle" not in pod(service)["spec"]["containers"][0]
    assert service.one("understudy:services:Service").outputs == pytest.approx(
        {**(service.one("understudy:services:Service").outputs or {}), "host": ""}
    )


def test_without_uses_there_is_no_permission() -> None:
    assert not built(Service, uses=()).of("RolePolicy")


@pytest.mark.parametrize("component", [Queue, Bucket, Secret])
def test_a_key_is_part_of_every_grant(component: type[Any]) -> None:
    actions: list[str] = []

    def program() -> None:
        one = examples.make(component, kms_key_arn=KEY)
        for method in ("grant_read", "grant_write", "grant_send", "grant_consume", "grant_send_dead_letter"):
            if hasattr(one, method):
                grants = getattr(one, method)("Use")
                assert [grant.sid for grant in grants] == ["Use", "UseKey"]
                actions.extend(grants[1].actions)

    run(program)
    assert "kms:Decrypt" in actions
