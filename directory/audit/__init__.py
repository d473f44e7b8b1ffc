"""The audit log: everyone writes through `log.record`, in the transaction of the cause.

Owns the table `audit_event`. Hands to others: `record`, the form in which components declare their
kinds, and a reader that tells events in sentences. Logs may be lost, audit may not.
"""
