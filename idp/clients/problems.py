"""The sentence for each refusal of this room, for the command line and the console."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "client.uri.text": "{field}: a URI must be given as text",
    "client.uri.length": "{field}: {value}… is longer than 2000 characters",
    "client.uri.fragment": "{field}: {value} must not contain a fragment (#…)",
    "client.uri.wildcard": "{field}: {value} must not contain *: register every URI in full",
    "client.uri.characters": "{field}: {value!r} contains characters a URI must not contain",
    "client.uri.host": "{field}: {value} has no plain host name",
    "client.uri.scheme": "{field}: {value} must begin with https:// (lower case)",
    "client.uri.http": "{field}: {value}: plain http is accepted on loopback only, in a demo or "
    "for a native application",
    "client.uri.userinfo": "{field}: {value} must not contain a user name or @ in the host",
    "client.uri.port": "{field}: {value}: a port is a number from 1 to 65535; leave the colon out "
    "where there is none",
    "client.uri.path": "{field}: {value}: the path must not contain //, /../ or disguises of them",
    "client.unsupported": "{field} asks for something this server does not do; remove it "
    "(keys are given by value in jwks, not by jwks_uri)",
    "client.redirect_uri_missing": "{field}: at least one redirect URI is needed",
    "client.public_without_person": "{field}: a public client cannot use client_credentials",
    "client.jwks_missing": "{field}: private_key_jwt needs the public keys of the client",
    "client.jwks": "{field}: {reason}",
    "client.name": "{field}: a printable name of 1 to 200 characters is needed",
    "client.not_a_list": "{field}: a list of texts is needed",
    "client.not_a_flag": "{field}: true or false is needed",
    "client.not_a_number": "{field}: a whole number of seconds is needed",
    "client.not_offered": "{field}: {value} is not offered by this server",
    "client.not_an_object": "each entry must be a JSON object of client metadata",
    "client.resource": "{field}: a resource is a short ASCII identifier without blanks or #",
    "client.id": "{field}: letters, digits and ._~:/@+- only, at most 120 characters",
    "client.secret": "{field}: printable ASCII without blanks, at most 255 characters",
    "client.secret_short": "{field}: at least {minimum} characters are needed; leave it out and "
    "the server makes one",
    "client.exists": "there is already a client {client_id}",
    "client.unknown": "there is no client {client_id}",
    "client.no_secret": "this client has no secret: it authenticates another way",
    "client.pkce_exempt_public": "{field}: only a confidential client may go without PKCE",
    "key.unknown": "there is no signing key {kid}",
    "key.next_too_young": "the next key {kid} is published only since {since}; applications may "
    "keep the key set for an hour and would refuse what it signs. Rotate after {ready_at}, or at "
    "once with --force. For a stolen key there is `key revoke`",
    "key.revoked_already": "signing key {kid} is revoked already",
}
