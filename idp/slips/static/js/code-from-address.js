// <code-from-address for>: fills the code of a slip in from behind the # of the address, which no
// browser sends to any server, and takes it out of the address and the history.
class CodeFromAddress extends HTMLElement {
  connectedCallback() {
    const input = document.getElementById(this.getAttribute("for"));
    const code = decodeURIComponent(window.location.hash.slice(1));
    if (!input || !/^[0-9A-Za-z -]{16,40}$/.test(code)) return;
    if (!input.value) input.value = code;
    history.replaceState(history.state, "", window.location.pathname + window.location.search);
  }
}
customElements.define("code-from-address", CodeFromAddress);
