// Put the interactive chart in the place of each static one, as wide as the page allows.
const wrap = (text, limit) =>
  text.split(" ").reduce((lines, word) => {
    const longer = `${lines.at(-1)} ${word}`.trim();
    return longer.length <= limit ? [...lines.slice(0, -1), longer] : [...lines, word];
  }, [""]);

const draw = async (chart) => {
  const view = chart.querySelector(".chart-view");
  const spec = JSON.parse(chart.querySelector("script").textContent);
  spec.width = "container";
  spec.autosize = { type: "fit-x", contains: "padding" };
  spec.title = wrap(spec.title.join(" "), view.clientWidth / 9);
  if (view.clientWidth < 500) spec.config.legend.columns = 1;
  const drawn = await vegaEmbed(view, spec, { renderer: "svg", actions: false, logLevel: 1 });
  for (const format of ["svg", "png"]) {
    const link = Object.assign(document.createElement("a"), {
      textContent: format.toUpperCase(),
      download: `chart.${format}`,
      href: await drawn.view.toImageURL(format, format === "png" ? 2 : 1),
    });
    chart.querySelector(".chart-data").append(" ", link);
  }
  chart.classList.add("chart-ready");
};

for (const chart of document.querySelectorAll(".chart")) draw(chart).catch((error) => console.error(error));
