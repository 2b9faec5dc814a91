"""What becomes of each resource type locally. A type that is in none of these lists stops the deployment."""

# Moto deploys these: they have behaviour that functions see.
DEPLOYED = frozenset(
    {
        "AWS::DynamoDB::Table",
        "AWS::KMS::Alias",
        "AWS::KMS::Key",
        "AWS::Kinesis::Stream",
        "AWS::Lambda::Function",
        "AWS::S3::Bucket",
        "AWS::SQS::Queue",
        "AWS::SSM::Parameter",
        "AWS::SecretsManager::Secret",
    }
)

EVENT_SOURCE_MAPPING = "AWS::Lambda::EventSourceMapping"
SCHEDULE = "AWS::Scheduler::Schedule"
STATE_MACHINE = "AWS::StepFunctions::StateMachine"
EVENT_RULE = "AWS::Events::Rule"
BUCKET = "AWS::S3::Bucket"

# This package does what these do, each with the reason why moto's own is not used.
STOOD_IN = {
    EVENT_SOURCE_MAPPING: "moto calls inside the put, one message at a time, without partial answers or retries",
    SCHEDULE: "moto never fires",
    STATE_MACHINE: "CloudFormation puts machines where moto does not execute them, and time here is simulated",
    EVENT_RULE: "moto neither quotes what an input template names nor takes a template to the events of S3",
}

# No function sees these, or moto has no behaviour behind them.
LEFT_OUT = {
    "AWS::ApiGatewayV2::Api": "functions are invoked with the gateway's event",
    "AWS::ApiGatewayV2::Authorizer": "permissions are not enforced here",
    "AWS::ApiGatewayV2::Integration": "functions are invoked with the gateway's event",
    "AWS::ApiGatewayV2::Route": "functions are invoked with the gateway's event",
    "AWS::ApiGatewayV2::Stage": "functions are invoked with the gateway's event",
    "AWS::ApplicationInsights::Application": "monitoring",
    "AWS::CDK::Metadata": "analytics of the CDK",
    "AWS::CloudWatch::Alarm": "nothing reads metrics here",
    "AWS::CloudWatch::CompositeAlarm": "nothing reads metrics here",
    "AWS::CloudWatch::Dashboard": "nothing shows it here",
    "AWS::IAM::ManagedPolicy": "permissions are not enforced here; the templates' tests check them",
    "AWS::IAM::Policy": "permissions are not enforced here; the templates' tests check them",
    "AWS::IAM::Role": "one role stands for all of them",
    "AWS::Lambda::EventInvokeConfig": "nothing invokes asynchronously but the scheduler, which retries by itself",
    "AWS::Lambda::LayerVersion": "dependencies are those of this process",
    "AWS::Lambda::Permission": "permissions are not enforced here",
    "AWS::Logs::LogGroup": "functions log to this process",
    "AWS::Logs::MetricFilter": "nothing reads metrics here",
    "AWS::Logs::ResourcePolicy": "functions log to this process",
    "AWS::S3::BucketPolicy": "permissions are not enforced here",
    "AWS::SNS::Subscription": "alarms notify nobody here",
    "AWS::SNS::Topic": "alarms notify nobody here",
    "AWS::SNS::TopicPolicy": "alarms notify nobody here",
    "AWS::SQS::QueuePolicy": "moto ignores it",
    "AWS::Scheduler::ScheduleGroup": "schedules need no group here",
    "Custom::S3AutoDeleteObjects": "buckets end with the process",
}


class ResourceTypeUnknownError(ValueError):
    """Nobody has decided what this resource type does locally."""


def is_deployed(resource_type: str) -> bool:
    """Say whether moto deploys it. Raises ResourceTypeUnknownError."""
    if resource_type in DEPLOYED:
        return True
    if resource_type in STOOD_IN or resource_type in LEFT_OUT:
        return False
    raise ResourceTypeUnknownError(f"no decision what {resource_type} does locally: see {__name__}")
