"""Sign-out: a session ends here and in every application that was entered with it.

OpenID Connect RP-Initiated Logout 1.0 and Back-Channel Logout 1.0. `ending.end_session` is the one
way a session ends; the worker runs `backchannel.deliver` and `dead_sessions.end_dead`.
"""
