// Knows how phases over time are drawn with uPlot, in the colours of the theme.
import { html, useEffect, useRef } from "../html.js";
import { milliseconds } from "./since.js";
import uPlot from "../vendor/uplot.mjs";

const HEIGHT = 272;

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function clock(seconds) {
  return new Date(seconds * 1000).toISOString().slice(11, 19);
}

// Pixels beside the y axis for its longest label.
function room(_, labels) {
  return 24 + 8 * Math.max(4, ...(labels ?? []).map((label) => label.length));
}

function options(series, width) {
  const axis = { stroke: colour("--dim"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 }, font: "12px system-ui, sans-serif" };
  return {
    width, height: HEIGHT, cursor: { y: false }, scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [{ ...axis, space: 72, values: (_, ticks) => ticks.map(clock) }, { ...axis, size: room, values: (_, ticks) => ticks.map((tick) => `${tick} ms`) }],
    series: [{ label: "UTC", value: (_, value) => (value === null ? "–" : clock(value)) }, ...series.map((line) => ({ label: line.label, stroke: colour(line.colour), width: 1.5, dash: line.dash, points: { show: false }, value: (_, value) => milliseconds(value) }))],
  };
}

// SERIES is [{label, colour: "--variable", dash}]; DATA what uPlot takes: [times in seconds, values...].
export function Chart({ series, data, label }) {
  const box = useRef(null), plot = useRef(null);
  useEffect(() => {
    const draw = () => {
      if (plot.current) plot.current.destroy();
      plot.current = new uPlot(options(series, box.current.clientWidth), data, box.current);
    };
    draw();
    const resize = new ResizeObserver(() => plot.current.width !== box.current.clientWidth && plot.current.setSize({ width: box.current.clientWidth, height: HEIGHT }));
    resize.observe(box.current);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      resize.disconnect();
      scheme.removeEventListener("change", draw);
      plot.current.destroy();
      plot.current = null;
    };
  }, [series]);
  useEffect(() => {
    if (plot.current) plot.current.setData(data);
  }, [data]);
  return html`<div class="chart" ref=${box} role="img" aria-label=${label}></div>`;
}
