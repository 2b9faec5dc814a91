"""Issued invoices credited, by people: the function that they, or what they use, invoke."""

from aws_cdk import Duration
from constructs import Construct

from infra.constructs import permissions
from infra.stages.platform import Platform


class CreditNotes(Construct):
    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "CreditNotes")
        data, queues = platform.data, platform.queues
        platform.function(
            self,
            "issue_credit_note",
            environment={
                "ERP_POSTINGS_QUEUE_URL": queues.erp_postings.url,
                "EXCEPTIONS_QUEUE_URL": queues.exceptions.url,
                "INVOICE_DOCUMENTS_QUEUE_URL": queues.invoice_documents.url,
                "INVOICES_TABLE": data.invoices.table_name,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "POSTINGS_TABLE": data.postings.table_name,
                "TAX_RECORDS_QUEUE_URL": queues.tax_records.url,
            },
            may=[
                permissions.on_table(
                    data.invoices, "BatchGetItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query"
                ),
                permissions.on_table(data.postings, "GetItem", "PutItem", "UpdateItem"),
                permissions.read_table(data.master_data),
                permissions.send_to(queues.erp_postings.queue),
                permissions.send_to(queues.exceptions.queue),
                permissions.send_to(queues.invoice_documents.queue),
                permissions.send_to(queues.tax_records.queue),
            ],
            timeout=Duration.seconds(60),
        )
