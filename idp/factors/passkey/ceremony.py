"""What browsers are asked for, and what devices sign. The only module that speaks webauthn.

Names are those of W3C Web Authentication: we are the relying party, called by the host of the
issuer; what a device makes is a credential.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from directory.sealed import KeyRing
from directory.settings import Settings

_LONGEST = 16 * 1024
_WAITS_MS = 5 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Known:
    """A credential that a device is asked for, or not to make again."""

    credential_id: str
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A credential that a device has made."""

    credential_id: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """What a browser says that a device has signed, before anything is checked."""

    credential_id: str
    challenge: bytes
    user_handle: bytes | None
    answer: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A signature that is right. `is_verified`: the device has made sure who uses it."""

    sign_count: int
    is_verified: bool


def is_possible(settings: Settings) -> bool:
    """Whether passkeys can be made for this address at all: a name, and not a number."""
    try:
        ipaddress.ip_address(_host(settings))
    except ValueError:
        return True
    return False


def user_handle(keyring: KeyRing, person_id: str) -> bytes:
    """What devices call the person: the same for all theirs, and nothing that says who it is to
    anybody else (Web Authentication section 14.6.1)."""
    return keyring.mac("passkey-user", person_id.encode())


def options_to_add(
    settings: Settings,
    challenge: bytes,
    handle: bytes,
    username: str,
    full_name: str,
    there: Sequence[Known],
) -> dict[str, Any]:
    """What a browser needs to have one made that the device shows by itself and that it gives to
    nobody but its owner. Nobody asks of which make the device is."""
    options = webauthn.generate_registration_options(
        rp_id=_host(settings),
        rp_name=f"Danh Mục {settings.province}",
        user_id=handle,
        user_name=username,
        user_display_name=full_name,
        challenge=challenge,
        timeout=_WAITS_MS,
        exclude_credentials=_descriptors(there),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return options_to_json_dict(options)


def options_to_sign(
    settings: Settings, challenge: bytes, there: Sequence[Known], *, alone: bool
) -> dict[str, Any]:
    """What a browser needs to have one used. `alone`: nothing else says who it is."""
    required, preferred = (
        UserVerificationRequirement.REQUIRED,
        UserVerificationRequirement.PREFERRED,
    )
    options = webauthn.generate_authentication_options(
        rp_id=_host(settings),
        challenge=challenge,
        timeout=_WAITS_MS,
        allow_credentials=_descriptors(there),
        user_verification=required if alone else preferred,
    )
    return options_to_json_dict(options)


def find_made(settings: Settings, challenge: bytes, answer: str) -> Made | None:
    """What a device has made for this challenge at this address; None for anything else."""
    if len(answer) > _LONGEST:
        return None
    try:
        credential = parse_registration_credential_json(answer)
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(settings),
            expected_origin=settings.issuer,
            require_user_verification=True,
        )
    except Exception:  # whatever its parsers raise over hostile bytes: it proves nothing
        return None
    known = {each.value for each in credential.response.transports or ()}
    return Made(
        bytes_to_base64url(made.credential_id),
        made.credential_public_key,
        made.sign_count,
        tuple(sorted(known)),
    )


def find_made_challenge(answer: str) -> bytes | None:
    """The challenge that a device says to have answered; None for what is no answer."""
    if len(answer) > _LONGEST:
        return None
    try:
        data = parse_registration_credential_json(answer).response.client_data_json
        return parse_client_data_json(data).challenge
    except Exception:  # as above
        return None


def find_signed(answer: str) -> Signed | None:
    """What a browser has sent, taken apart; None for what is no answer."""
    if len(answer) > _LONGEST:
        return None
    try:
        credential = parse_authentication_credential_json(answer)
        data = parse_client_data_json(credential.response.client_data_json)
    except Exception:  # as above
        return None
    handle = credential.response.user_handle
    return Signed(bytes_to_base64url(credential.raw_id), data.challenge, handle, answer)


def find_proof(
    settings: Settings, signed: Signed, public_key: bytes, *, alone: bool
) -> Proof | None:
    """Whether the key of this credential has signed it for this address. What it counts is not
    looked at here."""
    try:
        verified = webauthn.verify_authentication_response(
            credential=signed.answer,
            expected_challenge=signed.challenge,
            expected_rp_id=_host(settings),
            expected_origin=settings.issuer,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=alone,
        )
    except Exception:  # as above
        return None
    return Proof(verified.new_sign_count, verified.user_verified)


def _host(settings: Settings) -> str:
    return urlsplit(settings.issuer).hostname or ""


def _descriptors(there: Sequence[Known]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(each.credential_id),
            transports=[AuthenticatorTransport(name) for name in each.transports],
        )
        for each in there
    ]
