export default function ({ data, parentElement, setTriggerValue }) {
  let list = parentElement.querySelector("ul");
  if (!list) {
    list = h("ul", { class: "or-choices" });
    parentElement.append(list);
  }
  const written = JSON.stringify(data);
  if (list.dataset.written === written) return;
  list.dataset.written = written;
  list.className = `or-choices or-choices-${data.look}`;
  list.setAttribute("aria-label", data.label);
  fill(list, data.items.map((item) =>
    h("li", {}, h("button", {
      type: "button",
      "aria-current": item.current ? "true" : null,
      onclick: (event) => (data.opens ? openPlace(item.id, event.currentTarget) : setTriggerValue("chosen", item.id)),
    }, h("span", {}, item.label), item.detail && h("span", { class: "or-detail" }, item.detail)))));
}
