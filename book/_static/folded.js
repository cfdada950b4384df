// The theme lets the keyboard reach code that scrolls, but finds none in what is folded: it is measured when it opens.
document.addEventListener("toggle", ({ target }) => {
  for (const code of target.querySelectorAll("pre")) code.tabIndex = code.scrollWidth > code.clientWidth ? 0 : -1;
}, true);
