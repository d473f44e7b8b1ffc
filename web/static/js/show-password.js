// <show-password data-show data-hide data-label>: a button that shows what is typed in its input.
// Without scripts there is the plain input and nothing to press.
class ShowPassword extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector("input");
    if (!input || this.querySelector("button")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "show-password__button";
    button.setAttribute("aria-controls", input.id);
    button.setAttribute("aria-label", this.dataset.label);
    const show = (visible) => {
      input.type = visible ? "text" : "password";
      button.textContent = visible ? this.dataset.hide : this.dataset.show;
      button.setAttribute("aria-pressed", String(visible));
    };
    button.addEventListener("click", () => {
      show(input.type === "password");
      input.focus();
    });
    // Sent hidden, so that the browser neither remembers it as ordinary text nor shows it on return.
    input.form?.addEventListener("submit", () => show(false));
    show(false);
    this.append(button);
    this.classList.add("is-ready");
  }
}
customElements.define("show-password", ShowPassword);
