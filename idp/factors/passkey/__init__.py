"""Passkeys (W3C Web Authentication): keys in devices, used with a finger, a face or a PIN."""
