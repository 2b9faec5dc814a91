"""Journals of finance: prepared and approved by people, who invoke the function; posted like every document."""

from aws_cdk import Duration
from constructs import Construct

from infra.constructs import permissions
from infra.stages.platform import Platform


class Journals(Construct):
    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Journals")
        data, queues = platform.data, platform.queues
        platform.function(
            self,
            "record_journal",
            environment={
                "ERP_POSTINGS_QUEUE_URL": queues.erp_postings.url,
                "EXCEPTIONS_QUEUE_URL": queues.exceptions.url,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "POSTINGS_TABLE": data.postings.table_name,
            },
            may=[
                permissions.on_table(data.postings, "GetItem", "PutItem", "UpdateItem"),
                permissions.read_table(data.master_data),
                permissions.send_to(queues.erp_postings.queue),
                permissions.send_to(queues.exceptions.queue),
            ],
            timeout=Duration.minutes(1),
        )
