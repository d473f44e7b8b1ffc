// <quiet-update data-seconds>: what stands in it is asked for anew every few seconds, without a word,
// until the page has no such element any more. It stops after five minutes, so that a page left open
// keeps nobody signed in, and waits while the page is not seen or something in it has the focus.
// Without scripts a link on the page does it.
class QuietUpdate extends HTMLElement {
  connectedCallback() {
    this.until = Date.now() + 5 * 60 * 1000;
    this.timer = setInterval(() => this.update(), 1000 * this.dataset.seconds);
  }
  disconnectedCallback() {
    clearInterval(this.timer);
  }
  update() {
    if (Date.now() > this.until) return clearInterval(this.timer);
    if (document.hidden || this.contains(document.activeElement)) return;
    // Not by text: what is parsed by the browser itself needs no trust in strings of HTML.
    const asked = new XMLHttpRequest();
    asked.open("GET", location.href);
    asked.responseType = "document";
    asked.addEventListener("load", () => this.show(asked));
    asked.addEventListener("error", () => clearInterval(this.timer));
    asked.send();
  }
  show(answer) {
    const found = answer.status === 200 && answer.response?.querySelector("quiet-update, [data-updated]");
    if (!found || found.localName !== "quiet-update") clearInterval(this.timer);
    if (found) this.replaceChildren(...found.childNodes);
  }
}
customElements.define("quiet-update", QuietUpdate);
