"""Services over the agencies and units of the catalogue. Every change goes through `intents`."""
