"""Three stacks by lifecycle: what must never be lost, what is deployed every day, what watches."""

from collections.abc import Sequence

from aws_cdk import App, CfnParameter, DefaultStackSynthesizer, Stack

from infra.alarms import Alarms
from infra.constructs.encryption_key import EncryptionKey
from infra.constructs.http_api import JwtIssuer
from infra.constructs.names import pascal_case
from infra.constructs.packages import EVERY_FUNCTION, Extra, Packages
from infra.constructs.sftp_connector import SftpServer
from infra.stages.amendments import Amendments
from infra.stages.billing_controls import BillingControls
from infra.stages.completeness import Completeness
from infra.stages.controls import Controls
from infra.stages.corrections import Corrections
from infra.stages.credit_notes import CreditNotes
from infra.stages.data import Data
from infra.stages.erp_files import ErpFiles
from infra.stages.erp_notices import ErpNotices
from infra.stages.erp_posting import ErpPosting
from infra.stages.invoice_documents import InvoiceDocuments
from infra.stages.invoicing import Invoicing
from infra.stages.journals import Journals
from infra.stages.master_data import MasterData
from infra.stages.metering import Metering
from infra.stages.platform import Platform
from infra.stages.product_api import ProductApi
from infra.stages.queues import Queues
from infra.stages.tax import Tax
from infra.stages.usage_archive import UsageArchive
from infra.stages.usage_repairs import UsageRepairs


def _synthesizer() -> DefaultStackSynthesizer:
    # The CDK command line checks the bootstrap version by itself; a rule in the template would only repeat it.
    return DefaultStackSynthesizer(generate_bootstrap_version_rule=False)


class DataStack(Stack):
    """Streams, tables, buckets and the ERP signing key. Nothing in it goes when it is deleted."""

    def __init__(self, app: App, construct_id: str, *, shards: int, archive_lock_days: int) -> None:
        super().__init__(app, construct_id, synthesizer=_synthesizer(), termination_protection=True)
        self.data = Data(self, shards=shards, archive_lock_days=archive_lock_days)


class ApplicationStack(Stack):
    """Functions, queues, schedules and state machines, in the order in which usage becomes cash."""

    def __init__(
        self,
        app: App,
        construct_id: str,
        *,
        data: Data,
        bundle: bool,
        issuer: JwtIssuer | None,
        erp_file_servers: Sequence[SftpServer],
        erp_notices: bool,
    ) -> None:
        super().__init__(app, construct_id, synthesizer=_synthesizer())
        tenant = CfnParameter(
            self, "Tenant", default="default", description="The selling company whose usage is billed here"
        )
        key = EncryptionKey(self, "ApplicationKey")
        key.let_logs_in()
        platform = Platform(
            tenant=tenant.value_as_string,
            key=key,
            packages=Packages(self, "Packages", lock=EVERY_FUNCTION, bundle=bundle),
            extras={
                extra: Packages(self, f"{pascal_case(extra)}Packages", lock=extra.lock, bundle=bundle)
                for extra in Extra
            },
            data=data,
            queues=Queues(self, key=key),
        )
        Metering(self, platform)
        archive = UsageArchive(self, platform)
        Corrections(self, platform)
        Completeness(self, platform)
        UsageRepairs(self, platform)
        MasterData(self, platform)
        invoicing = Invoicing(self, platform, verify_usage_archive=archive.verify_usage_archive)
        BillingControls(self, platform, lifecycle=invoicing.lifecycle)
        InvoiceDocuments(self, platform)
        CreditNotes(self, platform)
        posting = ErpPosting(self, platform, lifecycle=invoicing.lifecycle)
        ErpNotices(self, platform, posting=posting, listens=erp_notices)
        Journals(self, platform)
        ErpFiles(self, platform, servers=erp_file_servers)
        Tax(self, platform)
        amendments = Amendments(self, platform)
        ProductApi(self, platform, issuer=issuer)
        Controls(
            self, platform, state_machines=[invoicing.lifecycle, invoicing.bill_run, amendments.amend_subscription]
        )


class ObservabilityStack(Stack):
    """Alarms on everything that the application stack has, found by what it is, so that nothing is left out."""

    def __init__(self, app: App, construct_id: str, *, application: ApplicationStack) -> None:
        super().__init__(app, construct_id, synthesizer=_synthesizer())
        Alarms(self, application=application)
