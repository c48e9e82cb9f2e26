// The page's address as a synced value: menu, back, F5 and pasted links lead to one place.
import { address } from "./kit.js";

function render({ model, el, signal }) {
  el.style.display = "none";
  const { home, topics } = model.get("spec");

  function follow() {
    const now = address();
    model.set("page", now.page || home);
    model.set("record", now.record);
    model.set("params", now.params);
    model.set("visit", model.get("visit") + 1);
    model.save_changes();
  }
  function differs() {
    const now = address();
    return (now.page || home) !== model.get("page") || now.record !== model.get("record");
  }
  function pulse(event) {
    const mine = topics[model.get("page")] || [];
    if (!event.detail.topics.some((topic) => mine.includes(topic))) return;
    model.set("version", event.detail.version);
    model.save_changes();
  }
  window.addEventListener("popstate", follow, { signal });
  window.addEventListener("sunmao:navigate", follow, { signal });
  window.addEventListener("sunmao:pulse", pulse, { signal });
  // A kernel that started anew knows the address of its first page load only.
  if (differs()) follow();
}

export default { render };
