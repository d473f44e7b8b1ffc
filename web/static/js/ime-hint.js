// <ime-hint for data-ime data-caps>: says so when a Vietnamese keyboard (Telex, VNI) or Caps Lock
// is changing what is typed into a password field.
const OUTSIDE_ASCII = /[^\x20-\x7e]/;

class ImeHint extends HTMLElement {
  connectedCallback() {
    const input = document.getElementById(this.getAttribute("for"));
    if (!input) return;
    let capsLock = false;
    const look = (event) => {
      if (event.getModifierState) capsLock = event.getModifierState("CapsLock");
      const hint = OUTSIDE_ASCII.test(input.value) ? this.dataset.ime : capsLock ? this.dataset.caps : "";
      if (this.textContent !== hint) this.textContent = hint;
    };
    for (const kind of ["keydown", "keyup", "input", "compositionend"]) {
      input.addEventListener(kind, look);
    }
    input.addEventListener("blur", () => {
      capsLock = false;
      look({});
    });
  }
}
customElements.define("ime-hint", ImeHint);
