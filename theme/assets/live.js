// <live-equation>: a reader changes letters of an equation, and others follow. Data: evidence/extras/live.py.
// Open equations share letters. The address has the state: ?try=EQUATION;LETTER=VALUE;LETTER.
(() => {
  const at = { "#pi": Math.PI, "#e": Math.E }, about = {};  // values of letters; names and ranges
  const follow = new Set(), loose = new Set();  // computed letters; those whose equation closed
  let forms = [], touched = [];  // open equations; what the reader set

  const isCount = (value) => Number.isInteger(value) && value >= 0;
  const operators = {
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    "*": (a, b) => a * b,
    "/": (a, b) => a / b,
    "^": (a, b) => a ** b,
    binom(n, k) {
      let value = isCount(n) && isCount(k) ? Number(k <= n) : NaN;
      for (let i = 1; i <= Math.min(k, n - k) && value < Infinity; i++) value *= (n - i + 1) / i;
      return value;
    },
  };
  function evaluate(e, at) {  // a number, a letter, or a list: operator, operands
    if (!Array.isArray(e)) return at[e] ?? e;
    const [name, ...parts] = e;
    if (name !== "sum") return (operators[name] ?? Math[name])(...parts.map((part) => evaluate(part, at)));
    const [index, first, last, term] = parts, [from, to] = [evaluate(first, at), evaluate(last, at)];
    let total = [from, to].every((end) => Number.isInteger(end) && Math.abs(end) <= 1e5) && from <= to ? 0 : NaN;  // as in Python
    for (let k = from; k <= to && !isNaN(total); k++) total += evaluate(term, { ...at, [index]: k });
    return total;
  }
  const lettersOf = (e) => (Array.isArray(e) ? e.slice(1).flatMap(lettersOf) : typeof e === "string" && e[0] !== "#" ? [e] : []);

  // Each =, or the first ≈, is solved for a letter that stands alone or is new there.
  function pairsOf(chain) {
    const sign = chain.includes("=") ? "=" : "≈";
    return chain.flatMap((relation, i) => {
      if (relation !== sign || (sign === "≈" && i !== chain.indexOf(sign))) return [];
      const [left, right] = [chain[i - 1], chain[i + 1]], [a, b] = [lettersOf(left), lettersOf(right)];
      const alone = [...a.filter((x) => x === left && !b.includes(x)), ...b.filter((x) => x === right && !a.includes(x))];
      const letters = [...new Set([...a, ...b])], before = lettersOf(["", ...chain.slice(0, i).filter((_, j) => j % 2 < 1)]);
      const rest = letters.length < 2 ? [] : i > 1 ? b.filter((x) => !before.includes(x)) : letters;
      return [{ chain, sign, left, right, letters, alone, order: [...alone, ...rest] }];
    });
  }
  const pairs = () => forms.flatMap((form) => form.pairs);
  function propagate(unknown, pairs, solve) {  // solve what has one unknown; returns what stays unknown
    const open = new Set(unknown);
    for (let count; count !== open.size;) {
      count = open.size;
      for (const pair of pairs) {
        const [x, more] = pair.letters.filter((letter) => open.has(letter));
        if (x && !more) solve(pair, x), open.delete(x);
      }
    }
    return open;
  }
  const solvable = (letters, among = pairs()) => {  // and no pair that was solved is left over
    const used = [];
    return !propagate(letters, among, (pair) => used.push(pair)).size && among.every((pair) => !pair.solved || used.includes(pair));
  };

  // Where two sides agree: at once, or by bisection on a grid.
  function solutions({ left, right, alone }, x) {
    if (alone.includes(x)) return [evaluate(x === left ? right : left, at)].filter(isFinite);
    const { low, high } = about[x], local = { ...at }, found = [];
    const sides = (value) => ((local[x] = value), [evaluate(left, local), evaluate(right, local)]);
    const gap = (value) => sides(value).reduce(operators["-"]);
    const points = new Set([0, at[x]]);
    for (let i = -320; i <= 320; i++) for (const p of [10 ** (i / 32), -(10 ** (i / 32)), low + ((high - low) * (i + 320)) / 640]) points.add(p);
    const fits = (p) => (p >= 0 || low < 0) && isFinite(gap(p));
    const grid = [...points].filter(fits).sort((a, b) => a - b), gaps = grid.map(gap);
    found.any = gaps.every((y) => !y);
    grid.forEach((a, i) => {
      let b = grid[i + 1];
      if (gaps[i] && !(gaps[i] * gaps[i + 1] < 0)) return;
      for (let c; gaps[i] && (c = (a + b) / 2) > a && c < b;) if (gap(c) * gaps[i] > 0) a = c; else b = c;
      const [y, z] = sides(a);
      if (Math.abs(y - z) < 1e-9 * (Math.abs(y) + Math.abs(z)) + 1e-15) found.push(a);  // and no pole
    });
    return found;
  }

  function settle() {
    for (const pair of pairs()) pair.note = pair.solved = "";
    for (const x in at) if (isNaN(at[x]) && !follow.has(x)) at[x] = about[x].start;  // it was computed, without a solution
    propagate(follow, pairs(), (pair, x) => {
      const { low, high, start, plain } = about[x], found = solutions(pair, x), old = at[x] || start;
      found.sort((a, b) => Math.abs(a - old) - Math.abs(b - old));
      const best = found.find((root) => root >= low && root <= high) ?? found[0] ?? NaN, others = found.filter((root) => root !== best);
      if (!found.length) pair.note = `No solution for ${plain} was found.`;
      else if (found.any) pair.note = `True for any ${plain}.`;
      else if (others.length) pair.note = `${plain} may also be ${others.slice(0, 3).map((root) => text(root)).join(" or ")}${others.length > 3 ? " …" : "."}`;
      at[x] = best;
      pair.solved = x;
    });
    for (const form of forms) form.render();
  }
  const text = (x, digits = 5) => {
    const short = +x.toPrecision(digits);
    return (Math.abs(short) < 1e-4 && short ? short.toExponential() : String(short)).replace("Infinity", "∞").replace("NaN", "");
  };
  const read = (said) => {  // −3, 1,5, 10,000, 1e5
    const plain = said.replace(/\s/g, "").replaceAll("−", "-");
    return +(plain.replaceAll(",", /^-?[1-9]\d?\d?(,\d{3})+(?![\d,])/.test(plain) ? "" : ".") || NaN);
  };

  // A reader sets a letter. If it was computed, another is: what was set longest ago.
  function give(x, value) {
    if (!isFinite(value)) return;
    if (follow.delete(x)) {
      const near = pairs().filter((pair) => pair.letters.includes(x)).flatMap((pair) => pair.letters);
      const order = (y) => touched.findIndex(([z]) => y === z), all = near.concat(...forms.map((form) => form.letters));
      const other = all.sort((a, b) => order(a) - order(b)).find((y) => y !== x && !follow.has(y) && solvable([...follow, y]));
      follow.add(other ?? x);
      if (!other) return;
    }
    at[x] = value;
    loose.delete(x);
    touch(x, value);
  }
  // A reader wants a letter computed. Another is given, of the same equation if possible.
  function want(x) {
    const near = forms.filter((form) => form.letters.includes(x)).flatMap((form) => form.letters);
    const computed = [...follow].sort((a, b) => near.includes(b) - near.includes(a));
    const other = !follow.has(x) && computed.find((y) => solvable([...computed.filter((z) => z !== y), x]));
    if (!other) return;
    follow.delete(other);
    follow.add(x);
    touch(x);
    touch(other, (at[other] = +at[other].toPrecision(5)));
  }
  const touch = (x, value) => (touched = [...touched.filter(([y]) => y !== x), [x, value]]);
  const slug = (x) => x.replace(/[\\{}]/g, "");
  function note() {
    const address = new URL(location), said = touched.map(([x, value]) => slug(x) + (value === undefined ? "" : `=${at[x]}`));
    address.searchParams.set("try", [...forms.map((form) => form.name), ...said].join(";"));
    if (!forms.length) address.searchParams.delete("try");
    history.replaceState(history.state, "", address);
  }

  customElements.define("live-equation", class extends HTMLElement {
    static evaluate = evaluate;
    static give = (values) => { for (const x in values) if (x in at) give(x, values[x]); settle(); note(); };

    connectedCallback() {
      Object.assign(this, JSON.parse(this.getAttribute("data")));
      this.pairs = this.chains.flatMap(pairsOf);
      this.known = this.letters;
      this.letters = this.known.map(([x]) => x);
      this.name = this.closest(".equation").id.replace("equation-", "");
      this.button = this.querySelector("button");
      this.button.onclick = () => { this.form ? this.close() : this.open(); settle(); note(); };
      this.button.ariaExpanded = false;
      if (this.hasAttribute("open")) this.open();
    }
    open() {
      const group = this.getAttribute("group");
      for (const form of forms) if (group && form.getAttribute("group") === group) form.close();
      const fresh = this.letters.filter((x) => !(x in at) || loose.has(x));
      this.form = document.createElement("div");
      this.form.className = "live";
      this.rows = this.known.map((letter, i) => this.row(letter, i));
      this.said = document.createElement("p");
      this.form.append(...this.rows.map(({ row }) => row), this.said);
      this.append(this.form);
      const done = pairs(), count = (letters) => letters.filter((x) => fresh.includes(x)).length;
      for (const pair of [...this.pairs].sort((a, b) => count(b.alone) - count(a.alone) || count(a.letters) - count(b.letters))) {
        done.push(pair);
        const x = pair.order.find((x) => fresh.includes(x) && !follow.has(x) && solvable([...follow, x], done));
        if (x) follow.add(x), loose.delete(x);
      }
      forms.push(this);
      this.button.ariaExpanded = true;
    }
    close() {
      this.form.remove();
      this.form = undefined;
      forms = forms.filter((form) => form !== this);
      const kept = forms.flatMap((form) => form.letters);
      for (const x of this.letters) if (!kept.includes(x)) delete at[x], follow.delete(x), touched = touched.filter(([y]) => y !== x);
      for (const { solved } of this.pairs) if (follow.delete(solved)) loose.add(solved);
      this.button.ariaExpanded = false;
    }
    row([x, math, name, start, low, high, whole], i) {
      const row = document.createElement("div"), id = `${this.name}-${i}`;
      row.innerHTML = `<label for="${id}"><math>${math}</math> <span></span></label><input type="range" max="1000" tabindex="-1" aria-hidden="true">
        <input type="text" id="${id}" autocomplete="off" inputmode="${low < 0 ? "text" : "decimal"}"><button type="button"></button>`;
      const [label, range, input, button] = row.children, plain = label.firstChild.textContent.replaceAll("\u2061", "");
      label.lastChild.textContent = name;
      at[x] ??= start;
      about[x] = { start, low, high, plain };
      const ratio = low > 0 && high > 9 * low ? high / low : 0;  // a slider over a decade is logarithmic
      const set = (y) => { give(x, y); settle(); };
      range.oninput = () => {
        const t = range.value / 1000, y = ratio ? low * ratio ** t : low + (high - low) * t;
        set(whole ? Math.round(y) : +y.toPrecision(3));
      };
      input.oninput = () => set(read(input.value));
      input.onkeydown = (press) => {
        const way = { ArrowUp: 1, ArrowDown: -1 }[press.key];
        if (!way) return;
        press.preventDefault();
        input.value = text(at[x] + way * (whole ? 1 : 10 ** Math.floor(Math.log10(Math.abs(at[x]) || 1) - 1)), 10);
        set(+input.value);
        note();
      };
      range.onchange = input.onchange = () => { note(); this.render(); };
      button.onclick = () => { want(x); settle(); note(); };
      return { row, x, render: () => {
        if (document.activeElement !== input) input.value = text(at[x], touched.some(([y, own]) => y === x && own === at[x]) ? 10 : 5);
        range.value = 1000 * (ratio ? Math.log(at[x] / low) / Math.log(ratio) : (at[x] - low) / (high - low));
        button.ariaPressed = follow.has(x);
        button.textContent = follow.has(x) ? "follows" : "solve";
        button.ariaLabel = `${button.textContent} ${plain}`;
      } };
    }
    render() {
      for (const row of this.rows) row.render();
      const values = this.pairs.map(({ solved: x }) => x && !Number.isNaN(at[x]) && `${about[x].plain} = ${text(at[x])}.`);
      this.said.ariaLive = this.contains(document.activeElement) ? "polite" : "off";
      this.said.textContent = [...values, ...this.pairs.map((pair) => pair.note), ...this.chains.map((chain) => this.judge(chain))].filter(Boolean).join(" ").replaceAll("-", "−");
    }
    // The sides, and how far apart they are.
    judge(chain) {
      const solved = this.pairs.find((pair) => pair.chain === chain && pair.solved);
      const sides = chain.map((side, i) => (i % 2 ? side : evaluate(side, at)));
      if (sides.some(Number.isNaN)) return "";
      const notes = sides.map((sign, i) => {
        if (i % 2 < 1) return "";
        if (sign === "≈" && solved?.sign === sign) return `≈ is good to ${text(100 * this.near)}%.`;
        const [a, b] = [sides[i - 1], sides[i + 1]], gap = a === b ? 0 : (b - a) / Math.min(Math.max(Math.abs(a), Math.abs(b), 1e-300), 1e300), way = /[<≤]/.test(sign) ? gap : -gap;
        const holds = sign === "=" ? Math.abs(gap) < 1e-7 : /[<>]/.test(sign) ? way > 0 : way >= -1e-9, by = Math.abs(gap) < 1e-9 ? "nothing" : `${text(Math.abs(100 * gap), 2)}%`;
        return sign === "≈" ? `≈ is off by ${by}.` : !holds ? `${sign} does not hold, by ${by}.` : sign === "=" ? "" : `${sign} holds, by ${by}.`;
      }).filter(Boolean);
      const shown = chain.length > 3 || !solved || (notes.length && solved.sign === "=");
      return `${shown ? `${sides.map((side, i) => (i % 2 ? side : text(side))).join(" ")}. ` : ""}${notes.join(" ")}`;
    }
  });

  const said = new URLSearchParams(location.search).get("try")?.split(";");
  settle();
  for (const form of forms) if (said && !said.includes(form.name)) form.close();
  for (const [key, value] of said?.map((x) => x.split("=")) ?? []) {
    const form = document.querySelector(`#equation-${CSS.escape(key)} live-equation`);
    if (form && !form.form) form.open();
    const x = Object.keys(about).find((x) => slug(x) === key);
    if (x) value === undefined ? want(x) : give(x, read(value));
  }
  settle();
})();
