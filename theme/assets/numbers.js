// Numbers of a reader for equations that can be tried: the mean and the standard deviation of a column that is pasted,
// and a row of a table. Nothing leaves the page.
(() => {
  const { give } = customElements.get("live-equation");

  document.querySelectorAll(".live-column").forEach((place) => {
    const { mean, std } = place.dataset;
    place.innerHTML = `<label for="column">Paste a column of numbers, to take its mean and standard deviation</label>
      <textarea id="column" rows="3" autocomplete="off" spellcheck="false"></textarea><p aria-live="polite"></p>`;
    const [, field, said] = place.children;
    field.oninput = () => {
      const entries = field.value.replace(/(\d),(?=\d+(\s|;|$))/g, "$1.").split(/[\s;,]+/).filter(Boolean);
      const numbers = entries.map((entry) => Number(entry.replace("−", "-"))).filter(Number.isFinite);
      const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
      const m = average(numbers), s = Math.sqrt(average(numbers.map((value) => (value - m) ** 2)));
      const left = entries.length - numbers.length, skipped = left ? ` ${left} entries are no numbers.` : "";
      said.textContent = numbers.length > 1 ? `${numbers.length} numbers, mean ${+m.toPrecision(6)}, standard deviation ${+s.toPrecision(6)}.${skipped}` : skipped;
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
