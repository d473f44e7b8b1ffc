"""Making an account ready, with a slip: who it is, a password, a second factor, recovery codes.

Its end is a session, as that of a sign-in; before all that must be done is done there is none. What
was done stays done: whoever stops after the password signs in with it and goes on another day.
"""

from __future__ import annotations

from dataclasses import replace

from idp import paths
from idp.factors.certificate import step as certificate
from idp.factors.passkey import step as passkey
from idp.factors.recovery_codes import making
from idp.factors.recovery_codes import step as recovery_codes
from idp.factors.totp import step as totp
from idp.flows import store as flows
from idp.flows.step import Situation, Step
from idp.journeys.journey import Journey
from idp.journeys.sign_in import give_session
from idp.slips import password_step
from idp.slips import step as slip
from web.i18n import N_


def _after_password(step: Step) -> Step:
    """A factor that was set up earlier is asked for, and never instead of the slip."""

    def applies(situation: Situation) -> bool:
        return "pwd" in situation.methods and step.applies(situation)

    return replace(step, applies=applies)


STEPS: tuple[Step, ...] = (
    slip.STEP,
    slip.CONFIRM_STEP,
    password_step.STEP,
    *map(
        _after_password,
        (
            passkey.STEP,
            certificate.STEP,
            totp.STEP,
            recovery_codes.STEP,
            totp.OFFER_STEP,
            making.STEP,
        ),
    ),
)
STAGES = (
    (N_("Who you are"), frozenset({slip.NAME, slip.CONFIRMED})),
    (N_("Password"), frozenset({password_step.NAME})),
    (
        N_("Second factor"),
        frozenset({passkey.NAME, certificate.NAME, totp.NAME, recovery_codes.NAME, totp.ENROLMENT}),
    ),
    (N_("Recovery codes"), frozenset({making.NAME})),
)


ACTIVATE = Journey(flows.ACTIVATE, paths.ACTIVATE, STEPS, give_session, STAGES)
