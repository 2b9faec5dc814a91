"""The queues, each named by what waits in it."""

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.constructs.work_queue import WorkQueue


class Queues(Construct):
    """Made before the stages, since a stage fills queues that another one empties."""

    def __init__(self, scope: Construct, *, key: kms.IKey) -> None:
        super().__init__(scope, "Queues")

        def queue(name: str, construct_id: str, consumer_timeout: Duration) -> WorkQueue:
            return WorkQueue(self, construct_id, name=name, consumer_timeout=consumer_timeout, key=key)

        self.exceptions = queue("exceptions", "Exceptions", Duration.seconds(60))
        self.master_data_changes = queue("master-data-changes", "MasterDataChanges", Duration.minutes(5))
        self.parked_usage_releases = queue("parked-usage-releases", "ParkedUsageReleases", Duration.minutes(5))
        self.approval_decisions = queue("approval-decisions", "ApprovalDecisions", Duration.seconds(30))
        self.tax_records = queue("tax-records", "TaxRecords", Duration.minutes(2))
        self.erp_postings = queue("erp-postings", "ErpPostings", Duration.minutes(2))
        self.posting_follow_ups = queue("posting-follow-ups", "PostingFollowUps", Duration.minutes(2))
        self.invoice_documents = queue("invoice-documents", "InvoiceDocuments", Duration.minutes(2))
