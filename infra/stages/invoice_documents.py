"""What customers are sent: each issued invoice as PDF and e-invoice, beside its posting and never in its way."""

from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge
from infra.constructs.consumers import QueueConsumer
from infra.constructs.packages import Extra
from infra.stages.platform import Platform

MEMORY_MB = 1769  # a whole processor: setting a page is computing
MOST_AT_ONCE = 5  # batches
OBJECTS = "AwsSolutions-IAM5[Resource::UsageToCashData:ExportsOutputFnGetAttInvoiceDocumentsBucketArnADEDE023"


class InvoiceDocuments(Construct):
    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "InvoiceDocuments")
        data, work = platform.data, platform.queues.invoice_documents
        render_invoice = platform.function(
            self,
            "render_invoice",
            environment={
                # The adapter of invoices names both tables; rendering reads invoices alone.
                "INVOICES_TABLE": data.invoices.table_name,
                "POSTINGS_TABLE": data.postings.table_name,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "INVOICE_DOCUMENTS_BUCKET": data.invoice_documents.bucket_name,
                "EXCEPTIONS_QUEUE_URL": platform.queues.exceptions.url,
            },
            may=[
                permissions.on_table(data.invoices, "GetItem"),
                permissions.read_table(data.master_data),
                permissions.on_objects(data.invoice_documents, "GetObject", "PutObject"),
                permissions.list_objects(data.invoice_documents),
                permissions.send_to(platform.queues.exceptions.queue),
            ],
            timeout=work.consumer_timeout,
            memory_mb=MEMORY_MB,
            carries=Extra.PRINTING,
        )
        QueueConsumer(render_invoice, work, max_concurrency=MOST_AT_ONCE)
        acknowledge(render_invoice.role, {f"{OBJECTS}/*]": "Documents are named by their invoices."})
