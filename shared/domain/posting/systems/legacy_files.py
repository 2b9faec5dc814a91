"""An ERP that is told of documents by files alone (docs/reference/erp-files.md)."""

from types import MappingProxyType

from shared.domain.erp_files.record import DIMENSIONS, RecordType, width_of
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.systems.erp_system import ErpSystem, Form, MappingSchema, Setting, Widths

_EVERY_KIND = frozenset(DocumentKind)
_COMPANY = width_of(RecordType.HEADER, "entity")

LEGACY_FILES = ErpSystem(
    title="legacy ERP by files",
    capabilities=Capabilities(
        system="legacy_files",
        quiet_period_seconds=60,  # of our own table, which a document is staged in; not of the receiver
        lookup_spacing_seconds=60,
        two_step_post=False,
        natural_key_enforced=True,
        kinds=_EVERY_KIND,
        accepts_first=_EVERY_KIND,
        stuck_after_seconds=24 * 60 * 60,  # receivers that answer once a day are usual
        settlements_readable=True,
        max_lines=2_000,
    ),
    mapping=MappingSchema(
        company=Form(
            f"what stands in the names of files, at most {_COMPANY} letters, digits, - and _",
            rf"[A-Za-z0-9_-]{{1,{_COMPANY}}}",
        ),
        settings=MappingProxyType(
            {
                "source": Setting("our name in the names of files; usage-to-cash unless said otherwise"),
                "file_format": Setting("csv (usual) or fixed"),
                "encoding": Setting("utf-8 (usual) or iso-8859-1"),
                "line_end": Setting("crlf (usual) or lf"),
                "sftp_connector": Setting("connector to the receiver's server; without it our bucket is the place"),
                "sftp_outbound": Setting("the server's directory for our files; /outbound unless said otherwise"),
                "sftp_inbound": Setting("the server's directory for its answers; /inbound unless said otherwise"),
            }
        ),
        dimension_fields=DIMENSIONS,
    ),
    widths=Widths(line_text=200, number=35, purchase_order=35, customer_name=100),
)
