// The scenario explorer: draws the fan of Figure 9 anew from posterior draws whenever a reader moves a setting.
// Texts and the first picture stand in the page; the module `explorer` computes the same in Python.
const PRIORS = { sceptical: _("sceptical"), main: _("main"), optimistic: _("optimistic") };

for (const explorer of document.querySelectorAll(".explorer")) {
  const model = JSON.parse(explorer.querySelector("script").textContent);
  const form = explorer.querySelector("form");
  const { slider, rate } = form.elements;
  const panels = [...explorer.querySelectorAll(".explorer-outcome")];
  const copied = explorer.querySelector(".explorer-copied");
  const years = new Map(panels.map((panel) => [panel, [...panel.querySelectorAll("tbody tr")]]));

  // -- the model ------------------------------------------------------------------------------------

  const density = (value, [mean, sd]) => Math.exp(-(((value - mean) / sd) ** 2) / 2) / sd;

  // Another prior weights a draw by the ratio of the densities of its effect; it then comes as often as its weight says.
  const under = (drawn, priors, prior) => {
    const effect = drawn.at(-1);
    let sum = 0;
    const total = effect.map((value) => (sum += density(value, priors[prior]) / density(value, priors[model.sampled])));
    const rows = new Uint16Array(effect.length);
    for (let row = 0, at = 0; row < rows.length; row++) {
      while (total[at] < (sum * (row + 0.5)) / rows.length) at++;
      rows[row] = at;
    }
    return drawn.map((column) => Float64Array.from(rows, (row) => column[row]));
  };

  // A column a year of the path without deepening, and last the effect of digital capital.
  const drawn = Object.fromEntries(Object.entries(model.draws).map(([name, columns]) =>
    [name, columns.map((column) => Float64Array.from(column, (step) => step * model.step))]));
  const posteriors = Object.fromEntries(Object.keys(model.priors.cost).map((prior) =>
    [prior, Object.fromEntries(Object.keys(drawn).map((name) => [name, under(drawn[name], model.priors[name], prior)]))]));

  const ahead = (columns, year, growth) => columns[year].map((value, row) => value + columns.at(-1)[row] * (year + 1) * growth);

  const ratios = {
    cost: ({ cost }, year, growth) => ahead(cost, year, growth).map((change) => model.base.cost_ratio * Math.exp(change / 100)),
    profit: (posterior, year, growth) => {
      const cost = ratios.cost(posterior, year, growth);
      const other = ahead(posterior.other, year, growth);
      const profit = new Float64Array(model.pairs * cost.length);
      for (let place = 0; place < profit.length; place++) {
        const row = place % cost.length;
        const partner = (row + (place - row) / model.pairs) % cost.length;
        const margin = 100 - cost[row] - model.base.other - other[partner];
        profit[place] = (100 * margin) / (100 - margin - model.base.net_other);
      }
      return profit;
    },
  };

  const quantile = (sorted, probability) => {
    const place = probability * (sorted.length - 1);
    const below = sorted[Math.floor(place)];
    return below + (sorted[Math.ceil(place)] - below) * (place % 1);
  };

  // -- the page -------------------------------------------------------------------------------------

  const settings = () => ({ rate: rate.value, prior: form.elements.prior.value, outcome: form.elements.outcome.value });
  const shown = () => panels.find((panel) => !panel.hidden);
  const number = (value, decimals = 2) => value.toFixed(decimals).replace("-", "−");

  const drawFan = (panel, { axis: [low, high], start }, table) => {
    const [first, now, last] = model.span;
    const x = (year) => ((100 * (year - first + 0.5)) / (last - first + 1)).toFixed(2);
    const y = (value) => ((100 * (high - value)) / (high - low)).toFixed(2);
    const edges = model.quantiles.map((_, place) => [start, ...table.map((row) => row[place])].map((value, step) => `${x(now + step)},${y(value)}`));
    for (const path of panel.querySelectorAll(".explorer-plot [data-band]")) {
      const [edge, opposite] = [edges.at(path.dataset.band), edges.at(-1 - path.dataset.band)];
      path.setAttribute("d", edge === opposite ? `M${edge.join("L")}` : `M${[...edge, ...opposite.toReversed()].join("L")}Z`);
    }
  };

  const write = (panel, values) => {
    for (const [name, text] of Object.entries(values))
      for (const slot of panel.querySelectorAll(`[data-value="${name}"]`)) slot.textContent = text;
  };

  const draw = () => {
    const { prior, outcome } = settings();
    const growth = Math.log1p(rate.valueAsNumber / 100);
    for (const panel of panels) panel.hidden = panel.dataset.outcome !== outcome;
    const panel = shown();
    const scale = model.outcomes[outcome];
    const sorted = Array.from({ length: model.horizon }, (_, year) => ratios[outcome](posteriors[prior], year, growth).sort());
    const table = sorted.map((values) => model.quantiles.map((probability) => quantile(values, probability)));
    drawFan(panel, scale, table);
    years.get(panel).forEach((row, year) => table[year].forEach((value, place) => (row.cells[place + 1].textContent = number(value))));
    panel.querySelector("[aria-sort]")?.removeAttribute("aria-sort");  // a table sorted by numbers that are gone is in no order
    panel.querySelector("tbody").append(...years.get(panel));
    const beyond = (end) => number((100 * sorted.at(-1).filter((value) => scale.sign * (value - end) > 0).length) / sorted.at(-1).length, 0);
    const [, low, , median, , high] = table.at(-1).map((value) => number(value));
    write(panel, { low, median, high, beyond: beyond(scale.start), reached: beyond(scale.report), rate: number(rate.valueAsNumber), prior: PRIORS[prior] });
  };

  // -- the reader -----------------------------------------------------------------------------------

  const keep = () => history.replaceState(null, "", `#${new URLSearchParams(settings())}`);
  let timer;
  const settle = () => {  // one announcement and one address a movement, not one a step
    keep();
    explorer.querySelector(".explorer-spoken").textContent = shown().querySelector(".explorer-answer").textContent;
  };

  const restore = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (!Object.keys(settings()).some((name) => asked.has(name))) return false;
    for (const name of ["prior", "outcome"])
      for (const option of form.elements[name]) if (option.value === asked.get(name)) option.checked = true;
    const before = rate.value;
    rate.value = asked.get("rate") ?? before;
    if (!rate.checkValidity()) rate.value = before;
    slider.value = rate.value;
    draw();
    explorer.scrollIntoView();
    return true;
  };

  form.addEventListener("input", ({ target }) => {
    if (target === slider) rate.value = slider.value;
    if (!form.checkValidity()) return;
    if (target === rate) slider.value = rate.value;
    draw();
    copied.textContent = "";
    clearTimeout(timer);
    timer = setTimeout(settle, 400);
  });
  form.addEventListener("change", () => form.reportValidity());
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => restore() && slider.focus({ preventScroll: true }));

  // -- what the reader takes along --------------------------------------------------------------------

  const plain = (text) => text.replaceAll("−", "-").replaceAll("–", "");
  const cells = (row) => [...row.cells].map((cell) => plain(cell.textContent));

  const numbers = () => {
    const table = shown().querySelector("table");
    return [plain(table.caption.textContent), ...[...table.rows].map((row) => cells(row).join("\t")), location.href].join("\n");
  };

  // What is set, as pairs of a name and a value in words.
  const setting = () => {
    const choices = [...form.querySelectorAll("fieldset")].map((choice) =>
      [choice.querySelector("legend"), choice.querySelector(":checked").parentElement].map((words) => words.textContent.trim()));
    return [[explorer.querySelector("#explorer-rate").textContent, rate.value], ...choices, [_("address"), location.href]];
  };

  // All that is drawn, a row a year, and in each row the setting it is drawn for; the fan starts as a point.
  const rows = () => {
    const panel = shown();
    const { start, observed } = model.outcomes[settings().outcome];
    const [first, now] = model.span;
    const [year, ...names] = cells(panel.querySelector("thead tr"));
    const seen = panel.querySelector(".explorer-key .observed").closest("li").textContent.trim();
    const [point, none] = [names.map((_, place) => (place === model.quantiles.length ? "" : plain(number(start)))), names.map(() => "")];
    const past = observed.map((value, step) => [first + step, plain(number(value)), ...(first + step === now ? point : none)]);
    const ahead = years.get(panel).map((row) => cells(row).toSpliced(1, 0, ""));
    const [labels, values] = [0, 1].map((place) => setting().map((pair) => pair[place]));
    return [[year, seen, ...names, ...labels], ...[...past, ...ahead].map((row) => [...row, ...values])];
  };

  // A spreadsheet takes text that begins like a formula for one, unless an apostrophe stands before it.
  const csvCell = (value) => {
    const text = /^[=+\-@\t\r]/.test(value) && !/^-?[\d.]+$/.test(value) ? `'${value}` : `${value}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };

  const svg = (name, attributes, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const placed = (drawing, attributes) => {
    const copy = drawing.cloneNode(true);
    for (const [key, value] of Object.entries(attributes)) copy.setAttribute(key, value);
    return copy;
  };

  // The plot with its title above and its key below, in a drawing that stands alone.
  const picture = () => {
    const panel = shown();
    const font = getComputedStyle(explorer).fontFamily;
    const titles = panel.querySelector("caption").textContent.split(/; |；/).map((line, place) =>
      svg("text", { x: 12, y: 24 + 20 * place, "font-size": place ? 12 : 15, "font-weight": place ? "normal" : "bold" }, line));
    const key = [...panel.querySelectorAll(".explorer-key li")].flatMap((entry, place) => {
      const [x, y] = [48 + 236 * (place % 3), 436 + 22 * Math.floor(place / 3)];
      return [placed(entry.querySelector("svg"), { x, y }), svg("text", { x: x + 36, y: y + 11, "font-size": 12 }, entry.textContent.trim())];
    });
    const plot = placed(panel.querySelector(".explorer-plot > svg"), { x: 48, y: 64, width: 690, height: 330 });
    const sheet = svg("rect", { width: 760, height: 510, fill: "white" });
    return svg("svg", { viewBox: "0 0 760 510", width: 760, height: 510, color: "#111827", fill: "#111827", "font-family": font }, sheet, ...titles, plot, ...key);
  };

  const painted = async (drawing) => {
    const image = Object.assign(new Image(), { src: URL.createObjectURL(drawing) });
    await image.decode();
    URL.revokeObjectURL(image.src);
    const canvas = Object.assign(document.createElement("canvas"), { width: 2 * image.width, height: 2 * image.height });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve));
  };

  const files = {
    csv: () => new Blob(["\ufeff", ...rows().map((row) => `${row.map(csvCell).join(",")}\r\n`)], { type: "text/csv" }),
    svg: () => new Blob([new XMLSerializer().serializeToString(picture())], { type: "image/svg+xml" }),
    png: () => painted(files.svg()),
  };
  const save = async (kind) => {
    const href = URL.createObjectURL(await files[kind]());
    Object.assign(document.createElement("a"), { href, download: `${["scenario", ...Object.values(settings())].join("_")}.${kind}` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
  };

  explorer.querySelector(".explorer-tools").addEventListener("click", async ({ target }) => {
    const { copy, save: kind } = target.dataset;
    if ((!copy && !kind) || !form.reportValidity()) return;  // what shows is not what is typed
    keep();
    if (kind) return save(kind);
    copied.textContent = await navigator.clipboard.writeText(copy === "numbers" ? numbers() : location.href)
      .then(() => copied.dataset.done, () => copied.dataset.failed);
  });
  restore();
}
