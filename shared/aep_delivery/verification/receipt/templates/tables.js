"use strict";
// The page is complete without this script: it adds sorting and finding to the tables in `.sortable`.

const collator = new Intl.Collator("en", { numeric: true });

function enhance(place) {
  const table = place.querySelector("table");
  const tools = place.querySelector(".tools");
  const search = tools.querySelector("input[type=search]");
  const only = tools.querySelector("input[type=checkbox]");
  const status = tools.querySelector("[role=status]");
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => ({ row, text: row.textContent.toLowerCase() }));
  let order = "";

  const tell = (found) => {
    const shown = found === rows.length ? `${rows.length} ${place.dataset.noun}` : `${found} of ${rows.length} ${place.dataset.noun} shown`;
    status.textContent = shown + order;
  };
  const update = () => {
    const wanted = search ? search.value.trim().toLowerCase() : "";
    let found = 0;
    for (const { row, text } of rows) {
      const matches = text.includes(wanted) && !(only && only.checked && row.dataset.state === only.dataset.hides);
      row.hidden = !matches;
      found += matches ? 1 : 0;
    }
    tell(found);
  };
  const sort = (column) => {
    const head = heads[column];
    const down = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const keyed = rows.map(({ row }) => ({ row, key: row.cells[column].dataset.value }));
    keyed.sort((a, b) => collator.compare(a.key, b.key));
    if (down) keyed.reverse();
    body.append(...keyed.map(({ row }) => row));
    order = `, sorted by ${head.textContent.trim().toLowerCase()}, ${down ? "descending" : "ascending"}`;
    update();
  };

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(column));
    head.append(button);
  });
  if (search) search.addEventListener("input", update);
  if (only) only.addEventListener("change", update);
  tools.hidden = false;
}

document.querySelectorAll(".sortable").forEach(enhance);

// Paper cannot be unfolded.
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("details:not([open], .bulk)")];
  unfolded.forEach((details) => { details.open = true; });
});
addEventListener("afterprint", () => unfolded.forEach((details) => { details.open = false; }));
