"use strict";
// The page is complete without this script: it adds sorting and finding to the file tables.

const collator = new Intl.Collator("en", { numeric: true });

function sortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const body = table.tBodies[0];
      const value = (row) => row.cells[column].dataset.value;
      const rows = [...body.rows].sort((a, b) => collator.compare(value(a), value(b)));
      body.append(...(down ? rows.reverse() : rows));
    });
  });
}

function findable(tools, table) {
  const search = tools.querySelector("input[type=search]");
  const trouble = tools.querySelector("input[type=checkbox]");
  const shown = tools.querySelector(".shown");
  const rows = [...table.tBodies[0].rows].map((row) => ({ row, text: row.textContent.toLowerCase() }));
  const update = () => {
    const wanted = search.value.trim().toLowerCase();
    let found = 0;
    for (const { row, text } of rows) {
      const matches = text.includes(wanted) && !(trouble && trouble.checked && row.dataset.state === "whole");
      row.hidden = !matches;
      found += matches ? 1 : 0;
    }
    shown.textContent = found === rows.length ? "" : `${found} of ${rows.length} files shown`;
  };
  search.addEventListener("input", update);
  if (trouble) trouble.addEventListener("change", update);
  tools.hidden = false;
}

for (const dataset of document.querySelectorAll(".dataset")) {
  const table = dataset.querySelector(".listing");
  if (table && table.tBodies[0].rows.length > 1) {
    sortable(table);
    findable(dataset.querySelector(".tools"), table);
  }
}
