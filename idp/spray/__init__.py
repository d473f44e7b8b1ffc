"""Is somebody guessing passwords of many people? Looked at every few seconds, told with an alarm.

Owns the alarms. Handed to: the console shows them to those who keep the province.
"""
