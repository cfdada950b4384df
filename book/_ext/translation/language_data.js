// What Sphinx's search asks of a language. The index, made by jieba, holds words and their parts; a query is cut into the
// longest words that the index has, so that both are cut alike.
var stopwords = [];

var Stemmer = function () {
  this.stemWord = (word) => word;
};

splitQuery = (query) => {
  const known = (word) => word in Search._index.terms || word in Search._index.titleterms;
  return [...query.toLowerCase().matchAll(/[\u3400-\u9fff]+|[^\s\u3400-\u9fff\p{P}]+/gu)].flatMap(([text]) => {
    if (!/[\u3400-\u9fff]/.test(text)) return [text];
    const words = [];
    for (let at = 0; at < text.length; at += words.at(-1).length) {
      let end = text.length;
      while (end > at + 1 && !known(text.slice(at, end))) end--;
      words.push(text.slice(at, end));
    }
    const longer = words.filter((word) => word.length > 1); // the index has no single characters
    return longer.length ? longer : words;
  });
};
