// What every widget uses: elements without markup in data, questions to Python, the address,
// toasts, drafts. Text reaches the page through textContent only.

/* global KIT_CSS */
export const shared = (window.__sunmao = window.__sunmao || {});

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, call] of Object.entries(value)) node.addEventListener(event, call);
    } else if (name === "class") node.className = value;
    else if (name === "text") node.textContent = value;
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export function adopt(host) {
  const root = host.getRootNode();
  if (!shared.sheet) {
    shared.sheet = new CSSStyleSheet();
    shared.sheet.replaceSync(KIT_CSS);
  }
  if (!root.adoptedStyleSheets.includes(shared.sheet)) {
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, shared.sheet];
  }
}

export function ticketId() {
  // randomUUID exists on https only; offices use plain http inside the house.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Fault extends Error {
  constructor(told, silent = false) {
    super(told.message);
    this.faults = told.faults || {};
    this.silent = silent; // nobody answered
  }
}

export const NO_ANSWER = "服务器暂无响应，内容已保留，请重试";

export function asker(model, signal) {
  const waiting = new Map();
  function hear(content) {
    const wait = content && waiting.get(content.ticket);
    if (!wait) return;
    waiting.delete(content.ticket);
    clearTimeout(wait.timer);
    if (content.fault) wait.reject(new Fault(content.fault));
    else wait.resolve(content.reply);
  }
  model.on("msg:custom", hear);
  signal?.addEventListener("abort", () => model.off("msg:custom", hear));
  return function ask(name, payload, patience = 10000) {
    const ticket = ticketId();
    return new Promise((resolve, reject) => {
      const silence = () => {
        if (!waiting.delete(ticket)) return;
        clearTimeout(timer);
        reject(new Fault({ message: NO_ANSWER }, true));
      };
      const timer = setTimeout(silence, patience);
      waiting.set(ticket, { resolve, reject, timer });
      Promise.resolve(model.send({ ask: name, ticket, with: payload })).catch(silence);
    });
  };
}

export function address() {
  const params = Object.fromEntries(new URLSearchParams(location.search));
  const { page = "", id = "", ...rest } = params;
  return { page, record: id, params: rest };
}

export function go(href) {
  const target = new URL(href, location.href);
  if (target.origin !== location.origin) return;
  if (target.pathname !== location.pathname) {
    location.assign(target);
    return;
  }
  if (target.href !== location.href) history.pushState(null, "", target);
  document.getElementById("App")?.scrollTo(0, 0);
  window.dispatchEvent(new CustomEvent("sunmao:navigate"));
}

export function anchor(label, href, props = {}) {
  return el("a", {
    href,
    text: label,
    ...props,
    on: {
      click: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
        event.preventDefault();
        event.stopPropagation();
        go(href);
      },
    },
  });
}

export function keepInAddress(changes) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === "" || value === null || value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}

export function toast(detail) {
  // The frame shows it; a page opened alone has no frame and says it plainly.
  const heard = !window.dispatchEvent(
    new CustomEvent("sunmao:toast", { detail, cancelable: true }),
  );
  if (heard) return;
  const note = el("div", { class: "sm-alone-toast", role: "status", text: detail.text });
  note.style.cssText =
    "position:fixed;top:16px;left:50%;transform:translateX(-50%);background:#fff;" +
    "border:1px solid #d0d5da;border-radius:6px;padding:8px 16px;z-index:9999";
  document.body.append(note);
  setTimeout(() => note.remove(), 5000);
}

export function spinner() {
  return el("span", { class: "sm-spin", "aria-hidden": "true" });
}

export function button(label, call, props = {}) {
  const { kind = "", ...rest } = props;
  return el("button", {
    type: "button",
    class: `sm-btn ${kind}`,
    text: label,
    ...rest,
    on: { click: call },
  });
}

/** Mark a button busy until done() is called; the spinner comes after 150 ms. */
export function busy(node) {
  node.setAttribute("aria-busy", "true");
  node.disabled = true;
  const timer = setTimeout(() => node.prepend(spinner()), 150);
  return () => {
    clearTimeout(timer);
    node.querySelector(".sm-spin")?.remove();
    node.removeAttribute("aria-busy");
    node.disabled = false;
  };
}

/** Hand a file to the browser's downloads. */
export function saveFile(name, blob) {
  const url = URL.createObjectURL(blob);
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** Who sits here, told by the frame; a page opened alone has nobody. */
export async function personKey() {
  const frame = shared.frame ? await shared.frame.catch(() => null) : null;
  return String(frame?.person?.id ?? frame?.person?.name ?? "0");
}

export const drafts = {
  name: (person, key) => `sunmao:draft:${person}:${key}`,
  read(name) {
    try {
      return JSON.parse(localStorage.getItem(name) || "null");
    } catch {
      return null;
    }
  },
  write(name, draft) {
    try {
      localStorage.setItem(name, JSON.stringify(draft));
    } catch {
      // A full or forbidden store only costs the draft.
    }
  },
  clear(name) {
    try {
      localStorage.removeItem(name);
    } catch {
      // As above.
    }
  },
};

/** Steps that can be taken back after their page was made anew: the newest widget answers. */
export function canUndo(names, ask) {
  shared.undoers = shared.undoers || {};
  for (const name of names || []) shared.undoers[name] = ask;
}

/** Show what a Reply says outside a form. */
export function tell(reply, ask) {
  if (reply.message) {
    toast({
      kind: reply.ok ? "good" : "bad",
      text: reply.message,
      links: [reply.link, reply.link2].filter(Boolean),
      undo: reply.undo
        ? async () => {
            const call = shared.undoers?.[reply.undo] || ask;
            const undone = await call("ask", { name: reply.undo, text: "", values: reply.data || {} });
            window.dispatchEvent(new CustomEvent("sunmao:undone", { detail: undone }));
            return undone;
          }
        : null,
    });
  }
  if (reply.ok) window.dispatchEvent(new CustomEvent("sunmao:told"));
  if (reply.next) go(reply.next);
}
