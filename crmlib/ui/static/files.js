// Files of a record: chosen or dropped ones go straight to the server, each with its own progress.
import { adopt, asker, busy, button, el, tell, toast } from "./kit.js";

const AT_ONCE = 2;

function render({ model, el: host, signal }) {
  adopt(host);
  const spec = model.get("spec");
  const [entity, record] = spec.record;
  const ask = asker(model, signal);
  const waiting = [];
  const running = new Set();
  let shown = spec.first;

  const input = el("input", { type: "file", multiple: true, hidden: true, accept: spec.kinds.map((kind) => `.${kind}`).join(","), on: { change: chosen } });
  const choose = button("选择文件", () => input.click(), { kind: "primary" });
  const hint = el("span", { class: "sm-hint", text: `可将文件拖放到此处，单个文件不超过 ${spec.limit}` });
  const bar = el("div", { class: "sm-row sm-files-bar" }, choose, hint, input);
  const going = el("ul", { class: "sm-files-going", "aria-label": "正在上传" });
  const list = el("div");
  const gone = el("details", { class: "sm-files-gone" });
  const box = el("div", { class: "sm sm-files", role: "region", "aria-label": "附件", "data-ready": "1" }, bar, going, list, gone);
  host.append(box);
  paint();

  // ---- dragging ------------------------------------------------------------------------------
  let depth = 0;
  const carriesFiles = (event) => shown.mayChange && [...(event.dataTransfer?.types || [])].includes("Files");
  box.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth += 1;
    box.classList.add("over");
  });
  box.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  box.addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (!depth) box.classList.remove("over");
  });
  box.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    box.classList.remove("over");
    take(event.dataTransfer.files);
  });
  // A file dropped beside the box must not open in place of the page.
  for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault(), { signal });
  window.addEventListener("beforeunload", (event) => (running.size || waiting.length) && event.preventDefault(), { signal });
  signal?.addEventListener("abort", () => {
    waiting.length = 0;
    for (const job of running) job.stop();
  });
  window.addEventListener("sunmao:pulse", (event) => {
    if ((event.detail?.topics || []).includes("attachment")) refresh();
  }, { signal });

  function chosen() {
    take(input.files);
    input.value = "";
  }
  function take(files) {
    for (const file of files) {
      const job = line(file);
      const fault = refused(file);
      if (fault) job.failed(fault, false);
      else waiting.push(job);
    }
    next();
  }
  function refused(file) {
    const kind = file.name.includes(".") ? file.name.split(".").pop().toLowerCase() : "";
    if (!spec.kinds.includes(kind)) return spec.unknownKind;
    if (file.size > spec.most) return spec.tooBig;
    return file.size ? "" : "文件是空的";
  }
  function next() {
    while (running.size < AT_ONCE && waiting.length) send(waiting.shift());
  }

  // ---- one upload ----------------------------------------------------------------------------
  function line(file) {
    const meter = el("progress", { max: 100, value: 0, "aria-label": `${file.name} 上传进度` });
    const state = el("span", { class: "sm-hint", text: "等待上传" });
    const fault = el("span", { class: "sm-fault", role: "alert" });
    const stop = button("取消", () => job.stop(), { kind: "small" });
    const again = button("重试", () => job.again(), { kind: "small", hidden: true });
    const node = el("li", {}, el("span", { class: "sm-file-name", text: file.name }), meter, state, fault, again, stop);
    const job = {
      file,
      request: null,
      progress(share) {
        meter.value = share;
        state.textContent = share < 100 ? `${share}%` : "正在保存…";
      },
      failed(message, mayRetry = true) {
        meter.hidden = true;
        state.textContent = "";
        fault.textContent = message;
        again.hidden = !mayRetry;
        stop.textContent = "知道了";
      },
      again() {
        meter.hidden = false;
        fault.textContent = "";
        again.hidden = true;
        stop.textContent = "取消";
        state.textContent = "等待上传";
        waiting.push(job);
        next();
      },
      stop() {
        const at = waiting.indexOf(job);
        if (at >= 0) waiting.splice(at, 1);
        job.request?.abort();
        node.remove();
        choose.focus();
      },
      done: () => node.remove(),
    };
    going.append(node);
    return job;
  }
  async function send(job) {
    running.add(job);
    try {
      const made = await put(job);
      job.done();
      await refresh();
      toast({ kind: "good", text: `已上传「${made.name}」` });
    } catch (fault) {
      if (fault.message !== "stopped") job.failed(fault.message, fault.mayRetry !== false);
    } finally {
      running.delete(job);
      next();
    }
  }
  async function put(job) {
    // The token of the session as it is now: the page may be open since yesterday.
    const frame = await fetch("/frame.json", { credentials: "same-origin" }).catch(() => null);
    if (!frame?.ok) throw new Error(frame?.status === 401 ? "登录已失效，请重新登录" : "网络中断，文件未上传");
    const { csrf } = await frame.json();
    return new Promise((resolve, reject) => {
      const request = (job.request = new XMLHttpRequest());
      const query = new URLSearchParams({ entity, id: record, name: job.file.name });
      request.open("POST", `/files?${query}`);
      request.setRequestHeader("X-CSRF-Token", csrf);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) job.progress(Math.round((100 * event.loaded) / event.total));
      });
      request.addEventListener("load", () => {
        let told = {};
        try {
          told = JSON.parse(request.responseText);
        } catch {
          // Not ours to read: the status says enough.
        }
        if (request.status === 201) resolve(told);
        else if (request.status === 401) reject(new Error("登录已失效，请重新登录"));
        else {
          // A refused file stays refused; a busy or broken server may take it later.
          const mayRetry = request.status >= 500 || request.status === 429 || request.status === 400;
          reject(Object.assign(new Error(told.error || "上传失败，请重试"), { mayRetry }));
        }
      });
      request.addEventListener("error", () => reject(new Error("网络中断，文件未上传")));
      request.addEventListener("abort", () => reject(new Error("stopped")));
      request.send(job.file);
    });
  }

  // ---- the list ------------------------------------------------------------------------------
  async function refresh() {
    try {
      shown = await ask("list", null);
      paint();
      window.dispatchEvent(new CustomEvent("sunmao:tabcount", { detail: { name: "files", count: shown.files.length } }));
    } catch (fault) {
      if (!fault.silent) toast({ kind: "bad", text: fault.message });
    }
  }
  function paint() {
    bar.hidden = going.hidden = !shown.mayChange;
    list.replaceChildren(shown.files.length ? table(shown.files, "删除", "remove") : empty());
    gone.hidden = !shown.removed.length;
    const summary = el("summary", { text: `已删除的附件（${shown.removed.length}）` });
    gone.replaceChildren(summary, shown.removed.length ? table(shown.removed, "恢复", "restore") : "");
  }
  function empty() {
    return el("p", { class: "sm-files-empty", text: shown.mayChange ? "还没有附件，可拖放文件到此处或点击“选择文件”" : "还没有附件" });
  }
  function table(files, label, step) {
    const isThere = step === "remove";
    const heads = ["文件名", "大小", isThere ? "上传人" : "删除人", isThere ? "上传时间" : "删除时间", ...(shown.mayChange ? ["操作"] : [])];
    const rows = files.map((file) => {
      const name = isThere
        ? el("a", { href: `/files/${file.id}`, download: file.name, text: file.name })
        : el("span", { text: file.name });
      const act = button(label, () => change(step, file, act), { kind: "link", "aria-label": `${label} ${file.name}` });
      return el("tr", {}, el("td", { class: "sm-file-name" }, name), el("td", { class: "num", text: file.size }), el("td", { text: file.by }), el("td", { text: file.at }),
        shown.mayChange ? el("td", {}, act) : null);
    });
    return el("table", { class: "sm-files-table" }, el("thead", {}, el("tr", {}, ...heads.map((head, at) => el("th", { class: at === 1 ? "num" : "", text: head })))), el("tbody", {}, ...rows));
  }
  async function change(step, file, node) {
    const free = busy(node);
    try {
      const reply = await ask(step, { id: file.id });
      tell(reply, ask);
      if (reply.ok) await refresh();
    } catch (fault) {
      toast({ kind: "bad", text: fault.silent ? "服务器暂无响应，请重试" : fault.message });
    } finally {
      free();
    }
  }
}

export default { render };
