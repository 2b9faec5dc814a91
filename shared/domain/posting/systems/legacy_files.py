"""An ERP that is told of documents by files alone (docs/reference/erp-files.md)."""

from types import MappingProxyType

from shared.domain.erp_files.file_format import Encoding, LineEnd, Shape
from shared.domain.erp_files.record import DIMENSIONS, RecordType, width_of
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.systems.erp_system import (
    ErpSystem,
    Form,
    MappingSchema,
    Named,
    NamedAccounts,
    Setting,
    Widths,
    at_most,
)

_EVERY_KIND = frozenset(DocumentKind)


def _in_names_of_files(field: str) -> Form:
    width = width_of(RecordType.HEADER, field)
    return Form(
        f"what stands in the names of files, at most {width} letters, digits, - and _", rf"[A-Za-z0-9_-]{{1,{width}}}"
    )


LEGACY_FILES = ErpSystem(
    title="legacy ERP by files",
    told_by_files=True,
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
        company=_in_names_of_files("entity"),
        tax_code=at_most(20),
        account=at_most(20),
        settings=MappingProxyType(
            {
                "source": Setting(
                    "our name in the names of files; usage-to-cash unless said otherwise",
                    form=_in_names_of_files("source"),
                ),
                "file_format": Setting("how the fields of a record are told apart", one_of=tuple(Shape)),
                "encoding": Setting("how characters become bytes", one_of=tuple(Encoding)),
                "line_end": Setting("what ends a line", one_of=tuple(LineEnd)),
                "sftp_connector": Setting("connector to the receiver's server; without it our bucket is the place"),
                "sftp_outbound": Setting("the server's directory for our files; /outbound unless said otherwise"),
                "sftp_inbound": Setting("the server's directory for its answers; /inbound unless said otherwise"),
            }
        ),
        tells_customer_each_time=True,
        encoding_setting="encoding",
        dimension_fields=MappingProxyType(dict.fromkeys(DIMENSIONS, at_most(20))),
        named_accounts=NamedAccounts(tax=Named.ALWAYS, revenue=Named.ALWAYS),
    ),
    widths=Widths(
        line_text=200, journal_header=100, number=35, purchase_order=35, customer_name=100, tax_id=20, email=80
    ),
)
