// Let a reader filter a table of the ledger by its keys and by words. Without scripts the whole table shows.
// Words go through Sphinx's `_`, which the Chinese edition gives their translations.
const NAMES = { chapter: _("Chapter"), verdict: _("Verdict"), origin: _("Origin") };
const COUNTS = { claims: _("{0} of {1} claims"), relations: _("{0} of {1} relations"), orderings: _("{0} of {1} orderings") };

for (const ledger of document.querySelectorAll(".ledger")) {
  const { things, filters: keys } = ledger.dataset;
  const rows = [...ledger.querySelectorAll("tbody tr")].map((row) => ({
    row,
    text: `${row.id} ${row.textContent}`.toLowerCase(),
  }));
  const form = document.createElement("form");
  const status = document.createElement("p");
  status.setAttribute("role", "status");

  const field = (name, element) => {
    const label = document.createElement("label");
    label.append(name + " ", element);
    form.append(label);
    return element;
  };
  const choice = (key) => {
    const select = document.createElement("select");
    select.append(new Option(_("all"), ""));
    for (const value of new Set(rows.map(({ row }) => row.dataset[key]))) select.append(new Option(value, value));
    return field(NAMES[key], select);
  };
  const search = document.createElement("input");
  search.type = "search";
  field(_("Search"), search);
  const choices = keys.split(" ").map((key) => [key, choice(key)]);

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { row, text } of rows) {
      const fits =
        words.every((word) => text.includes(word)) &&
        choices.every(([key, select]) => !select.value || row.dataset[key] === select.value);
      if (row.hidden === fits) row.hidden = !fits;
      shown += fits;
    }
    status.textContent = COUNTS[things].replace("{0}", shown).replace("{1}", rows.length);
  };
  const showTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.hidden && ledger.contains(target)) {
      form.reset();
      apply();
      target.scrollIntoView();
    }
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", showTarget);
  ledger.prepend(form, status);
  apply();
}
