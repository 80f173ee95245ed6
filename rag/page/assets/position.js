const views = new WeakMap();

// Lines of wordings in order of time. Every word of a wording comes from a transcript and enters as text.
export default function ({ data, parentElement }) {
  let root = views.get(parentElement);
  if (!root) {
    root = h("section", { class: "or-position", "aria-label": "What was said, in order of time" });
    parentElement.append(root);
    views.set(parentElement, root);
  }
  store.lists.set("position", data.places);
  for (const passage of data.passages) store.passages.set(passage.place, passage);
  const written = JSON.stringify(data);
  if (root.written !== written) {
    root.written = written;
    fill(root,
      data.compared && drawCompared(data.compared),
      data.notes.length > 0 && h("ul", { class: "or-notes" }, data.notes.map((note) => h("li", {}, note))),
      h("p", { class: "or-span" }, data.addressed, data.first && [": first on ", placeLink(data.first), ", last on ", placeLink(data.last)], "."),
      h("ol", { class: "or-lines" }, data.lines.map(drawLine)),
      data.left && h("p", { class: "or-left" }, data.left),
      h("p", { class: "or-facts" }, data.facts.map((fact) => h("span", {}, fact))));
  }
  store.panel?.refresh();
}

function placeLink(place) {
  const link = h("a", { class: "or-chip", href: addressOf(place.place), "data-place": place.place, "aria-label": `${place.label}: open the source` }, place.label);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openPlace(place.place, link);
  });
  return link;
}

function drawCompared({ was, now, changes }) {
  const same = changes.every((change) => change.kind === "same");
  return h("section", { class: "or-compared", "aria-label": "The two compared" },
    h("h3", {}, placeLink(was), " → ", placeLink(now)),
    same ? h("p", {}, "The same words on both days.") : h("p", { class: "or-words", dir: "auto" }, changes.map(drawChange)));
}

function drawLine(line) {
  // Said once, the place is the heading.
  const once = line.wordings.length === 1 && line.wordings[0].occasions.length === 1;
  return h("li", { class: "or-line" },
    h("h3", {}, once ? placeLink(line.wordings[0].occasions[0]) : line.when, line.said && h("span", {}, line.said)),
    line.wordings.map((wording) => drawWording(wording, once)),
    line.overall.length > 0 && h("details", { class: "or-overall" }, h("summary", {}, "From the first wording to the last"),
      h("p", { class: "or-words", dir: "auto" }, line.overall.map(drawChange))));
}

function drawWording(wording, once) {
  return h("div", { class: "or-wording" },
    h("p", { class: "or-words", dir: "auto" }, wording.changes.length ? wording.changes.map(drawChange) : wording.text),
    !once && h("p", { class: "or-days" }, wording.changes.length > 0 && h("span", { class: "or-changed" }, "changed "),
      wording.occasions.map((place, index) => [index > 0 && " ", placeLink(place)])));
}

// Told apart by line and weight as well as by colour; a screen reader hears which is which.
function drawChange(change) {
  if (change.kind === "same") return change.text;
  const [tag, name] = change.kind === "removed" ? ["del", "removed: "] : ["ins", "added: "];
  return h(tag, {}, h("span", { class: "or-offscreen" }, name), change.text);
}
