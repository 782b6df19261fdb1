// The grid of a draft: a cell is checked while it is typed and kept when it is left; rules come, move and go by keys.
// Everything listens on the document, so that a grid that was swapped in needs no set-up.
(() => {
  "use strict";
  const DELAY_MS = 300;
  let kept = Promise.resolve();
  let under = 0;
  let timer = null;
  let column = null;

  const grid = () => document.getElementById("grid");
  const token = () => JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRFToken"];
  const cellOf = (event) => event.target.closest?.("#grid input.cell");
  const said = (cell) => cell.parentElement.querySelector(".cell-said");
  const ruleOf = (cell) => cell.closest("tr").dataset.rule;

  const post = async (cell, address, values) => {
    const body = new URLSearchParams({
      rule: ruleOf(cell), side: cell.dataset.side, name: cell.dataset.name, text: cell.value, ...values,
    });
    const headers = { "X-CSRFToken": token(), "HX-Request": "true" };
    const answer = await fetch(address, { method: "POST", body, headers });
    if (answer.status === 401) { location.reload(); return null; }
    return answer;
  };

  const show = async (cell, answer) => {
    const box = said(cell);
    box.id ||= `said-${Math.random().toString(36).slice(2)}`;
    box.innerHTML = await answer.text();
    const wrong = box.querySelector(".field-error") !== null || !answer.ok;
    cell.setAttribute("aria-invalid", String(wrong));
    cell.setAttribute("aria-describedby", box.id);
  };

  const check = async (cell) => {
    const text = cell.value;
    const answer = await post(cell, grid().dataset.check, {});
    if (answer && cell.value === text && cell.isConnected) await show(cell, answer);
  };

  // One after the other: the next keeps what the one before has written.
  const keep = (cell) => {
    const text = cell.value;
    const was = cell.defaultValue;
    if (text === was) return kept;
    under += 1;
    kept = kept.then(async () => {
      const answer = await post(cell, grid().dataset.cell, { text, was });
      if (!answer || !cell.isConnected) return;
      await show(cell, answer);
      if (!answer.ok) return;
      cell.defaultValue = text;
      if (cell.dataset.side === "id") cell.closest("tr").dataset.rule = text.trim();
      document.body.dispatchEvent(new Event("table-edited"));
    }).catch(() => { said(cell).textContent = "This was not kept: the server could not be reached."; })
      .finally(() => { under -= 1; });
    return kept;
  };

  const press = async (move, cell) => {
    const rule = ruleOf(cell);
    clearTimeout(timer);
    await keep(cell);
    const button = [...document.querySelectorAll("#grid button[name=do]")].find((one) => one.value === `${move}:${rule}`);
    button?.click();
  };

  const step = (cell, by) => {
    const rows = [...grid().querySelectorAll("tbody tr")];
    const row = rows[rows.indexOf(cell.closest("tr")) + by];
    const next = row?.querySelectorAll("input.cell")[[...cell.closest("tr").querySelectorAll("input.cell")].indexOf(cell)];
    if (next) { next.focus(); next.select(); } else { keep(cell); }
  };

  document.addEventListener("input", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    clearTimeout(timer);
    timer = setTimeout(() => check(cell), DELAY_MS);
  });
  document.addEventListener("change", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    clearTimeout(timer);
    keep(cell);
  });
  document.addEventListener("focusin", (event) => {
    const cell = cellOf(event);
    if (cell) column = [cell.dataset.side, cell.dataset.name];
  });

  const KEYS = { Enter: "add", Delete: "remove", ArrowUp: "up", ArrowDown: "down" };
  document.addEventListener("keydown", (event) => {
    const cell = cellOf(event);
    if (!cell || event.isComposing) return;
    const arrow = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.altKey && KEYS[event.key]) {
      event.preventDefault();
      press(event.key === "Enter" && event.shiftKey ? "duplicate" : KEYS[event.key], cell);
    } else if (event.key === "Enter") {
      event.preventDefault();
      step(cell, event.shiftKey ? -1 : 1);
    } else if (arrow && !cell.list && !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      step(cell, arrow);
    } else if (event.key === "Escape" && cell.value !== cell.defaultValue) {
      cell.value = cell.defaultValue;
      clearTimeout(timer);
      said(cell).textContent = "";
      cell.removeAttribute("aria-invalid");
    }
  });

  // A button that is pressed while a cell is still being kept waits for it.
  document.addEventListener("submit", (event) => {
    if (under === 0 || !event.target.closest("#grid form")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { target, submitter } = event;
    kept.then(() => setTimeout(() => target.requestSubmit(submitter), 0));
  }, true);

  document.addEventListener("htmx:after:swap", () => {
    const form = grid()?.querySelector("form");
    if (!form || form.dataset.seen) return;
    form.dataset.seen = "true";
    document.body.dispatchEvent(new Event("table-edited"));
    const row = [...form.querySelectorAll("tbody tr")].find((one) => one.dataset.rule === form.dataset.focusRule);
    const cells = [...(row?.querySelectorAll("input.cell") || [])];
    const same = cells.find((one) => column && one.dataset.side === column[0] && one.dataset.name === column[1]);
    (same || cells[1])?.focus();
  });
  document.addEventListener("DOMContentLoaded", () => {
    const form = grid()?.querySelector("form");
    if (form) form.dataset.seen = "true";
  });
})();
