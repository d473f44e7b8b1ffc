"""Changes: the feed's stream, read by whoever keeps something in step with the catalogue.

A reader has a name and a place in the stream. It takes what came since, does what follows in the
same transaction, and its place moves on with that: a reader that dies has done both or neither. One
that was away for longer than changes are kept is told so, and compares everything instead.

`readers` is what readers call; `rights` brings what SQL alone knows (grants) into the stream.
"""
