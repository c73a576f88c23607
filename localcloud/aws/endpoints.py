"""Which endpoint a service is reached at, from the provider's settings and the environment.

Source of the names: the ``endpoints`` setting of pulumi-aws 7 (ProviderEndpointArgs of its Python SDK).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# What the setting calls each service; several names may mean the same one.
NAMES = frozenset(
    """
    accessanalyzer account accountaccess acm acmpca agentregistry amg amp amplify apigateway
    apigatewayv2 appautoscaling appconfig appfabric appflow appintegrations appintegrationsservice
    applicationautoscaling applicationinsights applicationsignals appmesh appregistry apprunner
    appstream appsync arcregionswitch arczonalshift athena auditmanager autoscaling autoscalingplans
    backup batch bcmdataexports beanstalk bedrock bedrockagent bedrockagentcore bedrockruntime billing
    budgets ce chatbot chime chimesdkmediapipelines chimesdkvoice cleanrooms cloud9 cloudcontrol
    cloudcontrolapi cloudformation cloudfront cloudfrontkeyvaluestore cloudhsm cloudhsmv2 cloudsearch
    cloudtrail cloudwatch cloudwatchevents cloudwatchevidently cloudwatchlog cloudwatchlogs
    cloudwatchobservabilityaccessmanager cloudwatchomni cloudwatchrum codeartifact codebuild
    codecatalyst codecommit codeconnections codedeploy codeguruprofiler codegurureviewer codepipeline
    codestarconnections codestarnotifications cognitoidentity cognitoidentityprovider cognitoidp
    comprehend computeoptimizer config configservice connect connectcases controltower
    costandusagereportservice costexplorer costoptimizationhub cur customerprofiles databasemigration
    databasemigrationservice databrew dataexchange datapipeline datasync datazone dax deploy detective
    devicefarm devopsagent devopsguru directconnect directoryservice directoryservicedata dlm dms docdb
    docdbelastic drs ds dsql dynamodb ec2 ecr ecrpublic ecs efs eks elasticache elasticbeanstalk
    elasticloadbalancing elasticloadbalancingv2 elasticsearch elasticsearchservice elastictranscoder elb
    elbv2 emr emrcontainers emrserverless es eventbridge eventbridgev2 events evidently evs finspace
    firehose fis fms fsx gamelift glacier globalaccelerator glue gluedatabrew grafana greengrass
    groundstation guardduty healthlake iam identitystore imagebuilder inspector inspector2 inspectorv2
    interconnect internetmonitor invoicing iot ivs ivschat kafka kafkaconnect kendra keyspaces kinesis
    kinesisanalytics kinesisanalyticsv2 kinesisvideo kms lakeformation lambda lambdacore lambdamicrovms
    lambdaweb launchwizard lex lexmodelbuilding lexmodelbuildingservice lexmodels lexmodelsv2
    lexv2models licensemanager lightsail location locationservice logs m2 macie2 mailmanager
    managedgrafana mediaconnect mediaconvert medialive mediapackage mediapackagev2 mediapackagevod
    mediastore memorydb mgn mpa mq msk mwaa mwaaserverless neptune neptunegraph networkfirewall
    networkflowmonitor networkmanager networkmonitor networksecuritymanager notifications
    notificationscontacts oam observabilityadmin odb opensearch opensearchingestion opensearchserverless
    opensearchservice organizations osis outposts paymentcryptography pcaconnectorad pcs pinpoint
    pinpointsmsvoicev2 pipes polly pricing pricingplanmanager prometheus prometheusservice qbusiness
    qldb quicksight ram rbin rds rdsdata rdsdataservice recyclebin redshift redshiftdata
    redshiftdataapiservice redshiftserverless rekognition resiliencehub resiliencehubv2
    resourceexplorer2 resourcegroups resourcegroupstagging resourcegroupstaggingapi rolesanywhere
    route53 route53domains route53profiles route53recoverycontrolconfig route53recoveryreadiness
    route53resolver rum s3 s3api s3control s3files s3outposts s3tables s3vectors sagemaker savingsplans
    scheduler schemas secretsmanager securityhub securitylake serverlessapplicationrepository
    serverlessapprepo serverlessrepo servicecatalog servicecatalogappregistry servicediscovery
    servicequotas ses sesv2 sfn shield signer sns sqs ssm ssmcontacts ssmincidents ssmquicksetup ssmsap
    sso ssoadmin stepfunctions storagegateway sts swf synthetics taxsettings timestreaminfluxdb
    timestreamquery timestreamwrite transcribe transcribeservice transfer uxc verifiedpermissions
    vpclattice waf wafregional wafv2 wellarchitected workmail workspaces workspacesweb xray
    """.split()  # noqa: SIM905
)

# The service's name in boto3 and the names that the setting has for it, the first one preferred.
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "logs": ("logs", "cloudwatchlogs", "cloudwatchlog"),
    "events": ("events", "eventbridge", "cloudwatchevents"),
    "s3": ("s3", "s3api"),
}

# The environment variable of a service: its id in the AWS SDKs, where that is not its boto3 name.
_VARIABLES: Mapping[str, str] = {
    "logs": "CLOUDWATCH_LOGS",
    "secretsmanager": "SECRETS_MANAGER",
    "events": "EVENTBRIDGE",
    "s3control": "S3_CONTROL",
}


def merge(blocks: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the blocks of the ``endpoints`` setting as one map; an empty URL means none was given."""
    return {name: url for block in blocks for name, url in block.items() if url}


def endpoint_of(service: str, settings: Mapping[str, str], environment: Mapping[str, str]) -> str | None:
    """Return the URL for `service` (its boto3 name): the setting, else the environment, else None.

    >>> endpoint_of("logs", {"cloudwatchlogs": "http://127.0.0.1:1"}, {})
    'http://127.0.0.1:1'
    """
    for name in _ALIASES.get(service, (service.replace("-", ""),)):
        if name in settings:
            return settings[name]
    variable = _VARIABLES.get(service, service.upper().replace("-", "_"))
    return environment.get(f"AWS_ENDPOINT_URL_{variable}") or environment.get("AWS_ENDPOINT_URL") or None
