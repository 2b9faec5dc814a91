"""A legal entity can post by its mapping: a known ERP, with what that needs, and one ERP behind each connection."""

from collections.abc import Iterator

from shared.domain.invoicing.numbering import NUMBER_DIGITS
from shared.domain.issue import Issue
from shared.domain.master_data.catalog import ErpMapping, LegalEntity
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.posting.systems.erp_system import ErpSystem, Form, Range
from shared.domain.posting.systems.registry import SYSTEMS


def unusable_mappings(draft: CatalogDraft) -> Iterator[Issue]:
    for entry in draft.legal_entities:
        yield from unusable_mapping(f"{entry.path}.erp", entry.record.erp)
        yield from _too_long_numbers(entry.path, entry.record)
    yield from _connections_at_odds(draft)
    yield from _limits_at_odds(draft)


def unusable_mapping(path: str, erp: ErpMapping) -> Iterator[Issue]:
    system = SYSTEMS.get(erp.system)
    if system is None:
        message = f"{erp.system!r} is none of {', '.join(sorted(SYSTEMS))}"
        yield fault(CatalogFaultCode.UNKNOWN_ERP_SYSTEM, f"{path}.system", message)
        return
    yield from _of_another_form(f"{path}.company", "company", erp.company, system.mapping.company)
    for code, theirs in erp.tax_codes.items():
        yield from _of_another_form(f"{path}.tax_codes.{code}", f"tax code {code}", theirs, system.mapping.tax_code)
    yield from _unusable_accounts(path, erp, system)
    for name, setting in system.mapping.settings.items():
        if setting.required and name not in erp.settings:
            message = f"{erp.system} needs the setting {name}: {setting.meaning}"
            yield fault(CatalogFaultCode.MAPPING_MISSING, f"{path}.settings", message)
    known = {**dict(sorted(system.mapping.settings.items())), **system.connection_settings}
    for name, value in erp.settings.items():
        if name not in known:
            message = f"{erp.system} has no setting {name}; it has {', '.join(known)}"
            yield fault(CatalogFaultCode.INVALID_VALUE, f"{path}.settings.{name}", message)
        elif known[name].one_of and value not in known[name].one_of:
            message = f"{value!r} is none of {', '.join(known[name].one_of)}"
            yield fault(CatalogFaultCode.INVALID_VALUE, f"{path}.settings.{name}", message)
        else:
            yield from _of_another_form(f"{path}.settings.{name}", name, value, known[name].form)
    yield from _unusable_dimensions(f"{path}.dimensions", erp, system)


def _too_long_numbers(path: str, entity: LegalEntity) -> Iterator[Issue]:
    """Name the series whose numbers its ERP has no room for: whoever has taken one cannot give it back."""
    system = SYSTEMS.get(entity.erp.system)
    if system is None or system.widths.number is None or system.mapping.keeps_number_elsewhere(entity.erp.settings):
        return  # the first is said of its mapping
    most = system.widths.number - NUMBER_DIGITS
    for field, prefix in (("invoice_series", entity.invoice_series), ("credit_note_series", entity.credit_note_prefix)):
        if len(prefix) > most:
            message = (
                f"{prefix} and {NUMBER_DIGITS} digits are more than the {system.widths.number} characters that"
                f" {system.name} takes of a number: say a {field} of at most {most}"
            )
            yield fault(CatalogFaultCode.INVALID_VALUE, f"{path}.{field}", message)


def _of_another_form(path: str, name: str, text: str, form: Form | Range | None) -> Iterator[Issue]:
    if form is not None and not form.admits(text):
        yield fault(CatalogFaultCode.INVALID_VALUE, path, f"{name} is {form.words}; not {text!r}")


def _unusable_accounts(path: str, erp: ErpMapping, system: ErpSystem) -> Iterator[Issue]:
    of_products = {} if system.mapping.names_items else erp.products
    named = [
        ("receivable_account", erp.receivable_account),
        ("tax_account", erp.tax_account),
        *((f"products.{product}", account) for product, account in of_products.items()),
        *((f"revenue_accounts.{product}", account) for product, account in erp.revenue_accounts.items()),
        *((f"accounts.{name}", account) for name, account in erp.accounts.items()),
    ]
    for place, account in named:
        yield from _of_another_form(f"{path}.{place}", "an account", account, system.mapping.account)


def _unusable_dimensions(path: str, erp: ErpMapping, system: ErpSystem) -> Iterator[Issue]:
    fields, places = system.mapping.dimension_fields, system.mapping.dimension_places
    for name, dimension in erp.dimensions.items():
        if fields is not None and not fields:
            message = f"{erp.system} takes no dimensions: leave {name} out"
            yield fault(CatalogFaultCode.INVALID_VALUE, f"{path}.{name}", message)
        elif fields is not None and dimension.field not in fields:
            message = f"{dimension.field!r} is none of {', '.join(fields)}, where {erp.system} has dimensions"
            yield fault(CatalogFaultCode.INVALID_VALUE, f"{path}.{name}.field", message)
        elif places is not None and dimension.field not in places.of(erp.settings):
            meaning = system.mapping.settings[places.setting].meaning
            message = f"the setting {places.setting} has no place for {dimension.field!r}: {meaning}"
            yield fault(CatalogFaultCode.MAPPING_MISSING, f"{path}.{name}.field", message)
        elif fields is not None:
            for product, value in dimension.values.items():
                told = f"dimension {name} of {product}"
                yield from _of_another_form(f"{path}.{name}.products.{product}", told, value, fields[dimension.field])


def _connections_at_odds(draft: CatalogDraft) -> Iterator[Issue]:
    """Name entities whose connection is one to another ERP: a connection is one address, with its credentials."""
    first: dict[str, LegalEntity] = {}
    for entry in draft.legal_entities:
        erp = entry.record.erp
        named = first.setdefault(erp.connection, entry.record)
        if named.erp.system != erp.system:
            message = (
                f"connection {erp.connection} is named by an entity of another system:"
                f" {named.legal_entity_id} posts to {named.erp.system} by it"
            )
            yield fault(CatalogFaultCode.INVALID_VALUE, f"{entry.path}.erp.connection", message)


def _limits_at_odds(draft: CatalogDraft) -> Iterator[Issue]:
    """Name entities that say otherwise than the first one of their connection what its ERP takes."""
    said: dict[str, dict[str, str | None]] = {}
    for entry in draft.legal_entities:
        erp = entry.record.erp
        system = SYSTEMS.get(erp.system)
        if system is None:
            continue  # said of its mapping
        limits = {name: erp.settings.get(name) for name in system.connection_settings}
        if said.setdefault(erp.connection, limits) != limits:
            message = f"another entity of connection {erp.connection} says otherwise what its ERP takes"
            yield fault(CatalogFaultCode.INVALID_VALUE, f"{entry.path}.erp.settings", message)
