// Over a chart: its figures as a table, a picture of it, a workbook.
import { adopt, asker, busy, button, el, saveFile, shared, toast } from "./kit.js";

const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const EDGE = 24; // px around the picture's parts
const LINE = 20;
const NARROWEST = 360;

function render({ model, el: host, signal }) {
  adopt(host);
  const spec = model.get("spec");
  const ask = asker(model, signal);
  // A filter makes the chart anew: its table stays open.
  shared.openSheets = shared.openSheets || new Set();
  const place = el("div", { class: "sm-scroll sm-sheet", hidden: true, role: "region", "aria-label": `${spec.title}的数据` });
  const opener = button("表格", () => open(place.hidden), { kind: "small", "aria-expanded": "false" });
  const bar = el("div", { class: "sm-chart-bar", role: "group", "aria-label": `${spec.title}图表` }, opener,
    button("下载图片", (event) => picture(event.currentTarget), { kind: "small" }),
    spec.mayExport ? button("下载 Excel", (event) => workbook(event.currentTarget), { kind: "small" }) : null);
  host.append(el("div", { class: "sm sm-chart-tools" }, bar, place));
  if (shared.openSheets.has(spec.title)) open(true);

  // ---- the table ---------------------------------------------------------------------------
  async function open(wanted) {
    opener.setAttribute("aria-expanded", String(wanted));
    shared.openSheets[wanted ? "add" : "delete"](spec.title);
    place.hidden = !wanted;
    if (!wanted) return;
    const free = busy(opener);
    try {
      paint(await ask("sheet", null, 30000));
    } catch (fault) {
      place.replaceChildren(el("p", { class: "sm-fault", role: "alert" }, fault.message, " ", button("重试", () => open(true), { kind: "link" })));
    } finally {
      free();
    }
  }
  function paint({ heads, rows, keys }) {
    if (!rows.length) return place.replaceChildren(el("p", { class: "sm-hint", text: "暂无数据" }));
    const right = (at) => (heads[at][1] ? "num" : null);
    const text = (cell) => (Array.isArray(cell) ? cell[0] : cell);
    const choice = (key, label) => {
      const node = el("button", { type: "button", class: "sm-btn link", "aria-pressed": String(model.get("picked").includes(key)), text: label, on: { click: () => pick(node, key) } });
      return node;
    };
    place.replaceChildren(
      el("table", { class: "sm-sheet-table" },
        el("thead", {}, el("tr", {}, ...heads.map(([label], at) => el("th", { scope: "col", class: right(at), text: label })))),
        el("tbody", {}, ...rows.map((row, line) => el("tr", {}, ...row.map((cell, at) =>
          el("td", { class: right(at) }, at === 0 && keys.length ? choice(keys[line], text(cell)) : text(cell))))))),
    );
  }
  function pick(node, key) {
    const before = model.get("picked");
    const isChosen = !before.includes(key);
    node.setAttribute("aria-pressed", String(isChosen));
    model.set("picked", isChosen ? [...before, key] : before.filter((each) => each !== key));
    model.save_changes();
  }

  // ---- the picture -------------------------------------------------------------------------
  function* pictures(node) {
    if (node.matches("canvas, svg.marks")) yield node;
    for (const child of [...(node.shadowRoot?.children || []), ...node.children]) yield* pictures(child);
  }
  /** The next chart in the order of the page, wherever marimo has put it. */
  function nearest() {
    for (let at = host; at; at = at.parentElement || at.getRootNode().host) {
      for (let next = at.nextElementSibling; next; next = next.nextElementSibling) {
        const found = pictures(next).next().value;
        if (found) return found;
      }
    }
    return null;
  }
  async function drawn(node) {
    const { width, height } = node.getBoundingClientRect();
    if (node.matches("canvas")) return { source: node, width, height };
    const image = new Image();
    const text = new XMLSerializer().serializeToString(node);
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    return { source: image, width, height };
  }
  async function picture(node) {
    const found = nearest();
    if (!found) return toast({ kind: "bad", text: "图表还没有画好，请稍候再试" });
    const free = busy(node);
    try {
      const chart = await drawn(found);
      const blob = await new Promise((done) => composed(chart).toBlob(done, "image/png"));
      saveFile(`${spec.file}.png`, blob);
    } catch {
      toast({ kind: "bad", text: "图片未能生成，请重试" });
    } finally {
      free();
    }
  }
  function composed({ source, width, height }) {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    const inner = Math.max(width, NARROWEST);
    pen.font = `12px ${FONT}`;
    const lines = spec.stated.flatMap((text) => wrapped(pen, text, inner));
    const scale = Math.max(2, window.devicePixelRatio || 1);
    canvas.width = (inner + 2 * EDGE) * scale;
    canvas.height = (EDGE + 32 + height + 12 + lines.length * LINE + EDGE) * scale;
    pen.scale(scale, scale);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.textBaseline = "top";
    pen.fillStyle = "#1d2529";
    pen.font = `600 18px ${FONT}`;
    pen.fillText(spec.title, EDGE, EDGE);
    pen.drawImage(source, EDGE, EDGE + 32, width, height);
    pen.font = `12px ${FONT}`;
    pen.fillStyle = "#5b666d";
    lines.forEach((text, at) => pen.fillText(text, EDGE, EDGE + 44 + height + at * LINE));
    return canvas;
  }
  /** Chinese breaks anywhere. */
  function wrapped(pen, text, width) {
    const lines = [""];
    for (const sign of text) {
      if (pen.measureText(lines.at(-1) + sign).width > width) lines.push("");
      lines[lines.length - 1] += sign;
    }
    return lines;
  }

  // ---- the workbook ------------------------------------------------------------------------
  async function workbook(node) {
    const free = busy(node);
    try {
      const file = await ask("export", null, 60000);
      saveFile(file.name, new Blob([Uint8Array.from(atob(file.content), (one) => one.charCodeAt(0))]));
    } catch (fault) {
      toast({ kind: "bad", text: fault.silent ? "导出暂无响应，请重试" : fault.message });
    } finally {
      free();
    }
  }
}

export default { render };
