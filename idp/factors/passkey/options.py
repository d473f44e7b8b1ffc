"""What the script of the sign-in page asks for: what a device is to sign."""

from __future__ import annotations

from flask import jsonify, request
from werkzeug.wrappers import Response

from idp.factors.passkey import ceremony, challenges, store
from idp.flows import store as flows
from web.csrf import browser_id
from web.current import current_installation
from web.headers import no_referrer


def show() -> Response | tuple[Response, int]:
    """Whoever has proved who they are is asked for a passkey of theirs, anybody else for whichever
    the device knows for us: nobody learns who has one. 410: the sign-in is over."""
    no_referrer()
    installation = current_installation()
    with installation.database.read() as tx:
        flow = flows.load_of(tx, request.args.get("flow", ""), browser_id(), flows.WITH_STEPS)
        if flow is None or not ceremony.is_possible(installation.settings):
            return jsonify({"error": "gone"}), 410
        person_id = flow.progress.person_id
        held = store.list_of(tx, person_id) if person_id else []
    there = [ceremony.Known(p.credential_id, p.transports) for p in held if not p.is_stopped]
    challenge = challenges.make(installation.keyring, challenges.in_flow(flow))
    alone = not person_id
    return jsonify(ceremony.options_to_sign(installation.settings, challenge, there, alone=alone))
