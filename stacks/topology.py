"""The blueprint: what an environment consists of, from the ground up."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
from foundation import foundation
from providers import providers
from rotation_code import rotation_code
from settings import Settings

from components.access import Roles, RolesArgs, partition
from components.messaging import Queue, QueueArgs
from components.secrets import Key, KeyArgs
from components.services import Namespace, NamespaceArgs, Port, Release, Service, ServiceArgs, beside
from components.storage import (
    Bucket,
    BucketArgs,
    Cache,
    CacheArgs,
    Database,
    DatabaseArgs,
    DatabaseLogin,
    DatabaseLoginArgs,
)
from components.telemetry import Alerts, AlertsArgs

HTTP = Port(name="http", number=8080, exposed=False)
GRPC = Port(name="grpc", number=50051)


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What other programs and people need of an environment; each is an output of the stack."""

    environment: str
    """Name of the environment."""
    profile: str
    """The profile that it has."""
    region: str
    """AWS region."""
    foundation: dict[str, pulumi.Output[Any]]
    """What it stands on, for stacks that share it: see `Foundation` in `stacks/foundation.py`."""
    namespace: pulumi.Output[str]
    """Kubernetes namespace that holds everything of the environment."""
    orders_queue_url: pulumi.Output[str]
    """Where orders are sent to."""
    orders_dead_letter_queue_url: pulumi.Output[str]
    """Where orders end that could not be processed."""
    replies_queue_url: pulumi.Output[str]
    """Where answers to orders are received from."""
    archive_bucket: pulumi.Output[str]
    """Bucket that holds one object for each order."""
    database_address: pulumi.Output[str]
    """Host name of the database."""
    database_port: pulumi.Output[int]
    """TCP port of the database."""
    database_secret_arn: pulumi.Output[str]
    """Secret with everything needed to connect to the database."""
    cache_secret_arn: pulumi.Output[str]
    """Secret with everything needed to connect to the cache."""
    orders_image: str
    """Image of orders, by digest."""
    pricing_image: str
    """Image of pricing, by digest."""

    def exports(self) -> dict[str, Any]:
        """The outputs of the stack, by name."""
        return dict(vars(self))


def build(settings: Settings) -> Environment:
    """Create the environment, top to bottom."""
    profile, context = settings.profile, settings.context
    provider = providers(settings)
    options = provider.options
    account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(provider=provider.cloud)).account_id
    arn_partition = partition(settings.region)

    alerts = Alerts("alerts", AlertsArgs(context=context, emails=settings.alert_emails), options)
    key_arn = None
    if profile.customer_key:
        key_args = KeyArgs(
            context=context,
            account_id=account_id,
            partition=arn_partition,
            protect=profile.protect,
            retain=profile.protect,
        )
        key_arn = Key("data", key_args, options).arn

    ground = foundation(settings, options)
    data_tier = [ground.data_cidr, *beside(settings.aws_endpoint)]

    archive = Bucket(
        "archive",
        BucketArgs(
            context=context,
            kms_key_arn=key_arn,
            archive_after=90,
            force_destroy=not profile.keep_data,
            protect=profile.protect,
        ),
        options,
    )
    database = Database(
        "orders",
        DatabaseArgs(
            context=context,
            vpc_id=ground.vpc_id,
            subnet_ids=ground.data_subnet_ids,
            sources=ground.sources,
            instance_class=profile.database_class,
            storage=profile.database_storage,
            multi_zone=profile.database_multi_zone,
            backup_retention=profile.database_backup_days,
            deletion_protection=profile.protect,
            final_snapshot=profile.keep_data,
            kms_key_arn=key_arn,
            secret_recovery_window_days=profile.secret_recovery_days,
            log_retention_days=profile.log_days,
            alarm_actions=[alerts.topic_arn],
            protect=profile.protect,
        ),
        options,
    )
    login = DatabaseLogin(
        "orders",
        DatabaseLoginArgs(
            context=context,
            account_id=account_id,
            address=database.address,
            database_port=database.port,
            database_name=database.database_name,
            admin_secret_arn=database.secret_arn,
            database_security_group_id=database.security_group_id,
            vpc_id=ground.vpc_id,
            subnet_ids=ground.private_subnet_ids,
            code=rotation_code(),
            every_days=profile.rotation_days,
            kms_key_arn=key_arn,
            secret_recovery_window_days=profile.secret_recovery_days,
            log_retention_days=profile.log_days,
        ),
        options,
    )
    cache = Cache(
        "pricing",
        CacheArgs(
            context=context,
            vpc_id=ground.vpc_id,
            subnet_ids=ground.data_subnet_ids,
            sources=ground.sources,
            node_type=profile.cache_node,
            nodes=profile.cache_nodes,
            transit_encryption=profile.cache_tls,
            snapshot_retention=profile.cache_snapshot_days,
            alarm_actions=[alerts.topic_arn],
            kms_key_arn=key_arn,
            secret_recovery_window_days=profile.secret_recovery_days,
        ),
        options,
    )

    orders_queue, replies_queue = (
        Queue(
            name,
            QueueArgs(
                context=context,
                visibility_timeout=profile.queue_visibility,
                retention=profile.queue_retention,
                kms_key_arn=key_arn,
                alarm_actions=[alerts.topic_arn],
            ),
            options,
        )
        for name in ("orders", "replies")
    )

    namespace = Namespace("environment", NamespaceArgs(context=context), options).physical_name
    Roles(
        "access",
        RolesArgs(
            context=context,
            account_id=account_id,
            region=settings.region,
            partition=arn_partition,
            namespace=namespace,
            roles=profile.roles,
            developers_debug=profile.developers_debug,
            principals=settings.principals,
            pipeline=settings.pipeline,
        ),
        options,
    )
    surroundings: dict[str, pulumi.Input[str]] = {
        "AWS_REGION": settings.region,
        "HTTP_PORT": str(HTTP.number),
    }

    pricing = Service(
        "pricing",
        ServiceArgs(
            context=context,
            namespace=namespace,
            language="rust",
            image=settings.images["pricing"],
            release=settings.releases.get("pricing", Release()),
            account_id=account_id,
            issuer=ground.issuer,
            partition=arn_partition,
            ports=(GRPC, HTTP),
            config={
                **surroundings,
                "GRPC_PORT": str(GRPC.number),
                "CACHE_SECRET_ARN": cache.secret_arn,
            },
            uses=[cache.connected(data_tier)],
            aws_endpoint=settings.aws_endpoint,
            replicas=profile.replicas,
            size=profile.pricing_size,
            drain=profile.drain,
            log_retention_days=profile.log_days,
        ),
        options,
    )
    Service(
        "orders",
        ServiceArgs(
            context=context,
            namespace=namespace,
            language="go",
            image=settings.images["orders"],
            release=settings.releases.get("orders", Release()),
            account_id=account_id,
            issuer=ground.issuer,
            partition=arn_partition,
            ports=(HTTP,),
            config={
                **surroundings,
                "ORDERS_QUEUE_URL": orders_queue.url,
                "ORDERS_DEAD_LETTER_QUEUE_URL": orders_queue.dead_letter_url,
                "REPLIES_QUEUE_URL": replies_queue.url,
                "ARCHIVE_BUCKET": archive.bucket_name,
                "DATABASE_SECRET_ARN": login.secret_arn,
                "PRICING_ADDRESS": pulumi.Output.format("{0}:{1}", pricing.host, GRPC.number),
            },
            uses=[
                orders_queue.consumed(),
                orders_queue.rejected_to(),
                replies_queue.sent_to(),
                archive.written(),
                login.connected(data_tier),
                pricing.called(GRPC.name),
            ],
            aws_endpoint=settings.aws_endpoint,
            replicas=profile.replicas,
            size=profile.orders_size,
            drain=profile.drain,
            log_retention_days=profile.log_days,
        ),
        options,
    )

    return Environment(
        environment=settings.environment,
        profile=settings.profile_name,
        region=settings.region,
        foundation=ground.export(),
        namespace=namespace,
        orders_queue_url=orders_queue.url,
        orders_dead_letter_queue_url=orders_queue.dead_letter_url,
        replies_queue_url=replies_queue.url,
        archive_bucket=archive.bucket_name,
        database_address=database.address,
        database_port=database.port,
        database_secret_arn=login.secret_arn,
        cache_secret_arn=cache.secret_arn,
        orders_image=settings.images["orders"],
        pricing_image=settings.images["pricing"],
    )
