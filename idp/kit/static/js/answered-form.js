// <answered-form data-url>: this page answered a form that was sent. Its entry in the history becomes
// that of an ordinary page at data-url, so that neither Back nor reload asks to send the form again.
// Without scripts browsers ask, and nothing is lost by saying yes.
class AnsweredForm extends HTMLElement {
  connectedCallback() {
    history.replaceState(null, "", this.dataset.url || location.href);
    for (const link of document.querySelectorAll("a[hreflang]")) {
      const url = new URL(location.href);
      url.searchParams.set("lang", link.hreflang);
      link.href = url.href;
    }
  }
}
customElements.define("answered-form", AnsweredForm);
