"use strict";
(() => {
  // Okabe and Ito's colours, told apart with every common colour vision; shapes and dashes tell them apart too.
  const light = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a7a00", "#3f9fd6", "#b27700", "#4d4d4d"];
  const dark = ["#56b4e9", "#ff8c42", "#2fc79b", "#e29bc4", "#f0e442", "#8fd0f5", "#e69f00", "#c9c9c9"];
  const dashes = [[], [7, 3], [2, 3], [9, 3, 2, 3]];
  const shapes = ["circle", "rect", "triangle", "rectRot", "star", "crossRot"];
  const plots = JSON.parse(document.getElementById("plots").textContent);
  const scheme = window.matchMedia("(prefers-color-scheme: dark)");
  const charts = [];
  const round = (v) => Number(v.toPrecision(4)).toString();

  // Draws the interval of each point as a vertical bar.
  const intervals = {
    id: "intervals",
    beforeDatasetsDraw(chart) {
      const { ctx, scales: { y } } = chart;
      chart.data.datasets.forEach((set, i) => {
        if (!set.intervals || !chart.isDatasetVisible(i)) return;
        ctx.save();
        ctx.strokeStyle = set.borderColor;
        ctx.lineWidth = 1.25;
        ctx.globalAlpha = 0.7;
        chart.getDatasetMeta(i).data.forEach((element, k) => {
          const { low, high } = set.data[k];
          if (low === undefined || low === high) return;
          ctx.beginPath();
          ctx.moveTo(element.x, y.getPixelForValue(low));
          ctx.lineTo(element.x, y.getPixelForValue(high));
          ctx.stroke();
        });
        ctx.restore();
      });
    },
  };

  function lineSet(series, index, colours, ink) {
    const colour = colours[index % colours.length];
    const many = series.points.length > 40;
    const set = {
      label: series.name, data: series.points, borderColor: colour, backgroundColor: colour, borderWidth: 2,
      pointRadius: many ? 0 : 3, pointHitRadius: 8, pointStyle: shapes[index % shapes.length],
      borderDash: dashes[Math.floor(index / colours.length) % dashes.length],
    };
    switch (series.style) {
      case "interval": set.intervals = true; break;
      case "step": set.stepped = true; break;
      case "dots": Object.assign(set, { showLine: false, pointRadius: 4, intervals: true }); break;
      case "guide": Object.assign(set, { pointRadius: 0, pointHitRadius: 0, borderColor: ink, borderWidth: 1, borderDash: [5, 4] }); break;
      case "mark": Object.assign(set, { showLine: false, pointRadius: 7, pointStyle: "rectRot", order: -1 }); break;
    }
    return set;
  }

  function config(plot) {
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue("--quiet").trim();
    const line = style.getPropertyValue("--line").trim();
    const colours = scheme.matches ? dark : light;
    const bars = plot.kind === "bars";
    const axis = (title, extra) => Object.assign({
      title: { display: Boolean(title), text: title, color: ink }, ticks: { color: ink, maxTicksLimit: 9 },
      grid: { color: line }, border: { color: line },
    }, extra);
    const datasets = bars
      ? plot.series.map((s, i) => ({ label: s.name, data: s.values, backgroundColor: colours[i % colours.length], borderColor: style.getPropertyValue("--paper").trim(), borderWidth: 1 }))
      : plot.series.map((s, i) => lineSet(s, i, colours, ink));
    return {
      type: bars ? "bar" : "line",
      data: { labels: plot.labels, datasets },
      plugins: [intervals],
      options: {
        animation: false, responsive: true, maintainAspectRatio: false, indexAxis: bars ? "y" : "x",
        interaction: { mode: "nearest", intersect: false, axis: bars ? "y" : "xy" },
        scales: bars
          ? { x: axis(plot.x, { stacked: true, beginAtZero: true }), y: axis("", { stacked: true, grid: { display: false } }) }
          : { x: axis(plot.x, { type: "linear" }), y: axis(plot.y, { beginAtZero: plot.fromZero }) },
        plugins: {
          legend: { display: datasets.length > 1, position: "bottom", labels: { color: ink, usePointStyle: !bars, boxWidth: bars ? 14 : 8, boxHeight: 8 } },
          tooltip: {
            callbacks: {
              title: (items) => items.length && items[0].raw.name ? items[0].raw.name : bars ? items[0].label : plot.x + " " + round(items[0].parsed.x),
              label: (item) => {
                const v = bars ? item.parsed.x : item.parsed.y;
                const { low, high } = item.raw;
                return item.dataset.label + ": " + round(v) + (low === undefined || low === high ? "" : " [" + round(low) + ", " + round(high) + "]");
              },
            },
          },
        },
      },
    };
  }

  function draw() {
    charts.splice(0).forEach((chart) => chart.destroy());
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    for (const [id, plot] of Object.entries(plots)) {
      charts.push(new Chart(document.getElementById(id), config(plot)));
    }
  }

  scheme.addEventListener("change", draw);
  draw();
})();
