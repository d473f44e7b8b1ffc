"""The engine: applications that keep accounts of their own are kept in step with the catalogue.

A connector is a definition (YAML): which application, where, who, which attributes and groups.
`following` takes what changed and notes for whom something is due; `running` does it, several at
once, and writes what came of each; `steps` is what is done for one person; `brake` stops when too
many accounts would go. What a kind of target must be able to do says `target`; the language of
definitions is `expressions`.

What is due is worked out when it is done, from the catalogue as it is then: while a target is away
there is one thing to do for each person, however often they changed.
"""
