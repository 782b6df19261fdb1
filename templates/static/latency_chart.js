// Draws the latency chart of a probe from the JSON that data-url answers; the page's table holds the same facts.
(() => {
  "use strict";
  const REFRESH_MS = 30000;

  // The canvas needs a plain colour; the page's are variables that may be computed from others.
  const colour = (name, otherwise) => {
    const swatch = document.createElement("span");
    swatch.style.color = `var(${name})`;
    document.body.append(swatch);
    const seen = getComputedStyle(swatch).color;
    swatch.remove();
    return seen.startsWith("rgb") ? seen : otherwise;
  };

  const options = (points, slowMs) => {
    const line = (name, key, tone) => ({
      name, type: "line", showSymbol: points.length < 50, connectNulls: false, lineStyle: { width: 1.5 }, itemStyle: { color: tone },
      data: points.map((point) => [point.at, point[key]]),
    });
    const median = line("p50", "p50", colour("--tblr-primary", "#066fd1"));
    if (slowMs) {
      median.markLine = { silent: true, symbol: "none", data: [{ yAxis: slowMs, name: "slow" }] };
    }
    const ink = getComputedStyle(document.body).color;
    const axis = { axisLabel: { color: ink }, nameTextStyle: { color: ink } };
    return {
      animation: false,
      grid: { left: 56, right: 16, top: 28, bottom: 28 },
      legend: { top: 0, textStyle: { color: ink } },
      tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: (ms) => (ms == null ? "no answer" : `${ms} ms`) },
      xAxis: { type: "time", ...axis },
      yAxis: { type: "value", name: "ms", min: 0, ...axis },
      series: [
        median,
        line("p95", "p95", colour("--tblr-orange", "#c2560a")),
        { name: "failed", type: "scatter", symbol: "triangle", symbolSize: 9, itemStyle: { color: colour("--tblr-danger", "#b42318") },
          data: points.filter((point) => point.down).map((point) => [point.at, 0]) },
      ],
    };
  };

  const draw = async (element, chart) => {
    const answer = await fetch(element.dataset.url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) return;
    const { points, slow_ms: slowMs } = await answer.json();
    chart.setOption(options(points, slowMs));
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-chart=latency]").forEach((element) => {
      element.style.height = "240px";
      const chart = window.echarts.init(element);
      draw(element, chart);
      setInterval(() => draw(element, chart), REFRESH_MS);
      window.addEventListener("resize", () => chart.resize());
    });
  });
})();
