// The few English words of marimo's own widgets, in Chinese. Text of users is never touched:
// whole text nodes that equal an entry, or match a whole pattern, inside marimo's own elements.
(() => {
  "use strict";
  const WORDS = {
    "Search": "搜索", "Search...": "搜索…", "Search…": "搜索…", "Loading...": "正在载入…", "Loading…": "正在载入…",
    "No results": "无结果", "No results.": "无结果", "No results found": "无结果", "No results found.": "无结果",
    "Download": "下载", "Export": "导出", "Filter": "筛选", "Filters": "筛选", "Sort": "排序", "Clear": "清除", "Clear all": "全部清除",
    "Select all": "全选", "Deselect all": "取消全选", "Select...": "请选择", "Select…": "请选择", "Select": "选择", "None": "无",
    "Page": "第", "of": "/", "row": "行", "rows": "行", "column": "列", "columns": "列", "selected": "已选", "Next": "下一页", "Previous": "上一页",
    "Asc": "升序", "Desc": "降序", "Ascending": "升序", "Descending": "降序", "Clear sort": "取消排序", "Copy": "复制", "Copied": "已复制",
    "Copy column name": "复制列名", "Hide column": "隐藏此列", "Freeze left": "固定在左", "Freeze right": "固定在右", "Unfreeze": "取消固定",
    "Wrap text": "换行显示", "No wrap text": "不换行", "Format": "格式", "Apply": "应用", "Cancel": "取消", "Close": "关闭", "OK": "确定",
    "Submit": "提交", "Save": "保存", "Reset": "重置", "True": "是", "False": "否", "Today": "今天", "Preview data": "预览数据",
    "New row": "新增行", "Columns": "列", "Visualize": "作图", "Explore": "浏览", "No selection": "未选择", "No rows": "无数据", "Show columns": "显示的列", "Chart builder": "作图", "Row viewer": "逐行查看", "Delete row": "删除行", "Drag and drop files here, or click to browse": "把文件拖到这里，或点击选择",
    "Drag and drop files here, or click to open file browser": "把文件拖到这里，或点击选择", "Click to clear files.": "点击清除文件",
    "Upload": "上传", "Uploading...": "正在上传…", "Save as SVG": "下载图片（SVG）", "Save as PNG": "下载图片（PNG）",
    "View Source": "查看定义", "View Compiled Vega": "查看定义", "Open in Vega Editor": "", "Reconnected": "已重新连接",
    "Reconnecting...": "正在重新连接…", "Connection lost": "连接已断开", "Connecting...": "正在连接…", "Connecting to a runtime ...": "正在连接…",
    "Failed to fetch": "网络没有响应，请重试", "Failed to connect": "无法连接服务器", "Kernel not found": "会话已结束，请重新加载页面",
    "kernel not found": "会话已结束，请重新加载页面", "Error": "出错了", "Something went wrong": "出错了", "An error occurred": "出错了",
    "An internal error occurred": "出错了", "Failed to save": "操作未成功", "Initializing...": "正在准备…", "Reload": "重新加载", "Retry": "重试", "Dismiss": "关闭",
    "This cell wasn't run because an ancestor raised an exception": "因前面的内容出错，此处没有显示",
    "See the console area for a traceback.": "请记下编号并联系信息部", "See console for details.": "请刷新页面；仍不行请联系信息部", "App is disconnected": "连接已断开",
  };
  const PATTERNS = [
    [/^([\d,]+) rows?$/, "$1 行"], [/^([\d,]+) columns?$/, "$1 列"], [/^([\d,]+) rows?, ([\d,]+) columns?$/, "$1 行，$2 列"],
    [/^([\d,]+) selected$/, "已选 $1"], [/^([\d,]+) items?$/, "$1 项"], [/^Page ([\d,]+) of ([\d,]+)$/, "第 $1 / $2 页"],
    [/^An internal error occurred: (.+)$/, "出错了，编号 $1"], [/^(?:Error|Exception): .+$/, "出错了，请重试或联系信息部"],
    [/^An ancestor raised an exception.*$/, "因前面的内容出错，此处没有显示"], [/^This cell raised an exception.*$/, "出错了，请重试或联系信息部"],
    [/^.*This cell wasn't run because an ancestor.*$/, "因前面的内容出错，此处没有显示"],
  ];
  const ATTRIBUTES = ["placeholder", "title", "aria-label"];
  const OURS = "#sm-frame, .sm, .sm-page-html";
  const CELLS = "td, [data-cell-id] pre code";

  function chinese(text) {
    const bare = text.trim();
    if (!bare || !/[A-Za-z]/.test(bare)) return null;
    if (Object.hasOwn(WORDS, bare)) return text.replace(bare, WORDS[bare]);
    for (const [pattern, words] of PATTERNS) if (pattern.test(bare)) return bare.replace(pattern, words);
    return null;
  }
  function node(found) {
    if (found.nodeType === Node.TEXT_NODE) {
      const parent = found.parentElement;
      if (parent?.closest(`${OURS}, ${CELLS}, script, style`)) return;
      const words = chinese(found.data);
      if (words !== null && words !== found.data) found.data = words;
      return;
    }
    if (found.nodeType !== Node.ELEMENT_NODE || found.matches(OURS)) return;
    for (const name of ATTRIBUTES) {
      const words = found.hasAttribute(name) ? chinese(found.getAttribute(name)) : null;
      if (words !== null && words !== found.getAttribute(name)) found.setAttribute(name, words);
    }
    for (const child of found.childNodes) node(child);
  }
  function watch(root) {
    new MutationObserver((changes) => {
      for (const change of changes) {
        if (change.type === "childList") change.addedNodes.forEach(node);
        else node(change.target);
      }
    }).observe(root, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES });
    root.childNodes.forEach(node);
  }
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function attachShadow(options) {
    const made = attach.call(this, options);
    watch(made);
    return made;
  };
  watch(document.documentElement);
})();
