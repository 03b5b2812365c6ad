// Knows how one gets to anything by typing a part of its name.
import { html, useEffect, useMemo, useRef, useState } from "../html.js";
import { list, query } from "../api.js";
import { go, link } from "../router.js";
import { Dialog } from "./dialog.js";

const ASK_MS = 150;
const PLACES = [
  ["services", (item) => [`${item.name === "@" ? "" : item.name + "."}${item.zone}`, "service", link("services", item.zone, item.name)]],
  ["pools", (item) => [item.name, "pool", link("pools", item.name)]],
  ["zones", (item) => [item.name, "zone", link("zones", item.name)]],
  ["monitors", (item) => [item.name, "monitor", `/monitors?name=${encodeURIComponent(item.name)}`]],
  ["prefixes", (item) => [item.prefix, "prefix", "/anycast"]],
  ["regions", (item) => [item.name, "region", "/regions"]],
];

function endpointsOf(pools, text) {
  return pools.flatMap((pool) => pool.endpoints.filter((endpoint) => endpoint.name.includes(text) || endpoint.address.includes(text))
    .slice(0, 10).map((endpoint) => [`${pool.name}/${endpoint.name} ${endpoint.address}`, "endpoint", link("pools", pool.name, endpoint.name)]));
}

async function find(text) {
  const lists = await Promise.all(PLACES.map(([collection]) => list(query(collection, { q: text, limit: 8 })).then((page) => page.items, () => [])));
  const everyPool = await list(query("pools", { limit: 200 })).then((page) => page.items, () => []);
  return [...PLACES.flatMap(([, tell], i) => lists[i].map(tell)), ...(text ? endpointsOf(everyPool, text) : [])].slice(0, 30);
}

export function Search({ pages, onClose }) {
  const [text, type] = useState("");
  const [found, set] = useState([]);
  const [at, move] = useState(0);
  const asked = useRef(0);
  useEffect(() => {
    const turn = ++asked.current;
    const timer = setTimeout(() => find(text.trim().toLowerCase()).then((items) => turn === asked.current && set(items), () => {}), ASK_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const rows = useMemo(() => [...pages.filter(([, name]) => name.toLowerCase().includes(text.trim().toLowerCase())).map(([to, name]) => [name, "page", to]), ...found], [text, found]);
  useEffect(() => move(0), [text]);
  const take = (row) => {
    onClose();
    if (row) go(row[2]);
  };
  const key = (event) => {
    if (event.key === "ArrowDown") move((n) => Math.min(rows.length - 1, n + 1));
    else if (event.key === "ArrowUp") move((n) => Math.max(0, n - 1));
    else if (event.key === "Enter") take(rows[at]);
    else return;
    event.preventDefault();
  };
  return html`<${Dialog} title="Go to" onClose=${onClose}>
    <input type="search" class="search" role="combobox" aria-expanded="true" aria-controls="found" aria-activedescendant=${rows[at] ? `found-${at}` : undefined} aria-label="Search" placeholder="zone, service, pool, endpoint, address" value=${text} onInput=${(event) => type(event.target.value)} onKeyDown=${key} autocomplete="off" spellcheck=${false} />
    <ul id="found" class="found" role="listbox">${rows.map((row, i) => html`<li key=${row[1] + row[0]} id="found-${i}" role="option" aria-selected=${i === at ? "true" : "false"} onClick=${() => take(row)}><span>${row[0]}</span><span class="dim">${row[1]}</span></li>`)}</ul>
    ${rows.length === 0 && html`<p class="dim">Nothing is named so.</p>`}
  <//>`;
}
