"""What documents say of legal entities and customers: parts of their entries, each of which may be left out."""

import re
from typing import Annotated, Self, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from shared.contracts.catalog.values import CatalogModel, OptionalText, PartyEmail, Text
from shared.domain.code_lists import ADDRESS_SCHEMES, VAT_ID_PREFIXES
from shared.domain.master_data.party import (
    NO_BUYER_DETAILS,
    NO_SELLER_DETAILS,
    BankAccount,
    BuyerDetails,
    Contact,
    ElectronicAddress,
    PostalAddress,
    SellerDetails,
)

_VAT_ID = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,13}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_AN_IBAN_LEAVES = 1  # its rest when divided by 97, ISO 13616


def _vat_id(value: str) -> str:
    if value and (not _VAT_ID.fullmatch(value) or value[:2] not in VAT_ID_PREFIXES):
        raise PydanticCustomError("INVALID_VALUE", "a VAT id starts with its country, e.g. DE811907980")
    return value


def _account_number(value: str) -> str:
    number = value.replace(" ", "")
    if _IBAN.fullmatch(number):
        digits = "".join(str(int(character, 36)) for character in number[4:] + number[:4])
        if int(digits) % 97 != _AN_IBAN_LEAVES:
            raise PydanticCustomError("INVALID_VALUE", "the check digits of this IBAN do not fit its account")
    return number


def _scheme(value: str) -> str:
    if value not in ADDRESS_SCHEMES:
        raise PydanticCustomError("INVALID_VALUE", "a code of the EAS list is needed, e.g. 0088 or EM")
    return value


VatId: TypeAlias = Annotated[str, AfterValidator(_vat_id)]
AccountNumber: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=42), AfterValidator(_account_number)
]


class AddressEntry(CatalogModel):
    lines: Annotated[tuple[Text, ...], Field(min_length=1, max_length=3)]
    city: Text
    postal_code: OptionalText = ""
    region: OptionalText = ""

    def to_domain(self) -> PostalAddress:
        return PostalAddress(lines=self.lines, city=self.city, postal_code=self.postal_code, region=self.region)


class ElectronicAddressEntry(CatalogModel):
    scheme: Annotated[str, AfterValidator(_scheme)]
    id: Text

    def to_domain(self) -> ElectronicAddress:
        return ElectronicAddress(scheme=self.scheme, identifier=self.id)


class ContactEntry(CatalogModel):
    name: Text
    phone: OptionalText = ""
    email: PartyEmail = ""

    def to_domain(self) -> Contact:
        return Contact(name=self.name, phone=self.phone, email=self.email)


class BankAccountEntry(CatalogModel):
    number: AccountNumber
    holder: OptionalText = ""
    bank: OptionalText = ""

    def to_domain(self) -> BankAccount:
        return BankAccount(number=self.number, holder=self.holder, bank=self.bank)


class PartyEntry(CatalogModel):
    """What a seller and a buyer have in common."""

    address: AddressEntry | None = None
    registration_number: OptionalText = ""
    electronic_address: ElectronicAddressEntry | None = None


class SellerDetailsEntry(PartyEntry):
    vat_id: VatId = ""
    contact: ContactEntry | None = None
    bank_account: BankAccountEntry | None = None
    legal_note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""
    e_invoices: bool = False

    def to_domain(self) -> SellerDetails:
        return SellerDetails(
            address=self.address.to_domain() if self.address else None,
            vat_id=self.vat_id,
            registration_number=self.registration_number,
            electronic_address=self.electronic_address.to_domain() if self.electronic_address else None,
            contact=self.contact.to_domain() if self.contact else None,
            bank_account=self.bank_account.to_domain() if self.bank_account else None,
            legal_note=self.legal_note,
            e_invoices=self.e_invoices,
        )

    @classmethod
    def of(cls, details: SellerDetails) -> Self | None:
        """Return the entry of what is known; None where nothing is."""
        if details == NO_SELLER_DETAILS:
            return None
        account = details.bank_account
        return cls(
            address=_address(details.address),
            vat_id=details.vat_id,
            registration_number=details.registration_number,
            electronic_address=_electronic_address(details.electronic_address),
            contact=_contact(details.contact),
            bank_account=BankAccountEntry(number=account.number, holder=account.holder, bank=account.bank)
            if account
            else None,
            legal_note=details.legal_note,
            e_invoices=details.e_invoices,
        )


class BuyerDetailsEntry(PartyEntry):
    reference: OptionalText = ""

    def to_domain(self) -> BuyerDetails:
        return BuyerDetails(
            address=self.address.to_domain() if self.address else None,
            registration_number=self.registration_number,
            electronic_address=self.electronic_address.to_domain() if self.electronic_address else None,
            reference=self.reference,
        )

    @classmethod
    def of(cls, details: BuyerDetails) -> Self | None:
        """Return the entry of what is known; None where nothing is."""
        if details == NO_BUYER_DETAILS:
            return None
        return cls(
            address=_address(details.address),
            registration_number=details.registration_number,
            electronic_address=_electronic_address(details.electronic_address),
            reference=details.reference,
        )


def _address(address: PostalAddress | None) -> AddressEntry | None:
    if address is None:
        return None
    return AddressEntry(lines=address.lines, city=address.city, postal_code=address.postal_code, region=address.region)


def _electronic_address(address: ElectronicAddress | None) -> ElectronicAddressEntry | None:
    return None if address is None else ElectronicAddressEntry(scheme=address.scheme, id=address.identifier)


def _contact(contact: Contact | None) -> ContactEntry | None:
    return None if contact is None else ContactEntry(name=contact.name, phone=contact.phone, email=contact.email)
