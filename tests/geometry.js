// What is wrong with the geometry of a page as it stands, as sentences: what overlaps, is cropped, too small, wider than
// its column, outside of its card, or in a row with what is not its kind.
() => {
  const SMALLEST = 11, found = new Set(), names = new Map();
  const name = (e) => {
    if (!names.has(e)) names.set(e, `<${e.localName}${e.id ? "#" + e.id : e.classList[0] ? "." + e.classList[0] : ""}>`);
    return names.get(e);
  };
  const quote = (e) => `${name(e)} “${(e.textContent || e.alt || "").trim().replace(/\s+/g, " ").slice(0, 40)}”`;
  const styles = new Map();
  const style = (e) => { if (!styles.has(e)) styles.set(e, getComputedStyle(e)); return styles.get(e); };
  const seen = new Map();
  const visible = (e) => {  // and not in what follows the reader
    if (!e || e === document.documentElement) return true;
    if (!seen.has(e)) {
      const s = style(e);
      const out = s.visibility !== "visible" || s.opacity === "0" || s.position === "fixed" || !e.checkVisibility() ||
        e.matches(".md-header, .md-nav__title, .md-skip, .md-search, .md-top, .md-dialog, .headerlink, [hidden], [data-md-component=announce]");
      seen.set(e, !out && visible(e.parentElement));
    }
    return seen.get(e);
  };
  const scrolls = (e) => /auto|scroll/.test(style(e).overflowX) && e.scrollWidth > e.clientWidth;
  const boxes = new Map();
  const box = (e) => { if (!boxes.has(e)) boxes.set(e, e.getBoundingClientRect()); return boxes.get(e); };
  const windows = new Map();
  const windowOf = (e) => {  // the part of the page in which an element is seen
    if (!e || e === document.documentElement) return [-Infinity, -Infinity, Infinity, Infinity];
    if (!windows.has(e)) {
      let [left, top, right, bottom] = windowOf(e.parentElement);
      const s = style(e), b = box(e);
      if (s.overflowX !== "visible") [left, right] = [Math.max(left, b.left), Math.min(right, b.right)];
      if (s.overflowY !== "visible") [top, bottom] = [Math.max(top, b.top), Math.min(bottom, b.bottom)];
      windows.set(e, [left, top, right, bottom]);
    }
    return windows.get(e);
  };
  const clipped = (rect, e) => {
    const [left, top, right, bottom] = windowOf(e);
    return { left: Math.max(left, rect.left), top: Math.max(top, rect.top), right: Math.min(right, rect.right), bottom: Math.min(bottom, rect.bottom) };
  };
  const loose = new Map();
  const isFree = (e) => {  // it may be wider than its column, in something that scrolls
    if (!e || e === document.documentElement) return false;
    if (!loose.has(e)) loose.set(e, scrolls(e) || isFree(e.parentElement));
    return loose.get(e);
  };

  // Everything that is seen: words line by line, formulas whole, pictures, controls.
  const things = [];
  const add = (e, rect, shrink) => {
    const { left, top, right, bottom } = clipped(rect, e), part = shrink * (bottom - top);
    if (right - left > 2 && bottom - top > 2) things.push({ e, left: left + 1, right: right - 1, top: top + part, bottom: bottom - part });
  };
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const columns = new Map();
  const column = (e) => {  // the box that a line of text must not leave
    if (!columns.has(e)) {
      let block = e;
      while (/^(inline|contents)/.test(style(block).display) && block.parentElement) block = block.parentElement;
      columns.set(e, block);
    }
    return columns.get(e);
  };
  for (let node; (node = words.nextNode());) {
    const e = node.parentElement;
    if (!node.data.trim() || !visible(e) || e.closest("math, svg, script, style, noscript, option, title")) continue;
    if (parseFloat(style(e).fontSize) < SMALLEST) found.add(`smaller than ${SMALLEST} px: ${quote(e)}`);
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter((r) => r.width > 1);
    const block = column(e), edge = box(block), free = isFree(block);
    for (const rect of rects) {
      if (!free && (rect.right > edge.right + 1.5 || rect.left < edge.left - 1.5)) found.add(`wider than its column: ${quote(block)}`);
      add(e, rect, 0.25);
    }
    for (const whole of node.data.matchAll(/zig-zag/gi)) {
      range.setStart(node, whole.index);
      range.setEnd(node, whole.index + whole[0].length);
      const tops = [...range.getClientRects()].map((r) => Math.round(r.top));
      if (Math.max(...tops) - Math.min(...tops) > 4) found.add(`breaks at its hyphen: ${quote(e)}`);
    }
  }
  for (const e of document.querySelectorAll("math, img, [role=img], input, select, button, summary > svg, .md-icon > svg")) {
    if (!visible(e) || e.parentElement.closest("math")) continue;
    const rect = box(e), free = isFree(e);
    if (e.localName === "math" && parseFloat(style(e).fontSize) < SMALLEST) found.add(`smaller than ${SMALLEST} px: ${quote(e)}`);
    const edge = box(column(e.parentElement));
    if (!free && (rect.right > edge.right + 1.5 || rect.left < edge.left - 1.5)) found.add(`wider than its column: ${quote(e)}`);
    add(e, rect, e.localName === "math" ? 0.25 : 0);
    if (e.localName === "img" && e.complete && e.naturalWidth) {
      const stated = e.getAttribute("width") / e.getAttribute("height");
      if (stated && style(e).objectFit !== "contain" && Math.abs(rect.width / rect.height / stated - 1) > 0.02) found.add(`out of proportion: ${quote(e)}`);
    }
  }

  // Nothing on top of another thing.
  things.sort((a, b) => a.top - b.top);
  const open = [];
  for (const thing of things) {
    for (let i = open.length; i--;) if (open[i].bottom <= thing.top) open.splice(i, 1);
    for (const other of open) {
      if (other.left >= thing.right || thing.left >= other.right || other.e === thing.e) continue;
      if (other.e.contains(thing.e) || thing.e.contains(other.e)) continue;
      found.add(`overlap: ${quote(other.e)} and ${quote(thing.e)}`);
    }
    open.push(thing);
  }

  // Nothing cut off.
  for (const e of document.querySelectorAll("body *")) {
    if (!visible(e) || e.closest("svg, math, select, input")) continue;
    const s = style(e), hides = (way) => /hidden|clip/.test(s[`overflow${way}`]);
    const text = e.textContent.trim();
    if (!text || e.clientWidth < 2) continue;
    if (hides("X") && e.scrollWidth > e.clientWidth + 1 && !(s.overflowX === "hidden" && e.matches(".md-typeset__table, .equation > div"))) found.add(`cropped: ${quote(e)}`);
    if (hides("Y") && e.scrollHeight > e.clientHeight + 2 && !/auto|scroll/.test(s.overflowX)) found.add(`cropped: ${quote(e)}`);
  }
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) found.add(`the page scrolls sideways: ${wide} px of ${innerWidth}`);

  // Only a matrix may be too wide for a line of its own.
  for (const e of document.querySelectorAll(".equation > div:first-child")) {
    if (visible(e) && e.scrollWidth > e.clientWidth + 1 && !e.querySelector('mtable[displaystyle="false"]')) found.add(`scrolls inside itself: ${name(e.parentElement)} ${quote(e)}`);
  }

  // Pictures inside of their cards, and rows of one kind.
  for (const picture of document.querySelectorAll(".cards img")) {
    const [p, card] = [box(picture), box(picture.closest("section") ?? picture.parentElement)];
    if (p.left < card.left - 1 || p.right > card.right + 1 || p.top < card.top - 1 || p.bottom > card.bottom + 1) found.add(`outside of its card: ${quote(picture)} of ${quote(picture.closest("section"))}`);
  }
  for (const grid of document.querySelectorAll(".paths, .cards")) {
    const parts = [...grid.children], kind = (e) => [...e.children].map((c) => c.localName).join();
    for (const part of parts) if (kind(part) !== kind(parts[0])) found.add(`not of the kind of its row: ${quote(part)} in ${name(grid)}`);
    const widths = parts.map((e) => Math.round(box(e).width));
    if (Math.max(...widths) - Math.min(...widths) > 1) found.add(`columns of unequal width: ${name(grid)}`);
    const tops = new Set(parts.map((e) => Math.round(box(e).top))), lefts = new Set(parts.map((e) => Math.round(box(e).left)));
    if (grid.matches(".paths") && tops.size > 1 && lefts.size > 1) found.add(`columns of one kind in ${tops.size} rows: ${name(grid)}`);
    if (tops.size < Math.ceil(parts.length / lefts.size)) found.add(`rows that do not line up: ${name(grid)}`);
  }
  return [...found];
}
