"""Every name of a mapping is held against its ERP before a bill run; what is mended is told no longer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from functions.check_erp_mappings.use_case import AnotherTenantError, MappingChecker
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import LegalEntityId, ProductId, TenantId
from shared.domain.master_data.catalog import DimensionMapping, LegalEntity
from shared.domain.posting.mapping_check import MappingCheck, UnknownName
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import ConnectionReport, NotSupported, ReferenceData, ReferenceItem, ReferenceKind
from shared.domain.resolution import Resolution
from shared.ports.erp import ReadableErp
from tests.builders.billing import nimbus
from tests.builders.posting import FIRST_OF_NOVEMBER, TENANT
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter, InMemoryExceptionStore
from tests.fakes.in_memory_mapping_findings import InMemoryMappingFindings
from tests.fakes.posting_world import SimulatedClock

ENTITY = replace(
    nimbus(),
    erp=replace(
        nimbus().erp,
        receivable_account="1400",
        tax_account="1776",
        products={ProductId("api"): "8410"},
        tax_codes={"DE-19": "VAT19"},
        accounts={"unbilled_receivable": "1450"},
        dimensions={
            "business_line": DimensionMapping(field="shortcutDimension1Code", values={ProductId("api"): "PLATFORM"})
        },
    ),
)
ACCOUNTS = tuple(ReferenceItem(key, key) for key in ("1400", "1450", "1776", "8410"))
NO_VAT19 = UnknownName("tax code DE-19", "VAT19")
WHOLE: Mapping[ReferenceKind, ReferenceData] = {
    ReferenceKind.ACCOUNTS: ACCOUNTS,
    ReferenceKind.TAX_CODES: (ReferenceItem("VAT19", "19 %"),),
    ReferenceKind.DIMENSIONS: (ReferenceItem("shortcutDimension1Code=PLATFORM", "Platform"),),
}


@dataclass(slots=True)
class ShowingErp:
    there: Mapping[ReferenceKind, ReferenceData] = field(default_factory=lambda: WHOLE)
    problems: tuple[str, ...] = ()

    def check_connection(self) -> ConnectionReport:
        return ConnectionReport(self.problems)

    def reference(self, kind: ReferenceKind) -> ReferenceData:
        return self.there[kind]


class BrokenErp(ShowingErp):
    def check_connection(self) -> ConnectionReport:
        raise RuntimeError("an answer that nobody has thought of")


class World:
    def __init__(self) -> None:
        self.erp = ShowingErp()
        self.erps: dict[LegalEntityId, ShowingErp] = {}  # of entities that have another one
        self.exceptions = InMemoryExceptionReporter()
        self.store = InMemoryExceptionStore(TENANT)
        self.findings = InMemoryMappingFindings()

    def erp_of(self, entity: LegalEntity) -> ReadableErp:
        return cast("ReadableErp", self.erps.get(entity.legal_entity_id, self.erp))

    def checker(self) -> MappingChecker:
        return MappingChecker(
            tenant=TENANT,
            erps=self,
            exceptions=self.exceptions,
            known=self.store,
            findings=self.findings,
            clock=SimulatedClock(FIRST_OF_NOVEMBER),
        )

    def check(self, entities: Sequence[LegalEntity] = (ENTITY,)) -> MappingCheck:
        (check,) = self.checker().check(entities)
        for record in self.exceptions.reported:
            self.store.open(record)
        for name, why in self.exceptions.resolved.items():
            self.store.resolve(
                Resolution(exception_id=name, tenant=TENANT, resolution=why, resolved_at=FIRST_OF_NOVEMBER)
            )
        return check

    def open_codes(self) -> set[ExceptionCode]:
        codes = (ExceptionCode.ERP_NOT_READY, ExceptionCode.MAPPING_UNKNOWN)
        return {code for code in codes if list(self.store.open_records(code))}


def test_a_mapping_that_the_erp_knows_whole_is_well_and_nobody_is_told() -> None:
    world = World()

    assert world.check().is_well
    assert world.exceptions.reported == []
    assert world.exceptions.resolved == {}


def test_everything_that_the_erp_does_not_have_is_named_at_once() -> None:
    world = World()
    closed = tuple(replace(item, active=item.key != "8410") for item in ACCOUNTS if item.key != "1450")
    world.erp.there = {**WHOLE, ReferenceKind.ACCOUNTS: closed, ReferenceKind.DIMENSIONS: ()}

    check = world.check()

    assert check.unknown == (
        "product api: 8410 is closed in the ERP",
        "account unbilled_receivable: the ERP has no 1450",
        "dimension business_line of api: the ERP has no shortcutDimension1Code=PLATFORM",
    )
    assert world.open_codes() == {ExceptionCode.MAPPING_UNKNOWN}


def test_an_erp_whose_check_breaks_off_keeps_no_other_entity_from_being_checked() -> None:
    world = World()
    broken, unmapped = (replace(ENTITY, legal_entity_id=LegalEntityId(name)) for name in ("nimbus-uk", "nimbus-us"))
    world.erps = {
        broken.legal_entity_id: BrokenErp(),
        unmapped.legal_entity_id: ShowingErp({**WHOLE, ReferenceKind.TAX_CODES: ()}),
    }

    with pytest.raises(ExceptionGroup) as raised:
        world.check((broken, unmapped))

    assert [str(error) for error in raised.value.exceptions] == ["an answer that nobody has thought of"]
    assert [record.subject for record in world.exceptions.reported] == ["nimbus-us"]


def test_a_person_is_told_of_an_entity_whose_check_breaks_off_and_of_all_others() -> None:
    world = World()
    broken = replace(ENTITY, legal_entity_id=LegalEntityId("nimbus-uk"))
    world.erps = {broken.legal_entity_id: BrokenErp()}

    of_broken, of_other = world.checker().ask([broken, ENTITY])

    assert of_broken.problems == ("the check broke off: RuntimeError: an answer that nobody has thought of",)
    assert of_other.is_well
    assert world.exceptions.reported == []


def test_a_proposed_mapping_is_told_in_the_same_words_and_leaves_what_is_known_of_the_published_one() -> None:
    world = World()
    world.erp.there = {**WHOLE, ReferenceKind.TAX_CODES: ()}
    published = world.check()
    mended = replace(ENTITY, erp=replace(ENTITY.erp, tax_codes={}, products={ProductId("api"): "8411"}))

    (told,) = world.checker().ask_of_proposed(TENANT, [ENTITY])
    (proposed,) = world.checker().ask_of_proposed(TENANT, [mended])

    assert told == published
    assert proposed.unknown == ("product api: the ERP has no 8411",)
    assert [record.message for record in world.exceptions.reported] == ["tax code DE-19: the ERP has no VAT19"]
    assert world.exceptions.resolved == {}
    assert world.findings.known(ENTITY) == (NO_VAT19,)


def test_a_proposed_catalogue_of_another_tenant_is_refused() -> None:
    with pytest.raises(AnotherTenantError, match="of the tenant cumulus"):
        World().checker().ask_of_proposed(TenantId("cumulus"), [ENTITY])


def test_a_mapping_that_was_mended_closes_its_exception() -> None:
    world = World()
    world.erp.there = {**WHOLE, ReferenceKind.TAX_CODES: ()}
    world.check()

    world.erp.there = WHOLE
    world.check()

    assert world.open_codes() == set()


def test_an_erp_that_does_not_let_us_in_is_told_and_nothing_is_concluded_of_its_mapping() -> None:
    world = World()
    world.erp.there = {**WHOLE, ReferenceKind.TAX_CODES: ()}
    world.check()

    world.erp = ShowingErp(problems=("company 4711 is not visible to the integration",))
    check = world.check()

    assert check.problems == ("company 4711 is not visible to the integration",)
    assert world.findings.known(ENTITY) == (NO_VAT19,)
    assert world.open_codes() == {ExceptionCode.ERP_NOT_READY, ExceptionCode.MAPPING_UNKNOWN}


def test_a_list_that_cannot_be_read_is_told_to_a_person_and_leaves_a_finding_open() -> None:
    world = World()
    world.erp.there = {**WHOLE, ReferenceKind.TAX_CODES: ()}
    world.check()

    world.erp.there = {**WHOLE, ReferenceKind.TAX_CODES: LookupFailed("status 403")}
    check = world.check()

    assert check.problems == ("tax_codes cannot be read: status 403",)
    assert world.open_codes() == {ExceptionCode.ERP_NOT_READY, ExceptionCode.MAPPING_UNKNOWN}
    assert world.findings.known(ENTITY) == (NO_VAT19,)

    world.erp.there = WHOLE
    world.check()
    assert world.open_codes() == set()
    assert world.findings.known(ENTITY) == ()


def test_what_the_lists_that_can_be_read_do_not_have_is_told_beside_those_that_cannot() -> None:
    world = World()
    world.erp.there = {**WHOLE, ReferenceKind.ACCOUNTS: LookupFailed("status 403"), ReferenceKind.TAX_CODES: ()}

    check = world.check()

    assert check.unknown == ("tax code DE-19: the ERP has no VAT19",)
    assert world.open_codes() == {ExceptionCode.ERP_NOT_READY, ExceptionCode.MAPPING_UNKNOWN}


def test_a_mapping_that_was_mended_closes_its_exception_though_the_erp_never_shows_all_of_it() -> None:
    world = World()
    of_sap = {**WHOLE, ReferenceKind.TAX_CODES: NotSupported("no service shows tax codes")}
    world.erp.there = {**of_sap, ReferenceKind.ACCOUNTS: ()}
    world.check()
    assert world.open_codes() == {ExceptionCode.MAPPING_UNKNOWN}

    world.erp.there = of_sap
    check = world.check()

    assert check.not_compared == ("tax_codes: no service shows tax codes",)
    assert world.open_codes() == set()


def test_what_was_found_in_a_list_that_the_erp_shows_no_more_is_not_believed_any_longer() -> None:
    world = World()
    world.erp.there = {**WHOLE, ReferenceKind.TAX_CODES: ()}
    world.check()
    assert world.findings.known(ENTITY) == (NO_VAT19,)

    world.erp.there = {**WHOLE, ReferenceKind.TAX_CODES: NotSupported("the setting names no list")}
    world.check()

    assert world.findings.known(ENTITY) == ()
