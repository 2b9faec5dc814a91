"""Our key of a customer inside an ERP, made from its id: it fits BC's customer number (20 characters, upper case)."""

import base64
import hashlib
import re

from shared.domain.identifiers import CustomerId

_FITS_AS_IT_IS = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")


def customer_key(customer_id: CustomerId) -> str:
    """Return a key of at most 20 of A-Z, 0-9, "-" and "_"; two customers never share one.

    A lower-case id of up to 20 letters, digits and hyphens is upper-cased ("acme" becomes "ACME"). Any other id
    becomes "H_" and 16 base32 characters of its hash: no id of the first kind holds an underscore.
    """
    if _FITS_AS_IT_IS.fullmatch(customer_id):
        return customer_id.upper()
    return "H_" + base64.b32encode(hashlib.sha256(customer_id.encode()).digest()[:10]).decode("ascii")
