// <passkey-sign-in data-options data-failed data-otherwise data-autofill>: a passkey instead of what is
// typed. It stays hidden where there can be none. <passkey-add data-options …>: the device makes one
// before its form is sent. Without scripts there are the other ways to sign in.
const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const toIds = (list) => (list ?? []).map((each) => ({ ...each, id: toBytes(each.id) }));
const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

const answerOf = ({ id, rawId, type, response }) => {
  const parts = {};
  for (const name of PARTS) if (response[name]) parts[name] = toText(response[name]);
  if (response.getTransports) parts.transports = response.getTransports();
  return JSON.stringify({ id, rawId: toText(rawId), type, response: parts });
};

class PasskeySignIn extends HTMLElement {
  async connectedCallback() {
    const options = window.PublicKeyCredential && (await this.options());
    if (!options) {
      if (this.dataset.otherwise) location.replace(this.dataset.otherwise);
      return;
    }
    this.form = this.querySelector("form");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.use(options);
    });
    this.hidden = false;
    const canOffer = PublicKeyCredential.isConditionalMediationAvailable;
    this.offers = "autofill" in this.dataset && canOffer && (await canOffer.call(PublicKeyCredential));
    if (this.offers) this.use(options, "conditional");
  }
  async options() {
    const answer = await fetch(this.dataset.options).catch(() => null);
    if (!answer?.ok) return null;
    const told = await answer.json();
    return { ...told, challenge: toBytes(told.challenge), allowCredentials: toIds(told.allowCredentials) };
  }
  async use(options, mediation) {
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    try {
      const found = await navigator.credentials.get({ publicKey: options, mediation, signal: asked.signal });
      this.form.elements.answer.value = answerOf(found);
      this.form.elements.shared_computer.value = document.getElementById("shared")?.checked ? "1" : "";
      this.form.submit();
    } catch {
      if (asked.signal.aborted || mediation) return;
      this.querySelector("[role=status]").textContent = this.dataset.failed;
      if (this.offers) this.use(options, "conditional");
    }
  }
}
customElements.define("passkey-sign-in", PasskeySignIn);

class PasskeyAdd extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    const say = (text) => (this.querySelector("[role=status]").textContent = text);
    if (!window.PublicKeyCredential) return say(this.dataset.unable);
    const told = JSON.parse(this.dataset.options);
    const user = { ...told.user, id: toBytes(told.user.id) };
    const there = toIds(told.excludeCredentials);
    const options = { ...told, user, challenge: toBytes(told.challenge), excludeCredentials: there };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        form.elements.answer.value = answerOf(await navigator.credentials.create({ publicKey: options }));
        form.submit();
      } catch (error) {
        say(error.name === "InvalidStateError" ? this.dataset.there : this.dataset.failed);
      }
    });
  }
}
customElements.define("passkey-add", PasskeyAdd);
