"""How long each part of a sign-in under way lives, and what we sign in it, and which part must
outlive which.

A sign-in is nested: an application begins an attempt and waits; we keep the request of that attempt
while a person types; the answer is a code that lives for a moment. Whoever was patient inside must
still be expected outside, so whatever waits longer than what it waits for.
"""

from __future__ import annotations

from directory.clock import HOUR, MINUTE

# Between the answer to a person and the application's request for tokens.
CODE_MS = MINUTE
# Between a POST of an application and the GET that the browser makes of it.
POSTED_REQUEST_MS = MINUTE
# A sign-in page may stand open through a telephone call or a pause of 15 minutes.
FLOW_MS = 45 * MINUTE
# What we sign. Whoever reads it may be offline for as long.
ACCESS_TOKEN_MS = 10 * MINUTE
ID_TOKEN_MS = 10 * MINUTE
LOGOUT_TOKEN_MS = 2 * MINUTE  # Back-Channel Logout section 2.4: at most two minutes
LONGEST_TOKEN_MS = max(ACCESS_TOKEN_MS, ID_TOKEN_MS, LOGOUT_TOKEN_MS)
# An application may keep our published keys for so long, and is free not to ask earlier.
KEYS_CACHED_MS = HOUR
# A retired key stays published as long as anything it signed, or a set with it, may live.
RETIRED_KEY_MS = LONGEST_TOKEN_MS + KEYS_CACHED_MS
# What our own applications keep of a sign-in they sent somebody to (state, nonce, verifier).
ATTEMPT_MS = HOUR
# Whoever comes back after lunch is told which application they were on the way to.
KEPT_AFTER_EXPIRY_MS = 12 * HOUR

# (what waits, what it waits for): the former must live longer.
OUTLIVES = (
    ("flow", "pause"),
    ("flow", "posted request"),
    ("console attempt", "flow and code"),
    ("demo attempt", "flow and code"),
    ("demo state", "flow and code"),
    ("session", "flow"),
    ("browser cookie", "console attempt"),
    ("browser cookie", "flow kept"),
    ("form token", "flow kept"),
    ("retired key", "token"),
    ("retired key", "keys kept by an application"),
)
