// <password-strength for data-least data-more data-short data-enough data-strong>: says while a new
// password is typed how long it is; whether it is easily guessed is judged when it is sent.
class PasswordStrength extends HTMLElement {
  connectedCallback() {
    const input = document.getElementById(this.getAttribute("for"));
    if (!input) return;
    const least = Number(this.dataset.least);
    const strong = least + Number(this.dataset.more);
    const sentence = () => {
      const length = [...input.value.normalize("NFC")].length;
      if (!length) return "";
      if (length < least) return this.dataset.short.replace("{n}", least - length);
      return length < strong ? this.dataset.enough : this.dataset.strong;
    };
    input.addEventListener("input", () => {
      const said = sentence();
      if (this.textContent !== said) this.textContent = said;
    });
  }
}
customElements.define("password-strength", PasswordStrength);
