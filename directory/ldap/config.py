"""slapd's configuration (cn=config), generated: nobody edits it, a new version writes a new one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from directory.ldap import ldif
from directory.ldap.accounts import account_dn
from directory.ldap.base_entries import default_policy_dn
from directory.ldap.ldif import Attributes
from directory.ldap.passwords import COST
from directory.ldap.released import EVERYBODY, READERS_CLASS, RELEASED, readers_dn
from directory.ldap.schema import (
    AGENCIES,
    AGENCY,
    APPLICATIONS,
    DEVICES,
    GROUPS,
    ID,
    INDEXES,
    INTENT,
    OPEN_TO,
    ORGANISATION_STATES,
    PEOPLE,
    PERSON_STATES,
    POLICIES,
    SEARCH_KEY,
    SERVICES,
    schema_ldif,
)
from directory.ldap.slapd import SlapdInstallation

PHONE_BOOK_ATTRIBUTES = (
    "cn,displayName,sn,givenName,mail,telephoneNumber,title,o,ou,departmentNumber,uid"
)
_MODULES = (
    # ".so" by name: without it libtool's .la file is followed, and a bundle would load the
    # system's modules. argon2's arguments: Debian's default is a weak argon2i.
    "back_mdb.so",
    f"argon2.so {COST.replace(',', ' ')}",
    "syncprov.so",
    "ppolicy.so",
    "unique.so",
    "constraint.so",
    "refint.so",
)
_PASSWORD_STATE = "pwdAccountLockedTime,pwdReset,pwdEndTime,pwdStartTime,pwdPolicySubentry"  # noqa: S105


LARGEST_CATALOGUE_BYTES = 8 * 1024**3  # olcDbMaxSize: beyond it slapd takes no more writes


@dataclass(frozen=True)
class TlsFiles:
    """PEM files of slapd's own certificate."""

    ca: Path
    certificate: Path
    key: Path


@dataclass(frozen=True)
class SlapdConfig:
    """All that decides a slapd's configuration. slapd and its tools run in `home`."""

    home: Path
    installation: SlapdInstallation
    suffix: str
    oid_arc: str
    database_dir: Path
    pid_file: Path
    tls: TlsFiles | None = None
    # Addresses as slapd is told to listen at them (-h), where passwords of people who may not sign
    # in are compared as well: for the provider alone.
    provider_listeners: tuple[str, ...] = ()
    # Whoever runs slapd is its manager over ldapi, whatever their group.
    manager_uid: int = field(default_factory=os.geteuid)

    @property
    def root_dn(self) -> str:
        """The manager's DN. It has no password: it is who EXTERNAL of `manager_uid` becomes."""
        return f"cn=manager,{self.suffix}"

    def fingerprint(self) -> str:
        """Changes whenever the configuration does."""
        return hashlib.sha256(self.ldif().encode()).hexdigest()[:16]

    def ldif(self) -> str:
        """The whole cn=config, ready for ``slapd -Tadd -n0``."""
        schemas = "".join(
            f"include: {(self.installation.schema_path / name).as_uri()}.ldif\n\n"
            for name in ("core", "cosine", "inetorgperson")
        )
        before = ldif.records((self._global(), self._modules(), _SCHEMA_CONTAINER))
        after = ldif.records((self._frontend(), self._config(), self._database()))
        upon = ldif.records(
            (f"olcOverlay={{{number}}}{name},olcDatabase={{1}}mdb,cn=config", attributes)
            for number, (name, attributes) in enumerate(overlays(self.suffix).items())
        )
        return before + schemas + schema_ldif(self.oid_arc) + after + upon

    def _word(self, path: Path) -> str:
        """A path as one word of a configuration line: in quotation marks, for slapd splits lines at
        blanks. Those marks themselves cannot be written in any way, so that what lies in the state
        folder, which may have any name, is named from `home`.
        """
        inside = path.is_relative_to(self.home.parent)
        return f'"{os.path.relpath(path, self.home) if inside else path}"'

    def _global(self) -> tuple[str, Attributes]:
        attributes: dict[str, tuple[str, ...]] = {
            "objectClass": ("olcGlobal",),
            "cn": ("config",),
            "olcPidFile": (self._word(self.pid_file),),
            "olcThreads": ("8",),
            "olcLogLevel": ("none",),
            "olcAuthzRegexp": (
                f'"^gidNumber=[0-9]+\\+uidNumber={self.manager_uid},cn=peercred,'
                f'cn=external,cn=auth$" "{self.root_dn}"',
            ),
        }
        if self.tls:
            attributes["olcTLSCACertificateFile"] = (self._word(self.tls.ca),)
            attributes["olcTLSCertificateFile"] = (self._word(self.tls.certificate),)
            attributes["olcTLSCertificateKeyFile"] = (self._word(self.tls.key),)
        return "cn=config", attributes

    def _modules(self) -> tuple[str, Attributes]:
        return "cn=module{0},cn=config", {
            "objectClass": ("olcModuleList",),
            "cn": ("module{0}",),
            "olcModulePath": (self._word(self.installation.module_path),),
            "olcModuleLoad": _MODULES,
        }

    def _frontend(self) -> tuple[str, Attributes]:
        return "olcDatabase={-1}frontend,cn=config", {
            "objectClass": ("olcDatabaseConfig", "olcFrontendConfig"),
            "olcDatabase": ("{-1}frontend",),
            "olcPasswordHash": ("{ARGON2}",),
            "olcSizeLimit": ("500",),
            "olcAccess": (
                '{0}to dn.base="" by * read',
                '{1}to dn.base="cn=Subschema" by users read by * none',
                "{2}to * by * none",
            ),
        }

    def _config(self) -> tuple[str, Attributes]:
        return "olcDatabase={0}config,cn=config", {
            "objectClass": ("olcDatabaseConfig",),
            "olcDatabase": ("{0}config",),
            "olcRootDN": (self.root_dn,),
            "olcAccess": ("{0}to * by * none",),
        }

    def _database(self) -> tuple[str, Attributes]:
        return "olcDatabase={1}mdb,cn=config", {
            "objectClass": ("olcDatabaseConfig", "olcMdbConfig"),
            "olcDatabase": ("{1}mdb",),
            "olcSuffix": (self.suffix,),
            "olcRootDN": (self.root_dn,),
            "olcDbDirectory": (self._word(self.database_dir),),
            "olcDbMaxSize": (str(LARGEST_CATALOGUE_BYTES),),
            "olcDbIndex": INDEXES,
            "olcLimits": limits(self.suffix),
            "olcAccess": access_rules(self.suffix, self.provider_listeners),
        }


_SCHEMA_CONTAINER: tuple[str, Attributes] = (
    "cn=schema,cn=config",
    {"objectClass": ("olcSchemaConfig",), "cn": ("schema",)},
)


def limits(suffix: str) -> tuple[str, ...]:
    """How much may be read: an answer is bounded, and reading page by page (RFC 2696) is not, for
    the accounts of programs. 1,000 a page: what clients are used to ask for."""
    unlimited = (
        f'dn.exact="{account_dn(name, suffix)}" size=unlimited time=unlimited'
        for name in ("catalogue", "operator")
    )
    rules = (
        *unlimited,
        *(
            f'dn.onelevel="{tree},{suffix}" size.soft=500 size.hard=500 size.pr=1000 '
            "size.prtotal=unlimited time.soft=10 time.hard=30"
            for tree in (SERVICES, APPLICATIONS)
        ),
        "* size.soft=20 size.hard=20 size.prtotal=disabled time.soft=3 time.hard=5",
    )
    return tuple(f"{{{number}}}{rule}" for number, rule in enumerate(rules))


def access_rules(suffix: str, provider_listeners: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Who may do what: the first rule that fits decides, ``break`` goes on to the next.

    Whoever is not active is refused at every listener before their password is looked at, but at
    `provider_listeners`: there the sign-in finds out whether it is theirs, to tell them why.

    The manager (`SlapdConfig.root_dn`) stands outside the rules. Nobody reads a hash: ``=w`` sets
    one and can neither read nor compare it. Nobody writes to their own entry: the one way to
    change a password is our service, because slapd's own way knows nothing of our policy.
    """
    idp, cred, catalogue, operator = (
        f'dn.exact="{account_dn(name, suffix)}"'
        for name in ("idp", "idp-cred", "catalogue", "operator")
    )
    people, agencies, groups = (f"{tree},{suffix}" for tree in (PEOPLE, AGENCIES, GROUPS))
    devices, services, policies = (f"{tree},{suffix}" for tree in (DEVICES, SERVICES, POLICIES))
    applications = f"{APPLICATIONS},{suffix}"
    readers = f"by {idp} read by {cred} read by {operator} read"
    ours = f'to dn.regex="^cn=(idp|idp-cred|catalogue|operator),{services}$"'
    phone_book = f'by dn.onelevel="{services}" read'
    to_applications = f'by dn.onelevel="{applications}"'
    setters = f"by {cred} =w by {catalogue} =w"
    at_ours = "".join(
        f'by anonymous sockurl.exact="{listener}" auth ' for listener in provider_listeners
    )
    alive = "(|(dmStatus=active)(dmStatus=pending))"
    rules = (
        # Hashes: set by two accounts, compared by slapd itself, read by nobody.
        f"{ours} attrs=userPassword by anonymous auth by * none",
        f'to dn.onelevel="{people}" filter=(dmStatus=active) attrs=userPassword '
        f"{setters} by anonymous auth by * none",
        f'to dn.onelevel="{people}" attrs=userPassword {setters} {at_ours}by * none',
        f'to dn.onelevel="{devices}" attrs=userPassword {setters} by anonymous '
        f'set="([dmId=] + this/dmOwner + [,{people}])/dmStatus & [active]" auth by * none',
        # One that is disabled proves itself no more.
        f'to dn.onelevel="{applications}" filter=(dmStatus=active) attrs=userPassword '
        f"by {catalogue} =w by anonymous auth by * none",
        f'to dn.onelevel="{applications}" attrs=userPassword by {catalogue} =w by * none',
        f"to attrs=userPassword by {catalogue} =w by anonymous auth by * none",
        "to attrs=pwdHistory by * none",
        # What the account of the sign-in service may change.
        f'to dn.onelevel="{people}" attrs=telephoneNumber,preferredLanguage,{INTENT},pwdReset '
        f"by {cred} write by * break",
        # Whoever waits for a first password, and sets it, is active from then on.
        f'to dn.onelevel="{people}" filter=(dmStatus=pending) attrs=dmStatus,dmMailState '
        f"by {cred} write by * break",
        f'to dn.subtree="{devices}" by {cred} write by * break',
        # The catalogue's own reach: not our own accounts, not the policies.
        f"{ours} by {catalogue} read {readers} by * none",
        f'to dn.subtree="{policies}" by {catalogue} read {readers} by * none',
        f"to * by {catalogue} write {readers} by * break",
        # Accounts under ou=services: the phone book of who is here, agencies that exist, groups.
        f'to dn.onelevel="{people}" attrs={_PASSWORD_STATE} by * none',
        # Keys are names, too (SUP cn): found by, never shown; before the rule that shows names.
        f'to dn.onelevel="{people}" filter={alive} attrs={SEARCH_KEY} '
        f'by dn.onelevel="{services}" search {to_applications} break by * none',
        f'to dn.onelevel="{people}" filter={alive} '
        f"attrs=entry,objectClass,{PHONE_BOOK_ATTRIBUTES} "
        f"{phone_book} {to_applications} break by * none",
        f'to dn.onelevel="{agencies}" filter=(dmStatus=active) '
        f"attrs=entry,objectClass,ou,telephoneNumber,mail {phone_book} by * none",
        f'to dn.onelevel="{groups}" attrs=entry,objectClass,cn,description,member '
        f"{phone_book} by * none",
        *_released(suffix),
        f'to dn.base="{suffix}" attrs=entry,objectClass,dc,o '
        f"{phone_book} {to_applications} read by * none",
        f'to dn.base="{people}" attrs=entry,objectClass,ou '
        f"{phone_book} {to_applications} read by * none",
        f'to dn.regex="^ou=(agencies|groups),{suffix}$" attrs=entry,objectClass,ou '
        f"{phone_book} by * none",
        "to * by * none",
    )
    return tuple(f"{{{number}}}{rule}" for number, rule in enumerate(rules))


def _released(suffix: str) -> Iterator[str]:
    """Accounts of applications: of whoever may enter, what is released to the application. By that
    alone people are found, too: a filter that may be asked again and again tells what it looks for.

    No ``compare``: that asks about an entry without seeing it.
    """
    people, readers = f"{PEOPLE},{suffix}", readers_dn(suffix)
    here = f'to dn.onelevel="{people}" filter=(dmStatus=active) attrs='

    def listed(attribute: str) -> str:
        return f'by group/{READERS_CLASS}/{attribute}.exact="{readers}"'

    named = f"user/{OPEN_TO} & (this/{AGENCY} | this/{ID})"
    yield f'{here}entry {listed(EVERYBODY)} =rs by set="{named}" =rs by * none'
    yield f'{here}objectClass,{ID} by dn.onelevel="{APPLICATIONS},{suffix}" =rs by * none'
    # A key is a name (SUP cn): found by, never shown.
    yield f"{here}{SEARCH_KEY} {listed(RELEASED['full_name'].readers)} =s by * none"
    for readable in RELEASED.values():
        yield f"{here}{','.join(readable.attributes)} {listed(readable.readers)} =rs by * none"


def overlays(suffix: str) -> dict[str, Attributes]:
    """The overlays of the catalogue's database, in order."""
    people, agencies = f"{PEOPLE},{suffix}", f"{AGENCIES},{suffix}"
    return {
        # "1 1": with the default checkpoint a SIGKILL made consumers miss deletes.
        "syncprov": _overlay(
            "olcSyncProvConfig", "syncprov", olcSpCheckpoint="1 1", olcSpSessionlog="10000"
        ),
        "ppolicy": _overlay(
            "olcPPolicyConfig",
            "ppolicy",
            olcPPolicyDefault=default_policy_dn(suffix),
            olcPPolicyUseLockout="TRUE",
        ),
        # "serialize": without it four concurrent adds took the same value 23 times of 40.
        "unique": _overlay(
            "olcUniqueConfig",
            "unique",
            olcUniqueURI=(
                f"serialize ldap:///{people}?uid?sub",
                f"serialize ldap:///{people}?dmMailAddress?sub",
                f"serialize ldap:///{people}?employeeNumber?sub",
                f"serialize ldap:///{suffix}?dmId?sub",
            ),
        ),
        "constraint": _overlay(
            "olcConstraintConfig",
            "constraint",
            olcConstraintAttribute=(
                "uid regex ^[a-z0-9][a-z0-9._-]{1,62}$",
                f'dmStatus set "{_any_of(PERSON_STATES)}" restrict="ldap:///{people}??one?(objectClass=*)"',
                f'dmStatus set "{_any_of(ORGANISATION_STATES)}" '
                f'restrict="ldap:///{agencies}??one?(objectClass=*)"',
            ),
        ),
        "refint": _overlay(
            "olcRefintConfig",
            "refint",
            olcRefintAttribute="member",
            olcRefintNothing=f"cn=nobody,{suffix}",  # groupOfNames must have a member
        ),
    }


def _overlay(kind: str, name: str, **settings: str | tuple[str, ...]) -> Attributes:
    values = {key: (v,) if isinstance(v, str) else v for key, v in settings.items()}
    return {"objectClass": ("olcOverlayConfig", kind), "olcOverlay": (name,), **values}


def _any_of(states: tuple[str, ...]) -> str:
    return f"this/dmStatus & ({' | '.join(f'[{state}]' for state in states)})"
