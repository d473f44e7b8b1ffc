"""Known devices: browsers in which somebody signed in before.

Wrong passwords from elsewhere never make such a browser wait (`idp.throttle.store`). The browser
holds a random id and nothing that counts.
"""
