// Set the mathematics of a page a formula at a time, each in a task of its own, so that the page answers in between.
const formulas = document.querySelectorAll(".math");
MathJax.startup = {
  ready: () => setTimeout(() => MathJax.startup.defaultReady()),
  pageReady: async () => {
    for (const formula of formulas) {
      await MathJax.typesetPromise([formula]);
      await new Promise((resolve) => setTimeout(resolve));
    }
  },
};
const src = new URL("mathjax/startup.js", document.currentScript.src).href;
document.head.append(Object.assign(document.createElement("script"), { src }));
