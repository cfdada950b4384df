// Put the interactive chart in the place of each static one, as wide as the page allows.
for (const chart of document.querySelectorAll(".chart")) {
  const view = chart.querySelector(".chart-view");
  const spec = JSON.parse(chart.querySelector("script").textContent);
  spec.width = "container";
  spec.autosize = { type: "fit-x", contains: "padding" };
  if (view.clientWidth < 500) spec.config.legend.columns = 1;
  vegaEmbed(view, spec, { renderer: "svg", actions: { export: true, source: false, compiled: false, editor: false } })
    .then(() => chart.classList.add("chart-ready"))
    .catch((error) => console.error(error));
}
