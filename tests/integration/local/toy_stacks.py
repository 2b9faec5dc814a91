"""Small stacks as the CDK synthesises them, with every kind of resource that the local cloud treats specially."""

import json
from typing import Any

_FUNCTIONS = "tests.integration.local.toy_functions"


def toy_stacks() -> dict[str, dict[str, Any]]:
    return {"Application": _application(), "Data": _data(), "Observability": _observability()}


def _data() -> dict[str, Any]:
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    return {
        "Resources": {
            "Stream": {
                "Type": "AWS::Kinesis::Stream",
                "Properties": {"ShardCount": 2, "RetentionPeriodHours": 168},
            },
            "Table": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {
                    "KeySchema": keys,
                    "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
                    "BillingMode": "PAY_PER_REQUEST",
                },
            },
            "FailedBatches": {
                "Type": "AWS::S3::Bucket",
                "Properties": {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}},
            },
        },
        "Outputs": {
            "UsageEventsStream": {"Value": {"Ref": "Stream"}},
            "Table": {"Value": {"Ref": "Table"}},
            "FailedBatchesBucket": {"Value": {"Ref": "FailedBatches"}},
            "ExportedStream": {"Value": {"Fn::GetAtt": ["Stream", "Arn"]}, "Export": {"Name": "Data:Stream"}},
            "ExportedTable": {"Value": {"Ref": "Table"}, "Export": {"Name": "Data:Table"}},
            "ExportedBucket": {"Value": {"Ref": "FailedBatches"}, "Export": {"Name": "Data:FailedBatches"}},
        },
    }


def _application() -> dict[str, Any]:
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {}},
        "RecordUsage": _function("record_usage"),
        "AnswerTask": _function("answer_task"),
        "CountUp": _function("count_up"),
        "Tick": _function("tick"),
        "PostingsDead": {"Type": "AWS::SQS::Queue", "Properties": {}},
        "Postings": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "VisibilityTimeout": 60,
                "ReceiveMessageWaitTimeSeconds": 20,
                "RedrivePolicy": {
                    "deadLetterTargetArn": {"Fn::GetAtt": ["PostingsDead", "Arn"]},
                    "maxReceiveCount": 2,
                },
            },
        },
        "Exceptions": {"Type": "AWS::SQS::Queue", "Properties": {}},
        "PostingsAlarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"QueueName": {"Ref": "Postings"}}},
        "UsageMapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": {"Ref": "RecordUsage"},
                "EventSourceArn": {"Fn::ImportValue": "Data:Stream"},
                "StartingPosition": "TRIM_HORIZON",
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
                "BisectBatchOnFunctionError": True,
                "MaximumRecordAgeInSeconds": 86400,
                "MaximumRetryAttempts": 1,
                "DestinationConfig": {
                    "OnFailure": {
                        "Destination": {"Fn::Join": ["", ["arn:aws:s3:::", {"Fn::ImportValue": "Data:FailedBatches"}]]}
                    }
                },
            },
        },
        "PostingsMapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": {"Ref": "AnswerTask"},
                "EventSourceArn": {"Fn::GetAtt": ["Postings", "Arn"]},
            },
        },
        "FailedBatchEvents": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {
                    "source": ["aws.s3"],
                    "detail-type": ["Object Created"],
                    "detail": {"bucket": {"name": [{"Fn::ImportValue": "Data:FailedBatches"}]}},
                },
                "Targets": [
                    {
                        "Id": "exceptions",
                        "Arn": {"Fn::GetAtt": ["Exceptions", "Arn"]},
                        "InputTransformer": {
                            "InputPathsMap": {"detail-object-key": "$.detail.object.key", "time": "$.time"},
                            "InputTemplate": {
                                "Fn::Join": [
                                    "",
                                    [
                                        '{"tenant":"',
                                        {"Ref": "Tenant"},
                                        '","id":"FAILED_BATCH:<detail-object-key>","raised_at":<time>,',
                                        '"key":<detail-object-key>}',
                                    ],
                                ]
                            },
                        },
                    }
                ],
            },
        },
        "Hourly": {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "ScheduleExpression": "rate(1 hour)",
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {
                    "Arn": {"Fn::GetAtt": ["Tick", "Arn"]},
                    "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Input": json.dumps({"time": "<aws.scheduler.scheduled-time>"}),
                },
            },
        },
        "Lifecycle": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "DefinitionString": json.dumps(_lifecycle()),
                "DefinitionSubstitutions": {
                    "CountUpArn": {"Fn::GetAtt": ["CountUp", "Arn"]},
                    "PostingsQueueUrl": {"Ref": "Postings"},
                },
            },
        },
        "FailedExecutions": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {
                    "source": ["aws.states"],
                    "detail-type": ["Step Functions Execution Status Change"],
                    "detail": {"status": ["FAILED", "TIMED_OUT", "ABORTED"], "stateMachineArn": [{"Ref": "Lifecycle"}]},
                },
                "Targets": [{"Id": "exceptions", "Arn": {"Fn::GetAtt": ["Exceptions", "Arn"]}}],
            },
        },
    }
    outputs = {
        "PostingsQueueUrl": {"Value": {"Ref": "Postings"}},
        "PostingsDeadLetterQueueUrl": {"Value": {"Ref": "PostingsDead"}},
        "ExceptionsQueueUrl": {"Value": {"Ref": "Exceptions"}},
        "LifecycleStateMachineArn": {"Value": {"Ref": "Lifecycle"}},
        "Tenant": {"Value": {"Ref": "Tenant"}},
        "AlarmName": {"Value": {"Ref": "PostingsAlarm"}, "Export": {"Name": "Application:Alarm"}},
    }
    parameters = {
        "Tenant": {"Type": "String", "Default": "default"},
        "BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/version"},
    }
    return {"Parameters": parameters, "Resources": resources, "Outputs": outputs}


def _observability() -> dict[str, Any]:
    alarm = {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"Of": {"Fn::ImportValue": "Application:Alarm"}}}
    return {"Resources": {"Alarm": alarm}}


def _function(folder: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "DependsOn": ["Role"],
        "Properties": {
            "Handler": f"{_FUNCTIONS}.{folder}.handler.handler",
            "Runtime": "python3.13",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"S3Bucket": {"Fn::Sub": "assets-${AWS::AccountId}"}, "S3Key": "1234.zip"},
            "Environment": {
                "Variables": {"TABLE": {"Fn::ImportValue": "Data:Table"}, "LIFECYCLE_ARN": {"Ref": "Lifecycle"}}
            },
        },
    }


def _lifecycle() -> dict[str, Any]:
    return {
        "StartAt": "CountUp",
        "States": {
            "CountUp": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": "${CountUpArn}", "Payload.$": "$"},
                "OutputPath": "$.Payload",
                "Retry": [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 30, "MaxAttempts": 2}],
                "Next": "NeedsPosting",
            },
            "NeedsPosting": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.post", "BooleanEquals": True, "Next": "Post"}],
                "Default": "Done",
            },
            "Post": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "TimeoutSeconds": 86400,
                "Parameters": {
                    "QueueUrl": "${PostingsQueueUrl}",
                    "MessageBody": {"token.$": "$$.Task.Token", "times.$": "$.times", "fail.$": "$.fail_posting"},
                },
                "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "TimedOut"}],
                "Next": "Done",
            },
            "TimedOut": {"Type": "Fail", "Error": "NotPosted", "Cause": "nobody answered"},
            "Done": {"Type": "Succeed"},
        },
    }
