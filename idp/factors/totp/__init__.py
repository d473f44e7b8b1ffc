"""Codes of six digits from an application on the person's telephone (TOTP, RFC 6238)."""
