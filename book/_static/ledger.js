// Let a reader filter the ledger by chapter, verdict and words. Without scripts the whole table shows.
for (const ledger of document.querySelectorAll(".ledger")) {
  const rows = [...ledger.querySelectorAll("tbody tr")].map((row) => ({ row, text: row.textContent.toLowerCase() }));
  const form = document.createElement("form");
  const status = document.createElement("p");
  status.setAttribute("role", "status");

  const field = (name, element) => {
    const label = document.createElement("label");
    label.append(name + " ", element);
    form.append(label);
    return element;
  };
  const choice = (name, key) => {
    const select = document.createElement("select");
    select.append(new Option("all", ""));
    for (const value of new Set(rows.map(({ row }) => row.dataset[key]))) {
      select.append(new Option(value.replaceAll("_", " "), value));
    }
    return field(name, select);
  };
  const search = document.createElement("input");
  search.type = "search";
  field("Search", search);
  const filters = { chapter: choice("Chapter", "chapter"), verdict: choice("Verdict", "verdict") };

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { row, text } of rows) {
      const fits =
        words.every((word) => text.includes(word)) &&
        Object.entries(filters).every(([key, select]) => !select.value || row.dataset[key] === select.value);
      row.hidden = !fits;
      shown += fits;
    }
    status.textContent = `${shown} of ${rows.length} claims`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  ledger.prepend(form, status);
  apply();
}
