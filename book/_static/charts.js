// Put the interactive chart in the place of each static one, as wide as the page allows.
const wrap = (text, limit) =>
  text.split(" ").reduce((lines, word) => {
    const longer = `${lines.at(-1)} ${word}`.trim();
    return longer.length <= limit ? [...lines.slice(0, -1), longer] : [...lines, word];
  }, [""]);

const draw = async (view, width) => {
  const chart = view.closest(".chart");
  const spec = JSON.parse(chart.querySelector("script").textContent);
  spec.width = width;
  spec.autosize = { type: "fit-x", contains: "padding" };
  spec.title = wrap(spec.title.join(" "), width / 9.5);
  if (width < 500) spec.config.legend.columns = 1;
  const drawn = await vegaEmbed(view, spec, { renderer: "svg", actions: false, logLevel: 1 });
  for (const format of ["svg", "png"]) {
    chart.querySelector(`[download="chart.${format}"]`)?.remove();
    const link = Object.assign(document.createElement("a"), {
      textContent: format.toUpperCase(),
      download: `chart.${format}`,
      href: await drawn.view.toImageURL(format, format === "png" ? 2 : 1),
    });
    chart.querySelector(".chart-data").append(" ", link);
  }
  chart.classList.add("chart-ready");
};

// Called once for each chart at the start, and again whenever the page gives it another width.
const widths = new WeakMap();
const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (widths.get(target) === target.clientWidth) continue;
    widths.set(target, target.clientWidth);
    draw(target, target.clientWidth).catch((error) => console.error(error));
  }
});
for (const view of document.querySelectorAll(".chart-view")) observer.observe(view);
