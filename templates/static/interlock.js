// What pages need beyond htmx. Loaded in the head before the first paint, so that the theme is right from the start;
// everything else listens on the document, so that swapped-in fragments need no set-up.
(() => {
  "use strict";
  const root = document.documentElement;
  const systemDark = window.matchMedia("(prefers-color-scheme: dark)");

  const storedTheme = () => {
    try { return localStorage.getItem("interlock-theme"); } catch { return null; }
  };
  const applyTheme = () => root.setAttribute("data-bs-theme", storedTheme() || (systemDark.matches ? "dark" : "light"));
  applyTheme();
  systemDark.addEventListener("change", applyTheme);

  const toggleTheme = () => {
    const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    try { localStorage.setItem("interlock-theme", next); } catch { /* private mode: for this page only */ }
    root.setAttribute("data-bs-theme", next);
  };

  const say = (sentence) => {
    const box = document.getElementById("toasts");
    if (!box) return;
    const line = document.createElement("p");
    line.textContent = sentence;
    box.append(line);
    setTimeout(() => line.remove(), 8000);
  };

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    if (on("[data-theme-toggle]")) toggleTheme();
    if (on("[data-print]")) window.print();
    on("[data-dismiss]")?.closest(".alert")?.remove();
    const copied = on("[data-copy]")?.dataset.copy;
    if (copied) (navigator.clipboard?.writeText(copied) ?? Promise.reject()).then(() => say("Copied."), () => say(copied));
    const toggle = on("[data-toggles]");
    if (toggle) {
      const open = document.getElementById(toggle.dataset.toggles).classList.toggle("open");
      toggle.setAttribute("aria-expanded", String(open));
    }
    document.querySelectorAll("details[data-closes][open]").forEach((box) => {
      if (!box.contains(event.target)) box.open = false;
    });
    const fill = on("[data-fill]");
    if (fill) {
      let filled = null;
      new URLSearchParams(fill.dataset.fill).forEach((value, name) => {
        const input = document.querySelector(`input[name="${CSS.escape(name)}"]`);
        if (!input) return;
        input.value = value;
        input.dispatchEvent(new Event("change", { bubbles: true }));
        filled = input;
      });
      filled?.form?.querySelector("button[type=submit]")?.focus();
    }
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const box = document.getElementById("global-search");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    }
    if ((event.key === "j" || event.key === "k") && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const links = [...document.querySelectorAll("table[data-rows] tbody th a")];
      const row = document.activeElement?.closest("tr");
      const at = links.findIndex((link) => row?.contains(link));
      links[Math.min(links.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))]?.focus();
    }
    if (event.key === "Escape") {
      document.querySelectorAll("details[data-closes][open]").forEach((box) => {
        box.open = false;
        box.querySelector("summary").focus();
      });
    }
  });

  // A filter form goes as soon as something is chosen; empty fields stay out of the address.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-autosubmit]");
    if (form && event.target.matches("select, input[type=date], input[type=checkbox]")) form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-autosubmit]")) return;
    event.target.querySelectorAll("[name]").forEach((field) => { if (!field.value) field.disabled = true; });
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-autosubmit] [name]:disabled").forEach((field) => { field.disabled = false; });
  });

  document.addEventListener("DOMContentLoaded", () => document.querySelector("[data-focus]")?.focus());

  // A session that ended answers a fragment with the sign-in page: go there instead of showing it inside a card.
  document.addEventListener("htmx:before:response", (event) => {
    const response = event.detail?.ctx?.response?.raw;
    if (response?.redirected && new URL(response.url).pathname.startsWith("/accounts/login")) {
      event.preventDefault();
      const back = encodeURIComponent(location.pathname + location.search);
      location.assign(`/accounts/login/?next=${back}`);
    }
  });
  document.addEventListener("htmx:error", () => say("The server could not be reached. Check the connection and try again."));
  document.addEventListener("htmx:response:error", (event) => {
    const status = event.detail?.ctx?.response?.status;
    if (status >= 500) say(`Something failed on the server (${status}). Nothing was changed; try again.`);
  });
})();
