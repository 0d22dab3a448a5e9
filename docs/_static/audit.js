// Filters and sorts the table of optimisers. It fetches nothing; without it the table is whole.
"use strict";

function catalogue(box) {
  const find = (id) => document.getElementById(`audit-${id}`);
  const form = box.querySelector("form"), body = box.querySelector("tbody"), count = find("count");
  const fields = { text: find("text"), library: find("library"), kind: find("kind") };
  const rows = [...body.rows].map((row, place) => ({
    row,
    place,
    text: row.textContent.toLowerCase(),
    library: row.dataset.library,
    kind: row.dataset.kind,
  }));

  function wanted({ text, library, kind }) {
    const words = fields.text.value.toLowerCase().split(/\s+/);
    const chosen = (field, value) => !field.value || field.value === value;
    return words.every((word) => text.includes(word)) && chosen(fields.library, library) && chosen(fields.kind, kind);
  }

  function show() {
    const found = rows.filter((one) => {
      one.row.hidden = !wanted(one);
      return !one.row.hidden;
    });
    const libraries = new Set(found.map(({ library }) => library)).size;
    const of = (number, word, many) => `${number} ${number === 1 ? word : many}`;
    count.textContent = found.length
      ? `${found.length} of ${of(rows.length, "optimiser", "optimisers")}, ${of(libraries, "library", "libraries")}.`
      : `None of ${of(rows.length, "optimiser", "optimisers")}: change the text, or choose another library or way.`;
    keep();
  }

  /** The filter stands behind the address, so that it can be sent to somebody. */
  function keep() {
    const chosen = new URLSearchParams(Object.entries(fields).map(([name, { value }]) => [name, value]).filter(([, value]) => value));
    const after = `${chosen}`;
    if (after || location.hash.startsWith("#?")) history.replaceState(null, "", after ? `#?${after}` : "#");
  }

  function recall() {
    if (!location.hash.startsWith("#?")) return;
    const kept = new URLSearchParams(location.hash.slice(2));
    for (const [name, field] of Object.entries(fields)) field.value = kept.get(name) ?? "";
  }

  /** What a cell is sorted by: its number, or its words. */
  function keyOf(row, column) {
    const cell = row.cells[column], words = cell.dataset.name ?? cell.textContent.trim(), number = Number(words);
    return words === "" || Number.isNaN(number) ? words.toLowerCase() : number;
  }

  function sort(column, rising) {
    const keyed = rows.map((one) => ({ ...one, key: keyOf(one.row, column) }));
    const differ = (a, b) => {
      if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1; // numbers first, both ways
      return (rising ? 1 : -1) * (typeof a === "number" ? a - b : a.localeCompare(b));
    };
    keyed.sort((a, b) => differ(a.key, b.key) || a.place - b.place);
    body.append(...keyed.map(({ row }) => row));
  }

  for (const [column, head] of [...box.querySelectorAll("thead th")].entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") !== "ascending";
      for (const other of box.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      sort(column, rising);
    });
  }
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show)); // once the fields are empty
  recall();
  form.hidden = false;
  show();
}

const found = document.getElementById("audit");
if (found) catalogue(found);
