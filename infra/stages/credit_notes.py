"""Issued invoices credited: by people, who invoke the function, and daily what invoices have left over."""

from aws_cdk import Duration
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.schedule import Schedule
from infra.stages.platform import Platform


class CreditNotes(Construct):
    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "CreditNotes")
        data, queues = platform.data, platform.queues
        issue_credit_note = platform.function(
            self,
            "issue_credit_note",
            environment={
                "ERP_POSTINGS_QUEUE_URL": queues.erp_postings.url,
                "EXCEPTIONS_QUEUE_URL": queues.exceptions.url,
                "EXCEPTIONS_TABLE": data.exceptions.table_name,
                "INVOICE_DOCUMENTS_QUEUE_URL": queues.invoice_documents.url,
                "INVOICES_TABLE": data.invoices.table_name,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "POSTINGS_TABLE": data.postings.table_name,
                "TAX_RECORDS_QUEUE_URL": queues.tax_records.url,
            },
            may=[
                permissions.on_table(
                    data.invoices, "BatchGetItem", "ConditionCheckItem", "GetItem", "PutItem", "Query"
                ),
                permissions.on_table(data.postings, "GetItem", "PutItem", "UpdateItem"),
                permissions.read_table(data.master_data),
                permissions.on_table(data.exceptions, "Query"),
                permissions.send_to(queues.erp_postings.queue),
                permissions.send_to(queues.exceptions.queue),
                permissions.send_to(queues.invoice_documents.queue),
                permissions.send_to(queues.tax_records.queue),
            ],
            timeout=Duration.minutes(5),
        )
        # After the bill run, whose invoices have left it over; what is not credited then is tried again every day.
        Schedule.of_function(issue_credit_note, expression="cron(0 9 * * ? *)", key=platform.key)
