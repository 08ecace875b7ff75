// Numbers of a reader for equations that can be tried: the mean and the standard deviation of a column that is pasted,
// and a row of a table. Nothing leaves the page.
(() => {
  const { give } = customElements.get("live-equation");
  const count = (number, one, more) => `${number} ${number === 1 ? one : more}`;
  // A comma parts numbers, unless it is the only mark in one (1,5) or stands before thousands and decimals (1,234.5).
  const split = (entry) => (/^[^,.]*\d,\d[^,.]*$/.test(entry) ? entry.replace(",", ".") : /^\D?\d{1,3}(,\d{3})+\.\d*$/.test(entry) ? entry.replaceAll(",", "") : entry.split(","));

  document.querySelectorAll(".live-column").forEach((place) => {
    const { mean, std } = place.dataset;
    place.innerHTML = `<label for="column">Paste a column of numbers, to take its mean and standard deviation</label>
      <textarea id="column" rows="3" autocomplete="off" spellcheck="false"></textarea><p aria-live="polite"></p>`;
    const [, field, said] = place.children;
    field.oninput = () => {
      const entries = field.value.replaceAll("−", "-").split(/[\s;]+/).flatMap(split).filter(Boolean);
      const numbers = entries.map(Number).filter(Number.isFinite);
      const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
      const m = average(numbers), s = Math.sqrt(average(numbers.map((value) => (value - m) ** 2)));
      const left = entries.length - numbers.length;
      said.textContent = [
        numbers.length && `${count(numbers.length, "number", "numbers")}, mean ${+m.toPrecision(6)}, standard deviation ${+s.toPrecision(6)}.`,
        s === 0 && "Numbers that do not differ are not taken over.",
        left && `${count(left, "entry is no number", "entries are no numbers")}.`,
      ].filter(Boolean).join(" ").replaceAll("-", "−");
      if (s > 0) give({ [mean]: m, [std]: s });
    };
  });

  document.querySelectorAll(".live-table").forEach((table) => {
    const letters = table.dataset.letters.split(" ");
    table.querySelectorAll("tbody tr").forEach((row) => {
      const [name, ...cells] = row.cells, button = document.createElement("button");
      button.type = "button";
      button.textContent = "use";
      button.ariaLabel = `use the numbers of ${name.textContent}`;
      button.onclick = () => give(Object.fromEntries(letters.map((x, i) => [x, Number(cells[i].textContent.replace("−", "-"))])));
      name.append(" ", button);
    });
  });
})();
