// The frame around every page: it paints when the HTML arrives, long before marimo's kernel.
(() => {
  "use strict";
  const script = document.currentScript;
  const workspace = script?.dataset.workspace || location.pathname.split("/").filter(Boolean)[0] || "";
  const shared = (window.__sunmao = window.__sunmao || {});
  const root = document.documentElement;
  root.lang = "zh-CN";
  root.classList.add("sm-framed");
  if (stored("sunmao:slim") === "1") root.classList.add("sm-slim");
  const parts = {};
  let frame = null;
  let shown = false;

  function stored(name, value) {
    try {
      if (value === undefined) return localStorage.getItem(name);
      localStorage.setItem(name, value);
    } catch {
      // Without a store the menu only forgets how it stood.
    }
    return null;
  }
  function el(tag, props = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
      if (value === null || value === undefined || value === false) continue;
      if (name === "click") node.addEventListener("click", value);
      else if (name === "text") node.textContent = value;
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  let leaving = false;
  function leave() {
    if (leaving) return;
    leaving = true;
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  async function fetched(path, options = {}) {
    const answer = await fetch(path, { credentials: "same-origin", headers: { Accept: "application/json" }, ...options });
    if (answer.status === 401) {
      leave();
      throw new Error("signed out");
    }
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  // ---- who, menu, counts -------------------------------------------------------------------
  async function patiently(path, pauses) {
    for (const ms of pauses) {
      try {
        return await fetched(path);
      } catch (fault) {
        if (fault.message === "signed out") throw fault;
        await pause(ms);
      }
    }
    return fetched(path);
  }
  shared.frame = patiently(`/frame.json?workspace=${encodeURIComponent(workspace)}`, [1000, 3000]);
  shared.frame.then(
    (found) => {
      frame = found;
      if (parts.menu) fill();
      pulse(found.version);
    },
    () => parts.path && parts.path.replaceChildren("菜单未能载入，请刷新页面"),
  );

  function paint() {
    parts.nav = el("nav", { "aria-label": "菜单" });
    parts.menu = el("aside", { class: "sm-menu" },
      el("div", { class: "sm-brand" }, el("span", { text: "榫卯" }), el("span", { class: "sm-wide-only", text: " CRM" })), parts.nav,
      el("button", { type: "button", class: "sm-fold", click: fold, "aria-label": "收起或展开菜单", text: "« 收起" }));
    parts.path = el("div", { class: "sm-path", "aria-label": "当前位置" });
    parts.who = el("div", { class: "sm-who" });
    parts.inbox = el("a", { class: "sm-inbox", href: "?page=home", click: inPlace }, el("span", { text: "消息" }), el("span", { class: "sm-count", hidden: true }));
    parts.pending = el("a", { class: "sm-inbox", href: "?page=home", click: inPlace }, el("span", { text: "待处理" }), el("span", { class: "sm-count", hidden: true }));
    const head = el("header", { class: "sm-head" },
      el("button", { type: "button", class: "sm-burger", click: () => root.classList.toggle("sm-open"), "aria-label": "菜单", text: "☰" }),
      parts.path, parts.inbox, parts.pending, parts.who,
      el("button", { type: "button", class: "sm-out", click: signOut, text: "退出" }));
    parts.toasts = el("div", { class: "sm-toasts", role: "status", "aria-live": "polite" });
    parts.lost = el("div", { class: "sm-lost", role: "alert", hidden: true }, el("span"), el("button", { type: "button", text: "重新加载", click: () => location.reload() }));
    parts.waiting = el("div", { class: "sm-waiting", "aria-hidden": "true" }, ...["", "60%", "80%", "70%", "75%"].map((width) => el("i", { style: width ? `width:${width}` : null })));
    document.body.prepend(el("div", { id: "sm-frame" }, parts.menu, head, parts.waiting, parts.toasts, parts.lost));
    foldLabel();
    if (frame) fill();
    watchFirstOutput();
  }
  function fill() {
    parts.nav.replaceChildren();
    for (const group of frame.menu) {
      if (group.group) parts.nav.append(el("div", { class: "sm-group", text: group.group }));
      for (const item of group.items) {
        parts.nav.append(el("a", { class: "sm-item", href: item.href, "data-page": item.page, "data-carries": item.carries, "data-short": item.label.split("—").pop().slice(0, 2), title: item.label, click: inPlace },
          el("span", { text: item.label }), item.count ? el("span", { class: "sm-count", text: item.count }) : null));
      }
    }
    parts.who.replaceChildren(el("b", { text: frame.person.name }), frame.person.office || "");
    const home = frame.menu.flatMap((group) => group.items).find((item) => item.page === "home");
    for (const link of [parts.inbox, parts.pending]) link.href = home ? home.href : "/entry/?page=home";
    counts(frame);
    carryOn(carried());
    mark();
  }
  // Filters that dashboards have in common come along from one to the next, in their addresses.
  const CARRIED = () => `sunmao:carried:${frame.person?.id ?? frame.person?.name ?? "0"}`;
  function carried() {
    try {
      return JSON.parse(sessionStorage.getItem(CARRIED()) || "{}");
    } catch {
      return {};
    }
  }
  shared.carry = async (changes) => {
    if (!(await shared.frame.catch(() => null))) return;
    const kept = Object.fromEntries(Object.entries({ ...carried(), ...changes }).filter(([, value]) => value));
    try {
      sessionStorage.setItem(CARRIED(), JSON.stringify(kept));
    } catch {
      // Without a store each dashboard begins with its own filters.
    }
    carryOn(kept);
  };
  function carryOn(filters) {
    for (const node of parts.nav?.querySelectorAll("[data-carries]") || []) {
      const target = new URL(node.href);
      target.search = new URLSearchParams({ page: node.dataset.page, ...filters });
      node.setAttribute("href", target.pathname + target.search);
    }
  }
  let told = null; // the counts shown
  function counts({ unread, pending }) {
    told = JSON.stringify([unread, pending]);
    for (const [node, count] of [[parts.inbox, unread], [parts.pending, pending]]) {
      if (!node || count === undefined || count === null) continue;
      const badge = node.lastChild;
      badge.textContent = count > 99 ? "99+" : count;
      badge.hidden = !count;
    }
  }
  const current = () => new URLSearchParams(location.search).get("page") || "";
  function mark() {
    if (!frame) return;
    const page = workspace === "reports" ? "" : current() || frame.home || frame.menu[0]?.items[0]?.page || "";
    let found = null;
    for (const group of frame.menu) {
      for (const item of group.items) {
        if (item.page === page && new URL(item.href, location.href).pathname === location.pathname) found = [group.group, item.label];
      }
    }
    for (const node of parts.nav.querySelectorAll(".sm-item")) {
      const here = node.dataset.page === page && new URL(node.href).pathname === location.pathname;
      if (here) node.setAttribute("aria-current", "page");
      else node.removeAttribute("aria-current");
    }
    if (found) {
      path(found);
      document.title = `${found[1]} · 榫卯`;
    }
    // The head of the page that is being left must not name the next one.
    const head = document.querySelector(".sm-page-title");
    parts.listed = Boolean(found);
    parts.named = found && head ? `${head.dataset.title}\n${head.dataset.steps}` : "";
    if (!found) named();
  }
  function path(steps) {
    const words = ["商机管理", ...steps.filter(Boolean)];
    parts.path.replaceChildren(...words.flatMap((word, at) => [at ? " / " : "", at === words.length - 1 ? el("b", { text: word }) : word]));
  }
  // A page names itself and its record (crmlib.ui.cards.page_title).
  function named() {
    const head = document.querySelector(".sm-page-title");
    const name = head && `${head.dataset.title}\n${head.dataset.steps}`;
    if (!name || name === parts.named) return;
    parts.named = name;
    const { title, steps = "" } = head.dataset;
    if (steps) path(steps.split("\n"));
    else if (!parts.nav.querySelector("[aria-current]")) path([title.split(" — ")[0]]);
    const last = steps.split("\n").pop();
    if (steps && !parts.listed) {
      for (const node of parts.nav.querySelectorAll(".sm-item")) {
        if (node.title === last) node.setAttribute("aria-current", "page");
        else node.removeAttribute("aria-current");
      }
    }
    if (title) document.title = `${title} · 榫卯`;
    if (current() === "message") recount(); // opened is read
  }

  const inPlace = (event) => follow(event, new URL(event.currentTarget.href));
  function follow(event, target) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || target.pathname !== location.pathname) return;
    event.preventDefault();
    root.classList.remove("sm-open");
    history.pushState(null, "", target);
    document.getElementById("App")?.scrollTo(0, 0);
    window.dispatchEvent(new CustomEvent("sunmao:navigate"));
  }
  // Links of pages' own HTML (crmlib.ui.cards) stay in place too.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".sm-page-html a[href]");
    if (link && !event.defaultPrevented && !event.button) follow(event, new URL(link.href));
  });
  window.addEventListener("sunmao:navigate", mark);
  window.addEventListener("popstate", mark);
  function fold() {
    stored("sunmao:slim", root.classList.toggle("sm-slim") ? "1" : "0");
    foldLabel();
  }
  function foldLabel() {
    parts.menu.querySelector(".sm-fold").textContent = root.classList.contains("sm-slim") ? "»" : "« 收起";
  }
  async function signOut() {
    leaving = true; // the socket is cut before the answer comes
    const person = String(frame?.person?.id ?? frame?.person?.name ?? "0");
    if (frame) sessionStorage.removeItem(CARRIED());
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(`sunmao:draft:${person}:`)) localStorage.removeItem(name);
    }
    const csrf = frame?.csrf || "";
    try {
      await fetch("/logout", { method: "POST", credentials: "same-origin", headers: { "X-CSRF-Token": csrf }, body: new URLSearchParams({ csrf }) });
    } finally {
      location.assign("/login");
    }
  }

  // ---- messages ----------------------------------------------------------------------------
  window.addEventListener("sunmao:toast", (event) => {
    if (!parts.toasts) return;
    event.preventDefault();
    const { kind = "good", text, links = [], undo } = event.detail;
    const note = el("div", { class: `sm-toast ${kind}` }, el("span", { text }));
    const close = () => note.remove();
    for (const [label, href] of links) note.append(el("a", { href, text: label, click: (click) => (inPlace(click), close()) }));
    if (undo) {
      note.append(el("button", { type: "button", class: "sm-undo", text: "撤销", click: async () => {
        close();
        try {
          const reply = await undo();
          say(reply?.ok === false ? "bad" : "good", reply?.message || "已撤销");
        } catch (fault) {
          say("bad", fault.message);
        }
      } }));
    }
    note.append(el("button", { type: "button", "aria-label": "关闭", text: "×", click: close }));
    parts.toasts.append(note);
    while (parts.toasts.children.length > 4) parts.toasts.firstChild.remove();
    let timer = setTimeout(close, kind === "bad" || undo ? 10000 : 6000);
    note.addEventListener("mouseenter", () => clearTimeout(timer));
    note.addEventListener("mouseleave", () => (timer = setTimeout(close, 3000)));
  });
  function say(kind, text) {
    window.dispatchEvent(new CustomEvent("sunmao:toast", { detail: { kind, text }, cancelable: true }));
  }

  // ---- live changes ------------------------------------------------------------------------
  const visible = () => !document.hidden || new Promise((done) => document.addEventListener("visibilitychange", () => done(), { once: true }));
  async function pulse(version) {
    let wait = 1000;
    for (;;) {
      await visible();
      try {
        const beat = await fetched(`/pulse?since=${version}`);
        wait = 1000;
        const before = told;
        counts(beat);
        const topics = beat.version === version ? [] : beat.topics || [];
        // A message put off comes back by time alone: nothing in the data changes then.
        if (told !== before) topics.push("message_recipient");
        if (topics.length) window.dispatchEvent(new CustomEvent("sunmao:pulse", { detail: { ...beat, topics } }));
        version = beat.version;
      } catch (fault) {
        if (fault.message === "signed out") return;
        await pause(wait);
        wait = Math.min(wait * 2, 30000);
      }
    }
  }

  // What the person does himself (reads, archives) is counted at once, not with the next change.
  let counting = 0;
  function recount() {
    clearTimeout(counting);
    counting = setTimeout(async () => {
      const before = told;
      const beat = await fetched("/pulse?now=1").catch(() => null);
      if (!beat) return;
      counts(beat);
      if (told !== before) window.dispatchEvent(new CustomEvent("sunmao:pulse", { detail: { ...beat, topics: ["message_recipient"] } }));
    }, 150);
  }
  window.addEventListener("sunmao:told", recount);

  // ---- the connection to the kernel --------------------------------------------------------
  const Socket = window.WebSocket;
  let lostTimer = 0;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      if (!/\/ws(\?|$)/.test(String(given[0]))) return;
      this.addEventListener("open", () => lost(""));
      this.addEventListener("close", (event) => {
        if (event.code === 4401) leave();
        else if (event.code === 4408) lost("报表运行时间过长，已停止；请缩小范围或联系分析员", 0);
        else if (event.code === 4500) lost("报表运行失败（内存不足或程序错误），请联系分析员", 0);
        else if (event.reason === "MARIMO_SHUTDOWN") lost("此页面的会话已结束，填写的内容已保留", 0);
        else lost("连接已断开，正在重新连接…", 800);
      });
    }
  };
  function lost(text, after = 0) {
    clearTimeout(lostTimer);
    lostTimer = setTimeout(() => {
      if (!parts.lost) return;
      parts.lost.firstChild.textContent = text;
      parts.lost.hidden = !text;
    }, after);
  }
  window.addEventListener("pagehide", () => clearTimeout(lostTimer));

  // ---- until the first output --------------------------------------------------------------
  function watchFirstOutput() {
    // The route widget shows nothing; a page, or an error in its place, is an output.
    const output = ".output-area > .output > :not(marimo-ui-element), .output-area marimo-ui-element ~ *";
    // On a busy server a page may still come after it was given up: then the notice goes.
    let givenUp = false;
    const broken = () => {
      if (shown || givenUp) return;
      givenUp = true;
      parts.waiting.replaceChildren(
        el("p", { class: "sm-broken", role: "alert" }, "页面未能打开，请重新加载；仍不行请记下时间，联系信息部。", el("button", { type: "button", text: "重新加载", click: () => location.reload() })));
      parts.waiting.removeAttribute("aria-hidden");
    };
    setTimeout(broken, 30000);
    new MutationObserver(() => {
      if (!shown && document.querySelector(output)) {
        shown = true;
        parts.waiting.remove();
      } else if (!shown && document.querySelector('li[class*="destructive"]')) setTimeout(broken, 1000);
      named();
    }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-title"] });
  }
  if (document.body) paint();
  else {
    const born = new MutationObserver(() => {
      if (!document.body) return;
      born.disconnect();
      paint();
    });
    born.observe(root, { childList: true });
  }
})();
