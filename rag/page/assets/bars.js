const charts = new WeakMap();

// Counts as bars that are buttons: one stop for the Tab key, the arrow keys go from bar to bar.
export default function ({ data, parentElement, setTriggerValue }) {
  let chart = charts.get(parentElement);
  if (!chart) {
    chart = { root: h("section", { class: "or-bars" }), open: false };
    parentElement.append(chart.root);
    charts.set(parentElement, chart);
  }
  chart.send = setTriggerValue;
  const written = JSON.stringify(data);
  if (chart.written === written) return;
  chart.written = written;
  drawBars(chart, data);
}

function drawBars(chart, data) {
  const held = chart.root.contains(document.activeElement) ? document.activeElement.dataset.bar : null;
  const most = Math.max(1, ...data.bars.map((bar) => bar.count));
  const said = h("p", { class: "or-bars-said", "aria-hidden": "true" }, "\u00a0");
  const words = (bar) => `${bar.label}: ${bar.words}`;
  const tell = (bar) => (said.textContent = bar ? `${words(bar)}${data.action ? ` — ${data.action}` : ""}` : "\u00a0");
  const buttons = data.bars.filter((bar) => bar.count).map((bar) => h("button", {
    type: "button", "data-bar": bar.id, tabindex: "-1", "aria-label": words(bar), "aria-pressed": String(bar.chosen),
    style: `--share:${bar.count / most}`,
    onclick: () => chart.send("chosen", bar.id), onfocus: () => tell(bar), onmouseenter: () => tell(bar), onmouseleave: () => tell(null), onblur: () => tell(null),
  }, data.look === "rows" && [h("span", { class: "or-bars-name" }, bar.label), h("span", { class: "or-bars-count" }, bar.count.toLocaleString("en"))], h("span", { class: "or-bars-bar" })));
  const byId = new Map(buttons.map((button) => [button.dataset.bar, button]));
  const start = byId.get(held) ?? buttons.find((button) => button.getAttribute("aria-pressed") === "true") ?? buttons.at(-1);
  if (start) start.tabIndex = 0;
  const plot = h("ul", { class: `or-bars-plot or-bars-${data.look}`, "aria-label": data.label, onkeydown: (event) => step(event, buttons) },
    data.bars.map((bar) => h("li", { "aria-hidden": bar.count ? null : "true" }, byId.get(bar.id))));
  const axis = data.look === "columns" && h("div", { class: "or-bars-axis", "aria-hidden": "true" },
    data.ticks.map((tick) => h("span", { style: `--at:${tick.at}` }, tick.label)));
  const table = h("details", { class: "or-bars-table", open: chart.open, ontoggle: (event) => (chart.open = event.target.open) },
    h("summary", {}, "As a table"),
    h("table", {}, h("thead", {}, h("tr", {}, data.columns.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, data.bars.filter((bar) => bar.count).map((bar) => h("tr", {}, h("th", { scope: "row" }, bar.label), h("td", {}, bar.count.toLocaleString("en")))))));
  const parts = [plot, axis, data.look === "columns" && h("div", { class: "or-bars-foot" }, said,
      data.clear && h("button", { type: "button", class: "or-link", onclick: () => chart.send("chosen", "all") }, data.clear)),
    data.look === "columns" && table];
  if (!chart.fold && data.folds) chart.fold = h("details", { class: "or-when", open: data.open });
  if (chart.fold) {
    fill(chart.fold, h("summary", {}, data.summary), parts);
    if (!chart.fold.isConnected) chart.root.append(chart.fold);
  } else fill(chart.root, data.title && h("h3", {}, data.title), data.summary && h("p", { class: "or-bars-summary" }, data.summary), parts);
  if (held) byId.get(held)?.focus({ preventScroll: true });
}

function step(event, buttons) {
  const to = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  const now = buttons.indexOf(document.activeElement);
  if (to === undefined || now < 0) return;
  event.preventDefault();
  const next = buttons[Math.min(buttons.length - 1, Math.max(0, now + to))];
  for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
  next.focus();
}
