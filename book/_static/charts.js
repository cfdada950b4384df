// Put the interactive chart in the place of each static one, as wide as the page allows, when it comes near the view.
const library = new URL("vega.js", document.currentScript.src).href;
let loading;
const load = () =>
  (loading ??= new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: library, onload: resolve, onerror: reject });
    document.head.append(script);
  }));

// A chart is drawn in steps, each a task of its own, so that the page answers in between. An operator on the data's way to
// the picture begins a new task when the last one has taken this many ms; the picture always does.
const STEP = 20;
const pause = () => new Promise((resolve) => setTimeout(resolve));
let begun;
const rest = async () => {
  await pause();
  begun = performance.now();
};
const rested = (operator) => {
  const run = operator.run;
  const go = (pulse) => run.call(operator, pulse);
  operator.run = (pulse) => (performance.now() - begun < STEP ? go(pulse) : rest().then(() => go(pulse)));
  return operator;
};
const paced = (View) =>
  class extends View {
    add(...operator) {
      return rested(super.add(...operator));
    }
    async evaluate(...change) {
      await rest();
      this.runAfter(rest, true);
      return super.evaluate(...change);
    }
  };

// A line may end after a word, and after a Chinese character with the stops behind it; such a character is twice as wide.
const WORD = /[\u2e80-\uffef][，。、；：？！）》”’]*|[^\s\u2e80-\uffef]+\s*|\s/gu;
const size = (text) => text.length + (text.match(/[\u2e80-\uffef]/gu)?.length ?? 0);
const wrap = (text, limit) =>
  text.match(WORD).reduce((lines, word) => {
    const longer = lines.at(-1) + word;
    return size(longer.trimEnd()) <= limit ? [...lines.slice(0, -1), longer] : [...lines, word];
  }, [""]).map((line) => line.trim());

// On a small screen a legend has a line for each series, and the titles of axes are wrapped; both end where the plot ends.
// Beyond it there is room for half of the last year.
const narrow = (spec, width) => {
  spec.padding = { left: 5, top: 5, bottom: 5, right: 14 };
  Object.assign(spec.config.legend, { columns: 1, layout: { anchor: "end" } });
  spec.config.axisX = { ...spec.config.axisX, titleAnchor: "end" };
  for (const { encoding } of spec.layer ?? [spec]) {
    if (encoding?.x?.title) encoding.x.title = wrap(encoding.x.title, width / 7);
  }
};

// ast: expressions are interpreted, as the pages' policy forbids code from text.
const OPTIONS = {
  renderer: "svg", actions: false, logLevel: 1, ast: true, hover: false, defaultStyle: false,
  tooltip: { disableDefaultStyle: true },
};
// The library compiles and draws at once; handed an empty drawing in between, it compiles.
const compile = async (spec) => {
  let compiled;
  const patch = (drawing) => ((compiled = drawing), { $schema: drawing.$schema });
  const { view } = await vegaEmbed(document.createElement("div"), spec, { ...OPTIONS, patch });
  return [compiled, view.constructor];
};

const draw = async (view, width) => {
  if (!window.vegaEmbed) await load();
  await pause();
  const chart = view.closest(".chart");
  const spec = JSON.parse(chart.querySelector("script").textContent);
  spec.width = width;
  spec.autosize = { type: "fit-x", contains: "padding" };
  spec.title = wrap(spec.title.join(" ").replace(/(?<=[\u2e80-\uffef]) (?=[\u2e80-\uffef])/gu, ""), width / 9.5);
  if (width < 500) narrow(spec, width);
  const [drawing, View] = await compile(spec);
  await pause();
  const drawn = document.createElement("div");  // beside the page, where the static chart stays till the end
  await vegaEmbed(drawn, drawing, { ...OPTIONS, viewClass: paced(View) });
  view.replaceChildren(...drawn.childNodes);
  view.classList.add("vega-embed");
  chart.classList.add("chart-ready");
};

// Called once for each chart that comes near, and again whenever the page gives it another width; one chart after the other.
let last = Promise.resolve();
const widths = new WeakMap();
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (!target.clientWidth || widths.get(target) === target.clientWidth) continue;  // no width: hidden
    widths.set(target, target.clientWidth);
    last = last.then(() => draw(target, widths.get(target))).catch((error) => console.error(error));
  }
});
const near = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      resized.observe(target);
    }
  },
  { rootMargin: "50%" },
);
for (const view of document.querySelectorAll(".chart-view")) near.observe(view);
