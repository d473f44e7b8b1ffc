"""What all our web applications share: request guard, errors, languages, CSRF, headers, pages,
style sheets, health and metrics. It knows no page, endpoint or application by name.

Imports `directory` only. `web.assembly.setup` makes a Flask application one of ours. What a view
uses then:

- `web.i18n`: `_`, `ngettext`, `N_`, `current_locale`
- `web.error_pages`: raise a `directory.errors.AppError`, the page is made here
- `web.csrf`: `browser_id`, `form_token`; every unsafe request is checked unless exempt
- `web.headers`: `no_referrer`, `let_forms_go_anywhere`
- `web.leaving`: `leave_to`, `hand_over_page`: the ways out of our origin
- `web.current`: the installation and the actor of this request
- `web.request`: `client_address`
- `web.urls`: `absolute`, `safe_next`
- templates extend `kit/page.html` and import components from `kit/ui.html`
"""
