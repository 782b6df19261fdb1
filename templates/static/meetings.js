// The clock of the item under discussion: the server says how long it has run, this only goes on counting from there.
(() => {
  "use strict";
  const clock = (seconds) => {
    const minutes = Math.floor(seconds / 60), rest = seconds % 60;
    return rest || !minutes ? `${minutes} min ${String(rest).padStart(2, "0")} s` : `${minutes} min`;
  };
  const words = (elapsed, box) =>
    box && elapsed > box ? `${clock(elapsed)}, ${clock(elapsed - box)} over` : `${clock(elapsed)} of ${clock(box)}`;

  const run = (timer) => {
    const began = performance.now() - Number(timer.dataset.elapsed) * 1000, box = Number(timer.dataset.box);
    const shown = timer.querySelector("[data-timer-words]");
    const tick = () => {
      const elapsed = Math.floor((performance.now() - began) / 1000);
      shown.textContent = words(elapsed, box);
      timer.classList.toggle("over", box > 0 && elapsed > box);
    };
    tick();
    setInterval(tick, 1000);
  };
  document.querySelectorAll("[data-timer]").forEach(run);
})();
