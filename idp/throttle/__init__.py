"""How many wrong tries are too many: counted before anything that costs or reveals something.

Factors reserve a try in `store` and say how it ended; operators see and lift `pauses`.
"""
