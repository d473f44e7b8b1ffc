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
    "client.uri.native_only": "{field}: {value}: an address of one's own scheme belongs to an "
    "installed application; register it with --native (application_type native)",
    "client.uri.dot": "{field}: {value}: the scheme of a native application needs a dot: a domain "
    "of yours backwards, such as vn.gov.example.app:/callback (RFC 8252 section 7.1)",
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
    "client.jwks": "{field} cannot be used: {reason}",
    "client.name": "{field}: a printable name of 1 to 200 characters is needed",
    "client.not_a_list": "{field}: a list of texts is needed",
    "client.not_a_flag": "{field}: true or false is needed",
    "client.not_a_number": "{field}: a whole number of seconds is needed",
    "client.not_offered": "{field}: {value} is not offered by this server",
    "client.not_an_object": "each entry must be a JSON object of client metadata",
    "client.resource": "{field}: a resource is a short ASCII identifier without blanks or #",
    "client.id": "{field}: letters, digits and ._~:/@+- only, at most 120 characters",
    "client.secret": "{field}: printable ASCII, at most 255 characters (RFC 6749 appendix A.2)",
    "client.secret_short": "{field}: at least {minimum} characters are needed; leave it out and "
    "the server makes one",
    "client.exists": "there is already a client {client_id}",
    "client.unknown": "there is no client {client_id}",
    "client.no_secret": "this client has no secret: it authenticates another way",
    "client.pkce_exempt_public": "{field}: only a confidential client may go without PKCE",
    "client.id_reserved": "{field}: {value} is an address of this server; choose another id",
    "client.id_is_resource": "{field}: {value} is a resource of some client; choose another id",
    "client.id_taken": "{field}: {value} is the id of a person or an agency; choose another id",
    "client.id_used": "the client {client_id} was removed, and its id is never given again; "
    "leave --client-id out for a new one",
    "client.resource_unknown": "{field}: no client stands for {value}; register it first: "
    "danhmuc resource add {value} --client CLIENT_ID",
    "client.has_resources": "the client {client_id} stands for resources; remove them first: "
    "danhmuc resource list",
    "client.overlap": "{field}: two secrets may live side by side for at most {most} hours",
    "client.disabled_already": "the client {client_id} is disabled already",
    "client.not_disabled": "the client {client_id} is not disabled; nothing was changed",
    "client.not_disabled_yet": "only a disabled client can be removed, after 30 days: "
    "danhmuc client disable {client_id} --reason …",
    "client.disabled_lately": "the client {client_id} was disabled less than 30 days ago; it can "
    "be removed from {ready_on} on",
    "client.logo": "{field}: a PNG, JPEG or WebP picture of at most {most} KB is needed",
    "resource.uri": "{field}: an absolute URI without blanks and #… is needed, such as "
    "https://api.example.gov.vn/",
    "resource.exists": "{uri} is a resource of {client_id} already",
    "resource.unknown": "there is no resource {uri}; danhmuc resource list shows them",
    "resource.is_client": "{field}: {value} is the id of another client",
    "resource.is_ours": "{field}: {value} is an address of this server itself",
    "key.unknown": "there is no signing key {kid}",
    "key.next_too_young": "the next key {kid} is published only since {since}; applications may "
    "keep the key set for an hour and would refuse what it signs. Rotate after {ready_at}, or at "
    "once with --force. For a stolen key there is `key revoke`",
    "key.revoked_already": "signing key {kid} is revoked already",
}
