"""Sign-in: who is it? A dispatcher asks the steps of `dispatch.STEPS` in turn; the throttle stands
before everything that costs or reveals something. Hands a session to the browser and the flow back
to `idp.oidc`.
"""
