"""What documents say of who sells and who buys, beside name and country. All of it is optional master data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalAddress:
    """An address within the party's country. `lines` are street and number first, at most three."""

    lines: tuple[str, ...]
    city: str
    postal_code: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectronicAddress:
    """Where electronic invoices are delivered. `scheme` is a code of the EAS list, e.g. "0088" for a GLN."""

    scheme: str
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    name: str
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """Where customers pay. `number` is an IBAN where there is one; `bank` is its BIC or routing number."""

    number: str
    holder: str = ""
    bank: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerDetails:
    """What a legal entity's invoices say of it.

    `legal_note` is what its law has it print (register, directors). With `e_invoices` each invoice goes out as
    EN 16931 UBL too; one that cannot is an exception, and none goes out.
    """

    address: PostalAddress | None = None
    vat_id: str = ""
    registration_number: str = ""
    electronic_address: ElectronicAddress | None = None
    contact: Contact | None = None
    bank_account: BankAccount | None = None
    legal_note: str = ""
    e_invoices: bool = False


NO_SELLER_DETAILS = SellerDetails()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerDetails:
    """What a customer's invoices say of it. `reference` is what it asks to be named, e.g. a Leitweg-ID."""

    address: PostalAddress | None = None
    registration_number: str = ""
    electronic_address: ElectronicAddress | None = None
    reference: str = ""


NO_BUYER_DETAILS = BuyerDetails()
