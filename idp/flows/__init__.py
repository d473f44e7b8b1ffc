"""Flow objects: one authorization request (or one plain sign-in) on its way, kept on our side.

The browser holds only the flow's id in the address, and the flow answers only to the browser that
started it. What step comes next is read from the flow, never from the browser.
"""
