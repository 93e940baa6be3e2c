// What the pages can do besides links and forms: keys, the choice of light or dark at once, and the state of the stream.
// Everything here may be missing; nothing is lost but ease.
"use strict";
(() => {
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const current = () => document.activeElement?.closest?.("[data-row]");

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step));
    const link = all[next].querySelector("[data-open]");
    link.focus();
    all[next].scrollIntoView({ block: "nearest" });
  }

  function act(deed) {
    const button = (current() ?? document.querySelector("aside.acts"))?.querySelector(`[data-act="${deed}"]`);
    if (!button) return;
    const details = button.closest("details");
    if (details && !details.open) {
      details.open = true;
      button.focus();
    } else {
      sessionStorage.setItem("row", current()?.id ?? "");
      button.click();
    }
  }

  // What was done loads the page anew; whoever goes by keys goes on from where they were.
  document.getElementById(sessionStorage.getItem("row") ?? "")?.querySelector("[data-open]").focus();
  sessionStorage.removeItem("row");

  const help = document.querySelector("[data-keys]");
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    a: () => act("ack"),
    c: () => act("claim"),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (writing || event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const doing = keys[event.key];
    if (doing) {
      event.preventDefault();
      doing();
    }
  });
  for (const button of document.querySelectorAll("[data-help]")) {
    button.hidden = false;
    button.addEventListener("click", () => help.showModal());
  }

  for (const form of document.querySelectorAll("[data-theme-form]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const theme = event.submitter.value;
      document.documentElement.dataset.theme = theme;
      const body = new URLSearchParams(new FormData(form));
      body.set("theme", theme);
      fetch(form.action, { method: "POST", body, redirect: "manual" });
    });
  }

  const live = document.querySelector("[data-live]");
  function stream(state, words) {
    if (!live) return;
    live.dataset.live = state;
    live.querySelector("[data-live-words]").textContent = words;
  }
  document.addEventListener("htmx:sse:after:connection", () => stream("on", "Live"));
  document.addEventListener("htmx:sse:error", () => stream("off", "Connecting again"));
  document.addEventListener("htmx:sse:close", () => stream("off", "No longer live: load the page again"));
  document.addEventListener("htmx:response:error", (event) => {
    if (event.target.id === "queue") stream("off", "Not live: load the page again");
  });

  // A draft may be picked from a file; without this script it is pasted.
  for (const picker of document.querySelectorAll("[data-picks]")) {
    picker.hidden = false;
    picker.querySelector("input").addEventListener("change", async (event) => {
      const [file] = event.target.files;
      if (file) document.getElementById(picker.dataset.picks).value = await file.text();
    });
  }
})();
