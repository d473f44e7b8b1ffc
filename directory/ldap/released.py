"""What may be released of a person, in LDAP: the attributes that tell it, and who reads it.

One entry names, for everything that may be released, the accounts that it is released to. slapd
asks it as a group, once an operation whatever the number of entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

READERS_CLASS = "dmReleases"
EVERYBODY = "dmReadsEverybody"
"""The accounts that see whoever is active; others see whom their own entries name."""


@dataclass(frozen=True)
class Readable:
    """`attributes` of a person, told to the accounts in `readers` of the one entry."""

    attributes: tuple[str, ...]
    readers: str


# Roles in an application are not in LDAP.
RELEASED: Mapping[str, Readable] = {
    "full_name": Readable(("cn", "displayName", "sn", "givenName"), "dmReadsFullName"),
    "username": Readable(("uid",), "dmReadsUsername"),
    "mail": Readable(("mail",), "dmReadsMail"),
    "agency": Readable(("o",), "dmReadsAgency"),
    "agency_code": Readable(("departmentNumber",), "dmReadsAgencyCode"),
    "unit": Readable(("ou",), "dmReadsUnit"),
    "post": Readable(("title",), "dmReadsPost"),
    "phone": Readable(("telephoneNumber",), "dmReadsPhone"),
    "staff_no": Readable(("employeeNumber",), "dmReadsStaffNo"),
    "staff_category": Readable(("employeeType",), "dmReadsStaffCategory"),
    "academic_title": Readable(("dmAcademicTitle",), "dmReadsAcademicTitle"),
    "language": Readable(("preferredLanguage",), "dmReadsLanguage"),
}
"""By the names of `directory.release.attributes`."""


def readers_dn(suffix: str) -> str:
    """The one entry."""
    return f"cn=releases,{suffix}"
