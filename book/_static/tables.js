// Let a reader sort a table by any column: its heading becomes a button. A second press turns the order round.
const ORDERS = ["ascending", "descending"];
const LEADING_NUMBER = /^[^\d∞\p{L}]*[\d∞]/u;

const amount = (text) => {
  const plain = text.replaceAll(",", "").replace("−", "-").replace("∞", "Infinity");
  return LEADING_NUMBER.test(text) ? Number.parseFloat(plain.replace(/^[^\d.I-]+/, "")) : NaN;
};

// Numbers by size, then words by the alphabet of the page; gaps last in either order.
const compare = (one, other, sign) => {
  const empty = (text) => text === "" || text === "–";
  if (empty(one) || empty(other)) return empty(one) - empty(other);
  const [a, b] = [amount(one), amount(other)];
  if (Number.isNaN(a) !== Number.isNaN(b)) return sign * (Number.isNaN(a) - Number.isNaN(b));
  if (a !== b && !Number.isNaN(a)) return sign * (a > b ? 1 : -1);
  return sign * one.localeCompare(other, document.documentElement.lang || undefined, { numeric: true });
};

for (const table of document.querySelectorAll("table.data-table")) {
  const headings = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const order = ORDERS[Number(heading.ariaSort === ORDERS[0])];
      for (const each of headings) each.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", order);
      const key = (row) => row.cells[column]?.textContent.trim() ?? "";
      const sign = order === ORDERS[0] ? 1 : -1;
      body.append(...[...body.rows].map((row) => [key(row), row]).sort(([a], [b]) => compare(a, b, sign)).map(([, row]) => row));
    });
  });
}
