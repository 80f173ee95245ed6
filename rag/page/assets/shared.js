// Common to the page's components. Every word that comes from data enters the page through a text node.
const store = (globalThis.onrecord ??= {
  passages: new Map(), // place → passage
  conferences: new Map(), // transcript id → conference
  lists: new Map(), // turn id → places of its citations, in order
  open: undefined, // place shown in the panel, null for none; before the first drawing the address says it
  opener: null, // element that opened it
  panel: null, // { show, refresh, … } of the mounted panel
});

function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

function addressOf(place) {
  const parameters = new URLSearchParams(window.location.search);
  if (place) parameters.set("open", place);
  else parameters.delete("open");
  const query = parameters.toString();
  return window.location.pathname + (query ? `?${query}` : "");
}

function webLink(url) {
  try {
    return ["http:", "https:"].includes(new URL(url).protocol) ? url : null;
  } catch {
    return null;
  }
}

// A panel that Streamlit is just drawing anew shows what is open as soon as it is there.
function openPlace(place, opener) {
  store.opener = opener;
  store.open = place;
  store.panel?.show(true);
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "or-offscreen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}
