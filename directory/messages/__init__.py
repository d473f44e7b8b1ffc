"""What people are told by e-mail: queued in the transaction of its cause, sent by the worker.

Components declare kinds (`directory.message_kinds`); `sending.send` queues one, and
`delivery.deliver` sends what is due. A mail server that is away delays nobody and loses nothing.
"""
