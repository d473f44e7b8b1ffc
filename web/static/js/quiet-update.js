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
  async update() {
    if (Date.now() > this.until) return clearInterval(this.timer);
    if (document.hidden || this.contains(document.activeElement)) return;
    const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return clearInterval(this.timer);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("quiet-update");
    if (!fresh) clearInterval(this.timer);
    const found = fresh ?? page.querySelector("[data-updated]");
    if (found) this.replaceChildren(...found.childNodes);
  }
}
customElements.define("quiet-update", QuietUpdate);
