// <answered-form data-url>: this page answered a form that was sent. Its entry in the history becomes
// that of an ordinary page at data-url, so that neither Back nor reload asks to send the form again.
// Without scripts browsers ask, and nothing is lost by saying yes.
class AnsweredForm extends HTMLElement {
  connectedCallback() {
    history.replaceState(null, "", this.dataset.url);
  }
}
customElements.define("answered-form", AnsweredForm);
