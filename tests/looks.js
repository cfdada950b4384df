// Return the first element of each look on the page, which is in view where a table scrolls:
// the same colours, size and weight of text have the same contrast.
(() => {
  const grounds = new Map([[null, ""]]);
  const ground = (element) => {  // what lies behind its text, from the outside in
    if (!grounds.has(element)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
      const own = [backgroundColor, backgroundImage, opacity].join();
      grounds.set(element, ground(element.parentElement) + (own === "rgba(0, 0, 0, 0),none,1" ? "" : own));
    }
    return grounds.get(element);
  };
  const look = (element) => {
    const { color, fontSize, fontWeight, textDecorationLine } = getComputedStyle(element);
    return [element.localName, color, fontSize, fontWeight, textDecorationLine, ground(element)].join();
  };
  const words = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim().length > 1;
  const shown = [...document.body.querySelectorAll("*:not(svg *)")].filter(
    (element) => [...element.childNodes].some(words) && element.checkVisibility({ visibilityProperty: true }),
  );
  return [...new Map(shown.toReversed().map((element) => [look(element), element])).values()];
})()
