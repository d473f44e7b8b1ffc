// <tick-all data-label>: a box in the head of a table that ticks every box of its column.
// Without scripts each line is ticked by itself.
class TickAll extends HTMLElement {
  connectedCallback() {
    const table = this.closest("table");
    if (!table || this.querySelector("input")) return;
    const all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", this.dataset.label);
    const boxes = () => [...table.querySelectorAll("tbody input[type=checkbox]")];
    all.addEventListener("change", () => {
      for (const box of boxes()) box.checked = all.checked;
    });
    table.addEventListener("change", () => {
      const ticked = boxes().filter((box) => box.checked).length;
      all.checked = ticked > 0 && ticked === boxes().length;
      all.indeterminate = ticked > 0 && !all.checked;
    });
    this.replaceChildren(all);
  }
}
customElements.define("tick-all", TickAll);
