// Knows how a service says who gets which pool: rules in order, or pools in order, with weights or a bias.
import { html, useEffect, useState } from "../html.js";
import { listAll, path } from "../api.js";
import { ObjectForm } from "./form.js";

const FIELDS = [
  { key: "name", label: "Name", type: "text", placeholder: "www, or @ for the apex" },
  { key: "ttl", label: "TTL (s)", type: "number", default: 30 },
  { key: "steering", label: "Steering", type: "select", options: ["rules", "nearest", "failover", "weighted", "hash"], required: true },
  { key: "default", label: "Everybody else gets", type: "pick", from: "pools", none: "nothing", when: (service) => service.steering === "rules" || service.steering === "nearest", help: "Of nearest: clients of no known place." },
  { key: "on_all_down", label: "When no pool can serve", type: "select", options: ["serve_all", "serve_last", "fallback_pool", "empty"], none: "serve_all", help: "serve_all: the first pool as if all were well." },
  { key: "fallback_pool", label: "The pool then", type: "pick", from: "pools", none: "none", when: (service) => service.on_all_down === "fallback_pool" },
];

function PoolPick({ value, pools, label, onInput }) {
  return html`<select aria-label=${label} value=${value || ""} onChange=${(event) => onInput(event.target.value)}><option value="">choose a pool</option>
    ${(value && !pools.includes(value) ? [value, ...pools] : pools).map((pool) => html`<option key=${pool} value=${pool}>${pool}</option>`)}</select>`;
}

function Mover({ list, at, change }) {
  const swap = (other) => {
    const next = [...list];
    [next[at], next[other]] = [next[other], next[at]];
    change(next);
  };
  return html`<span class="mover"><button type="button" class="quiet small" aria-label="Earlier" disabled=${at === 0} onClick=${() => swap(at - 1)}>↑</button>
    <button type="button" class="quiet small" aria-label="Later" disabled=${at === list.length - 1} onClick=${() => swap(at + 1)}>↓</button>
    <button type="button" class="quiet small" aria-label="Remove" onClick=${() => change(list.filter((_, i) => i !== at))}>Remove</button></span>`;
}

function Match({ value, label, onInput }) {
  const [typed, type] = useState((value || []).join(", "));
  return html`<input type="text" aria-label=${label} value=${typed} placeholder="EU, AS-CN, region:dach, 203.0.113.0/24, AS64500" spellcheck=${false} autocomplete="off"
    onInput=${(event) => { type(event.target.value); onInput(event.target.value.split(/[,\s]+/).filter(Boolean)); }} />`;
}

function wrongAt(errors, pointer) {
  const found = errors.filter((error) => error.pointer === pointer || error.pointer.startsWith(pointer + "/"));
  return found.length > 0 && html`<span class="bad">${found.map((error) => `${error.pointer.slice(pointer.length)} ${error.message}`).join("; ")}</span>`;
}

function Rules({ rules, pools, errors, change }) {
  const set = (i, changes) => change(rules.map((rule, at) => (at === i ? { ...rule, ...changes } : rule)));
  return html`<table class="rows edit"><caption>The first rule that matches decides.</caption><thead><tr><th scope="col">Clients in</th><th scope="col">get</th><th scope="col">Strict</th><th scope="col"><span class="hidden">Order</span></th></tr></thead><tbody>
    ${rules.map((rule, i) => html`<tr key=${i + "/" + rules.length}><td><${Match} value=${rule.match} label="Places of rule ${i + 1}" onInput=${(match) => set(i, { match })} />${wrongAt(errors, `/rules/${i}`)}</td>
      <td><${PoolPick} value=${rule.pool} pools=${pools} label="Pool of rule ${i + 1}" onInput=${(pool) => set(i, { pool })} /></td>
      <td><input type="checkbox" aria-label="No way out to another pool" checked=${!!rule.strict} onChange=${(event) => set(i, { strict: event.target.checked })} /></td>
      <td><${Mover} list=${rules} at=${i} change=${change} /></td></tr>`)}
    <tr><td colspan="4"><button type="button" class="small" onClick=${() => change([...rules, { match: [], pool: "" }])}>Add a rule</button></td></tr></tbody></table>`;
}

function entry(value) {
  return typeof value === "string" ? { pool: value } : value;
}

function Pools({ steering, list, pools, errors, change }) {
  const extra = steering === "weighted" || steering === "hash" ? ["weight", "Weight"] : steering === "nearest" ? ["bias_km", "Nearer by (km)"] : null;
  const set = (i, changes) => change(list.map((value, at) => (at === i ? { ...entry(value), ...changes } : value)));
  return html`<table class="rows edit"><caption>${steering === "failover" ? "The first that can serve answers." : steering === "nearest" ? "The nearest that can serve answers." : "Shares are as the weights."}</caption>
    <thead><tr><th scope="col">Pool</th>${extra && html`<th scope="col">${extra[1]}</th>`}<th scope="col"><span class="hidden">Order</span></th></tr></thead><tbody>
    ${list.map((value, i) => html`<tr key=${i + "/" + list.length}><td><${PoolPick} value=${entry(value).pool} pools=${pools} label="Pool ${i + 1}" onInput=${(pool) => set(i, { pool })} />${wrongAt(errors, `/pools/${i}`)}</td>
      ${extra && html`<td><input type="number" aria-label="${extra[1]} of pool ${i + 1}" value=${entry(value)[extra[0]] ?? ""} placeholder=${extra[0] === "weight" ? "1" : "0"} onInput=${(event) => set(i, { [extra[0]]: event.target.value === "" ? undefined : Number(event.target.value) })} /></td>`}
      <td><${Mover} list=${list} at=${i} change=${change} /></td></tr>`)}
    <tr><td colspan="3"><button type="button" class="small" onClick=${() => change([...list, { pool: "" }])}>Add a pool</button></td></tr></tbody></table>`;
}

// What another steering needs goes with it; what it does not know is left behind.
function settle(before, after) {
  if (before.steering === after.steering) return after;
  const next = { ...after };
  const names = before.steering === "rules" ? [...new Set([...(before.rules || []).map((rule) => rule.pool), before.default].filter(Boolean))] : (before.pools || []).map((value) => entry(value).pool);
  delete next.rules;
  delete next.default;
  delete next.pools;
  if (after.steering === "rules") {
    next.rules = [];
    if (names.length) next.default = names[names.length - 1];
  } else next.pools = names;
  return next;
}

export function ServiceForm({ zone, service, onDone, onCancel }) {
  const [pools, setPools] = useState([]);
  useEffect(() => {
    listAll("pools").then((items) => setPools(items.map((pool) => pool.name)), () => {});
  }, []);
  const collection = path("zones", zone, "services");
  const editor = (value, change, errors) => (value.steering === "rules"
    ? html`<${Rules} rules=${value.rules || []} pools=${pools} errors=${errors} change=${(rules) => change({ ...value, rules })} />`
    : value.steering && html`<${Pools} steering=${value.steering} list=${value.pools || []} pools=${pools} errors=${errors} change=${(list) => change({ ...value, pools: list })} />`);
  return html`<${ObjectForm} collection=${collection} where=${service && path("zones", zone, "services", service.name)} object=${service} initial=${{ steering: "rules", rules: [] }} fields=${FIELDS} extra=${editor} settle=${settle} shown=${["/rules", "/pools"]}
    onDone=${onDone} onCancel=${onCancel} />`;
}
