// A verdict laid out: what was found, the failing input with the differing numbers marked, and the checks.
import { element, write } from "/static/views/elements.js";

// The line, from 1, that a verdict speaks of; 0 where it speaks of none.
export function findLine(verdict) {
  const told = [verdict.headline, verdict.findings[0] ?? "", verdict.failing?.got ?? ""].join(" ");
  const found = /\blines? (\d+)/i.exec(told);
  return verdict.accepted || !found ? 0 : Number(found[1]);
}

export function showVerdict(box, verdict) {
  box.replaceChildren();
  box.className = `verdict-box ${verdict.accepted ? "accepted" : "wrong"}`;
  box.append(write("h2", "", `${verdict.accepted ? "✓" : "✗"} ${verdict.headline}`));
  for (const finding of verdict.findings) box.append(write("p", "finding", finding));
  if (verdict.failing) box.append(showCase(verdict.failing));
  for (const remark of verdict.remarks) box.append(write("p", "remark", remark));
  if (verdict.printed.trim()) {
    const printed = element("details", "printed");
    printed.append(element("summary", "", "What your code printed"), element("pre", "", verdict.printed));
    box.append(printed);
  }
  const names = Object.entries(verdict.checks);
  if (names.length > 1 && !verdict.accepted) {
    const list = element("ul", "checks");
    for (const [name, passed] of names) list.append(element("li", passed ? "passed" : "failed", `${passed ? "✓" : "✗"} ${name}`));
    box.append(list);
  }
  box.append(element("p", "soft", `${verdict.cases} cases in ${verdict.seconds.toFixed(2)} s`));
}

// The failing input: small arrays as tables, side by side, with the differing numbers marked.
function showCase(failing) {
  const box = element("div", "case");
  box.append(element("p", "kicker", "The smallest input found that shows it"));
  const grids = new Map(failing.grids.map((grid) => [grid.name, grid]));
  const list = element("dl");
  failing.names.forEach((name, place) => addValue(list, name, failing.input[place], grids.get(name)));
  const results = element("dl", "results");
  addValue(results, "your answer", failing.got, grids.get("your answer"));
  if (failing.expected) addValue(results, "expected", failing.expected, grids.get("expected"));
  box.append(list, results);
  return box;
}

function addValue(list, name, text, grid) {
  list.append(element("dt", name.startsWith("your") ? "yours" : "", name));
  const told = element("dd");
  if (grid && (grid.rows.length > 1 || grid.rows[0].length > 1)) {
    told.append(element("span", "shape", `shape (${grid.shape.join(", ")}${grid.shape.length === 1 ? "," : ""})`), makeTable(grid));
  } else {
    told.append(element("pre", "", text));
  }
  list.append(told);
}

function makeTable(grid) {
  const table = element("table", "grid");
  grid.rows.forEach((row, place) => {
    const line = table.insertRow();
    row.forEach((number, column) => {
      const cell = line.insertCell();
      cell.textContent = number.replace("-", "−");
      if (grid.differs[place][column]) cell.className = "differs";
    });
  });
  return table;
}
