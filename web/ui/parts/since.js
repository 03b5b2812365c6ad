// Knows how a time is told: relative and ticking, exact on hover.
import { html, useEffect, useState } from "../html.js";
import { skew } from "../store.js";

const followers = new Set();
setInterval(() => followers.forEach((follower) => follower()), 1000);

export function now() {
  return Date.now() + skew.get();
}

function useTick() {
  const [, set] = useState(0);
  useEffect(() => {
    const tick = () => set((n) => n + 1);
    followers.add(tick);
    return () => followers.delete(tick);
  }, []);
}

// 90061000 -> "1 d 1 h"
export function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min${s < 600 && s % 60 ? ` ${s % 60} s` : ""}`;
  if (s < 86400) return `${Math.floor(s / 3600)} h${s % 3600 >= 60 ? ` ${Math.floor((s % 3600) / 60)} min` : ""}`;
  return `${Math.floor(s / 86400)} d${s % 86400 >= 3600 ? ` ${Math.floor((s % 86400) / 3600)} h` : ""}`;
}

export function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  return `${value >= 100 ? Math.round(value) : value.toFixed(value >= 10 ? 1 : 2)} ms`;
}

export function exact(time) {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC").replace("Z", " UTC");
}

// "3 min ago", or "in 3 min".
export function Ago({ time }) {
  useTick();
  if (!time) return html`<span class="dim">never</span>`;
  const past = now() - Date.parse(time);
  return html`<time dateTime=${time} title=${exact(time)}>${past < -1500 ? `in ${span(-past)}` : past < 1500 ? "just now" : `${span(past)} ago`}</time>`;
}

// How long something has held: "3 min".
export function Since({ time }) {
  useTick();
  if (!time) return html`<span class="dim">–</span>`;
  return html`<time dateTime=${time} title=${exact(time)}>${span(now() - Date.parse(time))}</time>`;
}
