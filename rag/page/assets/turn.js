const drawn = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let turn = drawn.get(parentElement);
  if (!turn) {
    turn = frame(parentElement);
    drawn.set(parentElement, turn);
  }
  turn.send = setTriggerValue;
  const written = JSON.stringify(data);
  if (turn.written !== written) {
    turn.written = written;
    draw(turn, data);
  }
  if (data.reveal && !turn.revealed) reveal(turn);
  return () => {
    if (turn.revealed && !turn.root.isConnected) document.documentElement.style.removeProperty("--or-block");
  };
}

// A new question goes to the top, with room below it, so that its answer grows without moving anything.
function reveal(turn) {
  turn.revealed = true;
  requestAnimationFrame(() => {
    const block = turn.root.closest('[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"]');
    if (!block) return;
    const above = turn.root.getBoundingClientRect().top - block.getBoundingClientRect().top;
    document.documentElement.style.setProperty("--or-block", `${Math.round(above)}px`);
    turn.root.scrollIntoView({ block: "start", behavior: "instant" });
  });
}

function frame(parent) {
  const part = (tag, name, props = {}) => h(tag, { class: `or-${name}`, ...props });
  const turn = {
    question: part("h2", "question", { dir: "auto" }),
    status: part("p", "status", { role: "status" }),
    stop: part("button", "plain-button", { type: "button", onclick: () => {
      turn.stop.disabled = true;
      turn.status.textContent = "Stopping.";
      turn.send("stop", true);
    } }),
    lead: part("section", "lead", { "aria-label": "In short" }),
    sentences: part("div", "sentences"),
    waiting: part("div", "waiting", { "aria-hidden": "true" }),
    outcome: part("div", "outcome"),
    foot: part("div", "foot"),
    tip: part("div", "tip", { role: "tooltip", hidden: true }),
    keys: [],
    found: null,
  };
  turn.stop.textContent = "Stop";
  turn.progress = h("div", { class: "or-progress" }, turn.status, turn.stop);
  turn.body = h("div", { class: "or-body" }, turn.sentences, turn.waiting);
  turn.root = h("article", { class: "or-turn" });
  append(turn.root, [
    turn.question, turn.progress, turn.lead, turn.body, turn.outcome, turn.foot, turn.tip,
  ]);
  parent.append(turn.root);
  return turn;
}

function draw(turn, data) {
  turn.tip.id = `or-tip-${data.id}`;
  turn.question.textContent = data.question;
  // What was waited for gives way to what came of it, in the same place: nothing below moves.
  turn.progress.hidden = !data.status;
  if (data.busy) turn.progress.classList.add("or-live");
  turn.status.textContent = turn.stop.disabled && data.busy ? "Stopping." : (data.status ?? "");
  turn.stop.hidden = !data.busy;
  register(data);
  turn.lead.hidden = !data.lead.length;
  fill(turn.lead, data.lead.map((sentence) => drawSentence(turn, data, sentence)));
  drawSentences(turn, data);
  // The room is taken before the first sentence comes and kept, so that what stands below does not move with each.
  if (data.busy && data.pending) turn.body.style.minHeight ||= `${(data.sentences.length + data.pending) * 4.4}rem`;
  turn.waiting.hidden = !data.busy || data.sentences.length > 0;
  fill(turn.waiting, Array.from({ length: data.pending || (data.sentences.length ? 0 : 3) }, () => h("div", { class: "or-bar" })));
  drawOutcome(turn, data);
  drawFoot(turn, data);
  store.panel?.refresh();
}

function register(data) {
  for (const citation of data.citations) if (citation.passage) store.passages.set(citation.place, citation.passage);
  store.lists.set(data.id, data.citations.map((citation) => citation.place));
}

// Sentences only ever grow, so what is drawn stays in place and keeps its focus.
function drawSentences(turn, data) {
  data.sentences.forEach((sentence, index) => {
    const key = JSON.stringify(sentence);
    if (turn.keys[index] === key) return;
    const line = drawSentence(turn, data, sentence);
    const old = turn.sentences.children[index];
    if (old) old.replaceWith(line);
    else turn.sentences.append(line);
    turn.keys[index] = key;
  });
  while (turn.sentences.children.length > data.sentences.length) turn.sentences.lastChild.remove();
  turn.keys.length = data.sentences.length;
}

function drawSentence(turn, data, sentence) {
  const said = h("span", { class: "or-said", dir: "auto" }, sentence.text);
  const verbatim = sentence.label === "quote";
  return h(
    "p",
    { class: verbatim ? "or-sentence or-verbatim" : "or-sentence" },
    verbatim ? [byWhom(data.citations[sentence.citations[0] - 1]), ": “", said, "”"] : said,
    sentence.citations.map((n) => ["\u2060", chip(turn, data, data.citations[n - 1])]),
  );
}

function byWhom(citation) {
  return [citation.speaker, citation.date].filter(Boolean).join(", ");
}

function chip(turn, data, citation) {
  const by = byWhom(citation);
  const link = h(
    "a",
    { class: "or-chip", href: addressOf(citation.place), "data-place": citation.place, "aria-label": `[${citation.n}] ${by}: open the source` },
    `[${citation.n}]`,
  );
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    hideTip(turn, link);
    openPlace(citation.place, link);
  });
  for (const name of ["mouseenter", "focus"]) link.addEventListener(name, () => showTip(turn, link, citation, by));
  for (const name of ["mouseleave", "blur"]) link.addEventListener(name, () => hideTip(turn, link));
  link.addEventListener("keydown", (event) => event.key === "Escape" && hideTip(turn, link));
  return link;
}

function showTip(turn, link, citation, by) {
  const asked = citation.askedBy ? ` — asked by ${citation.askedBy}` : "";
  const quote = Array.from(citation.quote);
  fill(
    turn.tip,
    h("p", { class: "or-tip-quote", dir: "auto" }, `“${quote.length > 420 ? quote.slice(0, 420).join("") + "…" : citation.quote}”`),
    h("p", { class: "or-tip-by" }, by + asked),
  );
  turn.tip.hidden = false;
  link.setAttribute("aria-describedby", turn.tip.id);
  const at = link.getBoundingClientRect();
  const box = turn.tip.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - box.width - 8));
  const above = at.top - box.height - 6;
  turn.tip.style.left = `${left}px`;
  turn.tip.style.top = `${above > 8 ? above : at.bottom + 6}px`;
}

function hideTip(turn, link) {
  turn.tip.hidden = true;
  link.removeAttribute("aria-describedby");
}

function drawOutcome(turn, data) {
  const children = [];
  if (data.refused) children.push(h("p", { class: "or-refusal" }, "Nothing on record"));
  if (data.reason) children.push(h("p", { class: "or-reason" }, data.reason));
  if (data.message) children.push(h("p", { class: "or-reason", role: "alert" }, data.message));
  if (data.state === "stopped")
    children.push(h("p", { class: "or-reason" }, `Stopped.${data.sentences.length ? " The sentences above are complete and checked." : ""}`));
  if (data.state === "interrupted")
    children.push(h("p", { class: "or-reason" }, "The server was restarted while this was being answered."));
  if (["stopped", "interrupted", "failed"].includes(data.state))
    children.push(h("button", { class: "or-plain-button", type: "button", onclick: () => turn.send("ask", data.question) }, "Ask again"));
  if (data.nearest.length)
    children.push(
      h("p", { class: "or-label" }, "Nearest questions on record"),
      questions(turn, data.nearest),
    );
  fill(turn.outcome, children);
}

function questions(turn, asked) {
  return h("ul", { class: "or-list" }, asked.map((question) =>
    h("li", {}, h("button", { class: "or-link", type: "button", onclick: () => turn.send("ask", question) }, question))));
}

function drawFoot(turn, data) {
  const children = [];
  if (data.notes.length) children.push(h("ul", { class: "or-notes" }, data.notes.map((note) => h("li", {}, note))));
  if (data.facts.length) children.push(h("p", { class: "or-facts" }, data.facts.map((fact) => h("span", {}, fact))));
  fill(turn.foot, children);
  if (data.evidence.length) {
    // What was found is there to read while the first sentence is waited for.
    turn.found ??= h("details", { class: "or-found", open: data.busy && !data.sentences.length });
    drawEvidence(turn, data.evidence);
    turn.foot.append(turn.found);
  }
  if (data.related.length)
    append(turn.foot, [h("p", { class: "or-label" }, "Related questions on record"), questions(turn, data.related)]);
}

function drawEvidence(turn, evidence) {
  const inOrder = turn.byDate ? evidence.toSorted((one, other) => (one.order < other.order ? 1 : -1)) : evidence;
  const sort = h("button", { class: "or-link", type: "button", onclick: () => {
    turn.byDate = !turn.byDate;
    drawEvidence(turn, evidence);
    turn.found.querySelector("button").focus();
  } }, turn.byDate ? "Best match first" : "Newest first");
  fill(
    turn.found,
    h("summary", {}, `${evidence.length} passage${evidence.length === 1 ? "" : "s"} found`),
    evidence.length > 1 && h("p", { class: "or-sort" }, `Now ${turn.byDate ? "newest first" : "best match first"}. `, sort),
    h("ol", { class: "or-evidence" }, inOrder.map(evidenceLine)),
  );
}

function evidenceLine(item) {
  const link = h("a", { class: "or-link", href: addressOf(item.place) }, [item.date, item.speaker].filter(Boolean).join(", "));
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openPlace(item.place, link);
  });
  const again = item.alsoSaid ? ` (said alike ${item.alsoSaid} more time${item.alsoSaid === 1 ? "" : "s"})` : "";
  return h("li", {}, link, h("span", { class: "or-evidence-quote", dir: "auto" }, item.quote), again);
}
