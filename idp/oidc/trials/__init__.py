"""Trying the sign-in of an application: everything it asks is checked as if it had asked, the
person signs in as ever, and the end is a page of ours instead of an answer to the application.

Nothing is issued: the request of a trial is marked on our side from its first moment
(`AuthorizationRequest.tried_by`), and what leads to an application refuses a marked one
(`idp.oidc.responses.hand_over`).
"""
