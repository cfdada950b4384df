// Set the mathematics of a page a paragraph at a time, each in a task of its own: the page answers in between, and the
// lines of a paragraph move once.
const paragraphs = new Map();
for (const formula of document.querySelectorAll(".math")) {
  const paragraph = formula.closest("p, li, dd, td") ?? formula;
  paragraphs.set(paragraph, [...(paragraphs.get(paragraph) ?? []), formula]);
}
MathJax.startup = {
  ready: () => setTimeout(() => MathJax.startup.defaultReady()),
  pageReady: async () => {
    for (const formulas of paragraphs.values()) {
      await MathJax.typesetPromise(formulas);
      await new Promise((resolve) => setTimeout(resolve));
    }
  },
};
const src = new URL("mathjax/startup.js", document.currentScript.src).href;
document.head.append(Object.assign(document.createElement("script"), { src }));
