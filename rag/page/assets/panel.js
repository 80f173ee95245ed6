const mounted = new WeakMap();
const ONE_CLICK = [["Citation", "Copy citation"], ["Quote with citation", "Copy quote"]];
const LEADS_AWAY = '[data-testid="stSidebar"] :is([data-testid="stSidebarNavLink"], .or-choices-list button, .st-key-new-conversation button)';

export default function ({ data, parentElement, setTriggerValue }) {
  let panel = mounted.get(parentElement);
  if (!panel) {
    panel = frame(parentElement);
    mounted.set(parentElement, panel);
  }
  store.panel = panel;
  panel.send = setTriggerValue;
  rememberReader(data.reader);
  if (data.passage) store.passages.set(data.passage.place, data.passage);
  if (data.conference) store.conferences.set(data.conference.head.id, data.conference);
  panel.missing = data.missing ?? {};
  if (store.open === undefined) store.open = new URLSearchParams(window.location.search).get("open");
  if (store.open === panel.shown) {
    panel.refresh();
    request(panel);
  } else panel.show(false);
  return () => {
    // Streamlit also cleans up after a drawing that a newer one has overtaken: then the panel is still in use.
    if (panel.root.isConnected) return;
    if (store.panel === panel) store.panel = null;
    document.documentElement.classList.remove("or-open");
  };
}

// The reader's own list of conversations is found again by this cookie; it names nobody.
function rememberReader(reader) {
  if (reader && !document.cookie.split("; ").some((entry) => entry.startsWith("onrecord_reader=")))
    document.cookie = `onrecord_reader=${reader}; path=/; max-age=31536000; SameSite=Lax`;
}

function frame(parent) {
  const panel = { shown: null, whole: null, drawn: null };
  panel.root = h("aside", { class: "or-panel", "aria-label": "Source", hidden: true });
  panel.head = h("div", { class: "or-panel-head" });
  panel.body = h("div", { class: "or-panel-body", tabindex: "0", role: "region", "aria-label": "Transcript" });
  panel.said = h("p", { class: "or-offscreen", role: "status" });
  append(panel.root, [panel.head, panel.body, panel.said]);
  panel.root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = panel.root.querySelector("details[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else close(panel);
  });
  // A panel that the address opened has no focus of its own yet.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === document.body && store.panel === panel && store.open) close(panel);
  });
  // On a telephone the side bar covers the page: what is chosen there would stay hidden behind it.
  document.addEventListener("click", (event) => {
    if (store.panel === panel && window.innerWidth <= 768 && event.target.closest(LEADS_AWAY))
      document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
  });
  panel.show = (byReader) => show(panel, byReader);
  panel.refresh = () => refresh(panel);
  parent.append(panel.root);
  return panel;
}

function show(panel, byReader) {
  panel.shown = store.open;
  keepAddress();
  const transcript = store.passages.get(store.open)?.head.id;
  if (panel.whole !== transcript) panel.whole = null;
  panel.focus = byReader;
  panel.drawn = null;
  refresh(panel);
  request(panel);
}

// What is asked of the server may be lost while it draws the page: it is asked again with every drawing until it is there.
function request(panel) {
  const place = store.open;
  if (!place || panel.missing[place]) return;
  const passage = store.passages.get(place);
  if (!passage) panel.send("wanted", { place, whole: false });
  else if (panel.whole && !store.conferences.has(panel.whole)) panel.send("wanted", { place, whole: true });
}

function keepAddress() {
  const address = addressOf(store.open);
  if (address !== window.location.pathname + window.location.search) window.history.replaceState(window.history.state, "", address);
}

function close(panel) {
  const place = store.open;
  store.open = null;
  panel.shown = null;
  keepAddress();
  refresh(panel);
  const opener = store.opener?.isConnected ? store.opener : document.querySelector(`.or-chip[data-place="${CSS.escape(place)}"]`);
  opener?.focus();
}

function refresh(panel) {
  const place = store.open;
  keepAddress();
  document.documentElement.classList.toggle("or-open", Boolean(place));
  panel.root.hidden = !place;
  for (const chip of document.querySelectorAll(".or-chip"))
    if (chip.dataset.place === place) chip.setAttribute("aria-current", "true");
    else chip.removeAttribute("aria-current");
  if (!place) {
    panel.drawn = null;
    return;
  }
  const passage = store.passages.get(place);
  if (passage && !passage.exchange) panel.whole = passage.head.id;
  const conference = panel.whole ? store.conferences.get(panel.whole) : null;
  const list = [...store.lists.values()].findLast((places) => places.includes(place)) ?? [];
  const now = JSON.stringify([place, Boolean(passage), Boolean(conference), list, panel.whole, panel.missing[place] ?? null]);
  if (panel.drawn === now) return;
  const stayed = panel.drawn && JSON.parse(panel.drawn)[0] === place && JSON.parse(panel.drawn)[1] === Boolean(passage)
    && JSON.parse(panel.drawn)[2] === Boolean(conference);
  panel.drawn = now;
  drawHead(panel, passage, list);
  if (stayed) return;
  drawBody(panel, passage, conference);
  if (panel.focus) {
    panel.focus = false;
    panel.head.querySelector("h2")?.focus({ preventScroll: true });
  }
}

function drawHead(panel, passage, list) {
  const position = list.indexOf(store.open);
  const step = (name, to) =>
    h("button", { class: "or-plain-button", type: "button", disabled: !list[to], onclick: () => {
      store.open = list[to];
      show(panel, false);
      // At the first and the last one the button is off: the keyboard stays in the panel.
      (panel.head.querySelector(`[data-step="${name}"]:not([disabled])`) ?? panel.head.querySelector("h2"))?.focus();
    }, "data-step": name }, name);
  const steps = list.length > 1 && position >= 0
    ? [step("Previous", position - 1), h("span", { class: "or-steps" }, `${position + 1} of ${list.length}`), step("Next", position + 1)]
    : [];
  const bar = h("div", { class: "or-panel-bar" }, steps,
    h("span", { class: "or-grow" }),
    h("button", { class: "or-plain-button", type: "button", onclick: () => close(panel) }, "Close"));
  if (!passage) {
    fill(panel.head, bar);
    return;
  }
  const { head } = passage;
  const url = head.url && webLink(head.url);
  const meta = [head.date + (head.inferredYear ? " (year inferred)" : ""), passage.exchange?.speaker ?? head.speaker, head.institution];
  const tools = h("div", { class: "or-panel-tools" },
    url && h("a", { class: "or-link", href: url, target: "_blank", rel: "noopener noreferrer" }, "Open the original"),
    h("button", { class: "or-link", type: "button", onclick: () => copied(panel, "Link", window.location.origin + addressOf(store.open)) }, "Copy link"),
    ONE_CLICK.filter(([form]) => passage.copies[form]).map(([form, name]) =>
      h("button", { class: "or-link", type: "button", onclick: () => copied(panel, form, passage.copies[form]) }, name)),
    passage.other && h("button", { class: "or-link", type: "button", onclick: () => leadTo(panel, passage.other.place) }, passage.other.label),
    copyMenu(panel, passage.copies));
  fill(panel.head, bar, h("h2", { class: "or-panel-title", tabindex: "-1" }, head.title),
    h("p", { class: "or-panel-meta" }, meta.filter(Boolean).map((fact) => h("span", {}, fact))),
    passage.note && h("p", { class: "or-panel-meta or-version" }, passage.note, passage.versions.map((version) => [" ",
      h("button", { class: "or-link", type: "button", onclick: () => leadTo(panel, version.place) }, version.label)])), tools);
}

function leadTo(panel, place) {
  store.open = place;
  show(panel, true);
}

function copyMenu(panel, copies) {
  const menu = h("details", { class: "or-menu" });
  append(menu, [
    h("summary", { class: "or-link" }, "Cite"),
    h("div", { class: "or-menu-list" }, Object.entries(copies).map(([label, text]) =>
      h("button", { type: "button", onclick: () => { copied(panel, label, text); menu.open = false; menu.firstChild.focus(); } }, label))),
  ]);
  menu.addEventListener("focusout", (event) => {
    if (!menu.contains(event.relatedTarget)) menu.open = false;
  });
  return menu;
}

async function copied(panel, label, text) {
  panel.said.textContent = (await copyText(text)) ? `${label} copied` : "This browser does not let the page copy";
  panel.said.classList.add("or-toast");
  window.clearTimeout(panel.timer);
  panel.timer = window.setTimeout(() => {
    panel.said.classList.remove("or-toast");
    panel.said.textContent = "";
  }, 2000);
}

function drawBody(panel, passage, conference) {
  const place = store.open;
  if (!passage) {
    fill(panel.body, h("p", { class: "or-reason" }, panel.missing[place] ?? "Opening the transcript…"));
    return;
  }
  const id = passage.head.id;
  const target = passage.exchange?.id;
  const parts = conference ? conference.parts : passage.exchange ? [passage.exchange] : [];
  const mark = { start: passage.start, end: passage.end, quote: passage.quote };
  const children = parts.map((part) => (part.text !== undefined ? note(part) : exchange(part, part.id === target ? mark : null)));
  if (panel.missing[place]) children.unshift(h("p", { class: "or-reason" }, panel.missing[place]));
  const toggle = (text, whole) =>
    h("button", { class: "or-plain-button or-whole", type: "button", onclick: () => {
      panel.whole = whole;
      panel.drawn = null;
      refresh(panel);
      request(panel);
    } }, text);
  if (conference) children.unshift(contents(panel, parts, !target));
  if (!conference) children.push(toggle(panel.whole ? "Opening…" : `Show the whole conference (${passage.head.exchanges} exchange${passage.head.exchanges === 1 ? "" : "s"})`, id));
  else if (target) children.unshift(toggle("Show this exchange only", null));
  fill(panel.body, children);
  panel.body.lang = passage.head.language;
  const highlight = panel.body.querySelector("mark");
  if (highlight) reveal(panel.body, highlight);
  else panel.body.scrollTop = 0;
}

// The panel's own scrolling only: scrollIntoView would also move the chat.
function reveal(box, highlight) {
  const room = box.clientHeight;
  const tall = highlight.getBoundingClientRect().height;
  const top = highlight.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
  box.scrollTop = Math.max(0, tall > room * 0.7 ? top - 16 : top - (room - tall) / 2);
}

function contents(panel, parts, open) {
  const rows = parts.map((part, index) => ({ part, index })).filter(({ part }) => part.text === undefined);
  const jump = (index) => () => {
    const section = panel.body.querySelectorAll("section")[index];
    panel.body.scrollTop += section.getBoundingClientRect().top - panel.body.getBoundingClientRect().top - 12;
    section.focus({ preventScroll: true });
  };
  const about = (part) => KINDS[part.kind] ?? part.question ?? "";
  // Where the page names nobody who asked, there is no column for it.
  const columns = [
    rows.some(({ part }) => part.askedBy) && ["Asked by", (part) => part.askedBy ?? ""],
    ["About", (part, index) => h("button", { class: "or-link", type: "button", onclick: jump(index) }, about(part))],
    ["Answered by", (part) => part.speaker ?? ""],
  ].filter(Boolean);
  return h("details", { class: "or-contents", open }, h("summary", {}, `Contents: ${rows.length} exchange${rows.length === 1 ? "" : "s"}`),
    h("table", {},
      h("thead", {}, h("tr", {}, columns.map(([name]) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, rows.map(({ part, index }) => h("tr", {}, columns.map(([, cell]) => h("td", {}, cell(part, index))))))));
}

const KINDS = { opening: "Opening statement", addition: "Asked after the conference", remarks: "Remarks" };

function exchange(part, mark) {
  return h("section", { class: mark ? "or-exchange or-target" : "or-exchange", tabindex: "-1" },
    KINDS[part.kind] && h("p", { class: "or-label" }, KINDS[part.kind]),
    part.question && h("div", { class: "or-reporter" },
      h("h3", {}, part.askedBy ? `Reporter’s question — ${part.askedBy}` : "Reporter’s question"),
      h("p", { class: "or-text", dir: "auto" }, lines(part.question))),
    h("div", { class: "or-spokesperson" },
      h("h3", {}, part.speaker ? `Answer — ${part.speaker}` : "Answer"),
      h("p", { class: "or-text", dir: "auto" }, marked(part, mark))));
}

function note(part) {
  const label = part.kind === "unanswered" ? "Question without an answer on the page" : "Note";
  return h("section", { class: "or-exchange or-note", tabindex: "-1" }, h("h3", {}, label), h("p", { class: "or-text", dir: "auto" }, lines(part.text)));
}

// A highlight is exactly the cited words, or there is none.
function marked(part, mark) {
  const points = Array.from(part.answer);
  if (!mark || mark.quote === null) return lines(part.answer);
  const [from, to] = [mark.start - part.start, mark.end - part.start];
  const quote = points.slice(from, to).join("");
  if (quote !== mark.quote) return lines(part.answer);
  return [lines(points.slice(0, from).join("")), h("mark", {}, lines(quote)), lines(points.slice(to).join(""))];
}

// A paragraph break is one newline in the text: it keeps its character and gets room on the screen.
function lines(text) {
  return text.split("\n").flatMap((line, index) => (index ? [h("span", { class: "or-break" }, "\n"), line] : [line]));
}
