// The ranking of what is found: pages that say most of the query's rare words, best in its order, in one place.
// lunr adds up all words of the index that begin as a word of the query does, so that “1.0” finds pages with many
// numbers; it knows “initialized” and “initialization” as strangers, and finds something for everything.
(() => {
  const { Index, Token, idf, stemmer } = lunr, plain = Index.prototype.search;
  const KIN = 0.8, BEGUN = 0.5;  // worth of a word with the same stem, and of one that only begins as the reader's does
  const SECTION = 0.7, SCATTERED = 0.3;  // of words in a section, and of words all over a page
  const LEAST = 0.3, UNKNOWN = 5;  // share of the query that some page must say; what an unknown word counts there
  const PAIR = 1.2;  // worth of neighbors
  const TITLE = 0.5;  // by how much a short title counts more than a long one
  const SHOWN = 0.2;  // share of the best page's score
  const NUMBER = /^[\d.]+$/, DIGIT = /^\d$/;
  const stem = (word) => String(stemmer(new Token(word)));
  const pageOf = (ref) => ref.split("#")[0];
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  const search = (below, count) => {  // the first of so many places that is not below
    let low = 0;
    while (low < count) { const middle = (low + count) >> 1; if (below(middle)) low = middle + 1; else count = middle; }
    return low;
  };

  const areNeighbors = (one, two) => one.some((at) => two.some((other) => Math.abs(at - other) < 3));

  function survey(index) {
    const words = Object.keys(index.invertedIndex).sort(), families = {}, refs = Object.keys(index.fieldVectors);
    for (const word of words) (families[stem(word)] ??= []).push(word);
    const pages = new Set(refs.map((ref) => pageOf(ref.slice(ref.indexOf("/") + 1)))).size;
    return { words, families, pages, documents: refs.length / index.fields.length };
  }

  // Words of the index that a reader's word stands for, to their worth. The last one may not be complete yet.
  function relatives({ words, families }, word, isLast) {
    const found = new Map(), first = search((i) => words[i] < word, words.length), whole = words[first] === word;
    if (whole) found.set(word, 1);
    for (const other of families[stem(word)] ?? []) if (!found.has(other)) found.set(other, KIN);
    if (NUMBER.test(word) ? whole || !isLast : word.length < 3 && !isLast) return found;
    for (let i = first; words[i]?.startsWith(word); i++) if (!found.has(words[i])) found.set(words[i], isLast && !whole ? 1 : BEGUN);
    return found;
  }

  // A word that no page has may be two that pages have: minibatch.
  function parts({ invertedIndex, known }, word) {
    if (relatives(known, word, true).size) return [word];
    for (let at = 3; at < word.length - 2; at++) {
      const pair = [word.slice(0, at), word.slice(at)], [one, two] = pair.map((part) => invertedIndex[part]?.text);
      if (one && two && Object.keys(one).some((ref) => ref in two && areNeighbors(one[ref].position, two[ref].position))) return pair;
    }
    return [word];
  }

  // A digit is found, but neither marked on the page that opens nor called missing.
  const keeps = lunr.stopWordFilter;
  lunr.stopWordFilter = (word) => (DIGIT.test(word) && !(word instanceof Token) ? undefined : keeps(word));
  lunr.Pipeline.registerFunction(lunr.stopWordFilter, "keepDigits");

  Index.prototype.search = function (said) {
    if (/[+~^:]|(^|\s)-[^\d\s]/.test(said)) return plain.call(this, said);  // as quotations and operators ask
    const known = (this.known ??= survey(this)), documents = new Map();  // each to what it says of each word
    const entries = said.toLowerCase().replace(/\*|(^|\s)-/g, " ").split(lunr.tokenizer.separator);
    const whole = entries.filter(Boolean).flatMap((word) => parts(this, word));
    const words = [...new Set(whole)].filter((word, place, { length }) => (place === length - 1 || lunr.stopWordFilter(new Token(word))));
    const rareness = (count) => Math.log(1 + (known.pages - count + 0.5) / (count + 0.5));  // of a word on so many pages
    const rarity = words.map((word, place) => {
      const found = relatives(known, word, place === words.length - 1), pages = new Set();
      const postings = [...found].map(([other, worth]) => [this.invertedIndex[other], worth]);
      for (const [posting] of postings) for (const field of this.fields) for (const ref in posting[field]) pages.add(pageOf(ref));
      const rare = rareness(pages.size);
      for (const [posting, worth] of postings) for (const field of this.fields) for (const ref in posting[field]) {
        if (!documents.has(ref)) documents.set(ref, []);
        const { scores, fields } = (documents.get(ref)[place] ??= { scores: {}, fields: {} });
        const { elements } = this.fieldVectors[`${field}/${ref}`];  // place, weight, place, weight, …
        const count = elements.length / 2, at = search((i) => elements[2 * i] < posting._index, count);
        const part = field === "title" ? (1 + TITLE) / (1 + (TITLE * count) / 6) : 1;
        scores[field] = Math.max(scores[field] ?? 0, (part * worth * elements[2 * at + 1] * rare) / idf(posting, known.documents));
        (fields[field] ??= { position: [] }).position.push(...posting[field][ref].position);
      }
      return pages.size ? rare : UNKNOWN;
    });
    const score = (says) => sum(Object.values(says?.scores ?? {}));
    const covered = (scores) => sum(rarity.filter((_, place) => scores[place])) / sum(rarity);
    const total = (scores) => sum(scores) * Math.sqrt(covered(scores));
    // Neighbors in the query that are neighbors in a text count as another word, as rare as they are together.
    const pairs = words.slice(1).map((_, place) => {
      const near = [...documents].filter(([, says]) => this.fields.some((field) => {
        const [one, two] = [says[place], says[place + 1]].map((word) => word?.fields[field]?.position);
        return one && two && areNeighbors(one, two);
      })).map(([ref]) => ref);
      return { near: new Set(near), rare: rareness(new Set(near.map(pageOf)).size) };
    });
    const together = (ref) => PAIR * sum(pairs.filter(({ near }) => near.has(ref)).map(({ rare }) => rare));

    const pages = {};
    for (const [ref, document] of documents) (pages[pageOf(ref)] ??= []).push([ref, document, words.map((_, place) => score(document[place]))]);
    const ranked = Object.entries(pages).map(([page, parts]) => {
      const weight = (ref) => (ref === page ? 1 : SECTION);
      const all = words.map((_, place) => Math.max(...parts.map(([ref, , scores]) => weight(ref) * scores[place])));
      const own = new Map(parts.map(([ref, document, scores]) => [ref, weight(ref) * (total(scores) + together(ref) * Math.sqrt(covered(scores)))]));
      const best = Math.max(...own.values());
      return { page, parts, own, best, covers: covered(all), score: SCATTERED * total(all) + (1 - SCATTERED) * best };
    });
    const most = Math.max(...ranked.map(({ score }) => score));
    if (!ranked.some(({ covers }) => covers >= LEAST)) return [];
    return ranked.filter(({ score }) => score >= SHOWN * most).flatMap(({ page, parts, own, best, score }) => {
      if (!own.has(page)) parts.push([page, []]);
      return parts.map(([ref, document]) => {
        const metadata = {};
        document.forEach(({ fields }, place) => { metadata[DIGIT.test(words[place]) ? `#${words[place]}` : words[place]] = fields; });
        const share = (ref === page) + Object.keys(metadata).length / words.length;  // by which the theme multiplies
        return { ref, score: (ref === page ? score : (score * own.get(ref)) / best * 0.99) / (1 + share ** 2), matchData: { metadata } };
      });
    }).sort((a, b) => b.score - a.score);
  };
})();
