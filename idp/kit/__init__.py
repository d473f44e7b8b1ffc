"""The design kit both web applications share: page shell, components, headers, errors, languages.

`setup` makes a Flask application one of ours. What a view uses afterwards:

- `idp.kit.i18n`: `_`, `ngettext`, `N_`, `current_locale`
- `idp.kit.errors`: raise a `directory.errors.AppError`, the page is made here
- `idp.kit.csrf`: `browser_id`, `form_token`; every unsafe request is checked unless exempt
- `idp.kit.headers`: `no_referrer`, `let_forms_go_anywhere`
- `idp.kit.leaving`: `leave_to`, `hand_over_page`: the ways out of our origin
- `idp.kit.request`: `actor_from_request`, `client_address`
- `idp.kit.urls`: `absolute`, `safe_next`
- templates extend `kit/page.html` and import components from `kit/ui.html`
"""

from idp.kit.assembly import setup

__all__ = ["setup"]
