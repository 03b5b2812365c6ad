// One pool: its endpoints with what was seen of them, who uses it, who steps in.
import { html, useState } from "../html.js";
import { path, query } from "../api.js";
import { go, link, useQuery } from "../router.js";
import { may, useLive } from "../store.js";
import { DeleteButton, ObjectForm } from "../parts/form.js";
import { Override } from "../parts/override.js";
import { Empty, Loaded, ObjectLink, Page, Panel, percent } from "../parts/page.js";
import { Since, milliseconds } from "../parts/since.js";
import { State } from "../parts/state.js";
import { Strip } from "../parts/strip.js";
import { ENDPOINT, POOL } from "../kinds.js";

const PAGE = 100;

// Serving endpoints against what the pool needs, one cell an endpoint.
function Gauge({ pool }) {
  const total = Math.max(pool.total, pool.min_healthy, 1), width = Math.min(12, 240 / total);
  return html`<svg class="gauge" viewBox="0 0 ${total * width} 18" width=${total * width} height="18" role="img" aria-label="${pool.healthy} of ${pool.total} endpoints serve, ${pool.min_healthy} needed">
    ${Array.from({ length: total }, (_, i) => html`<rect key=${i} class=${i < pool.healthy ? "good" : "off"} x=${i * width} y="4" width=${Math.max(1, width - 2)} height="10" rx="1" />`)}
    <path class="need" d="M${pool.min_healthy * width - 1} 0v18" /></svg>`;
}

function Chain({ pool, pools }) {
  const chain = [], seen = new Set([pool.name]);
  for (let next = pool.fallback; next && !seen.has(next); next = (pools.find((other) => other.name === next) || {}).fallback) {
    seen.add(next);
    chain.push(pools.find((other) => other.name === next) || { name: next, state: "unknown" });
  }
  if (chain.length === 0) return html`<span class="dim">none</span>`;
  return chain.map((other, i) => html`${i ? " then " : ""}<${ObjectLink} id="pool/${other.name}" text=${other.name} /> <${State} state=${other.state} />`);
}

export function endpointState(endpoint) {
  return endpoint.enabled ? endpoint.state : "disabled";
}

function EndpointRow({ pool, endpoint, refresh, edit }) {
  const last = endpoint.last;
  return html`<tr><td class="name"><a href=${link("pools", pool, endpoint.endpoint)}>${endpoint.endpoint}</a><div class="dim">${endpoint.address}</div></td>
    <td><${State} state=${endpointState(endpoint)} word=${endpoint.pending ? `${endpoint.state}, changing` : undefined} /><div class="dim nowrap">for <${Since} time=${endpoint.since} /></div></td>
    <td><${Strip} history=${endpoint.history} slots=${30} /></td>
    <td class="num" data-label="last">${last && last.phases_ms && last.ok ? milliseconds(last.phases_ms.total) : "–"}</td><td class="num" data-label="weight">${endpoint.weight}</td>
    <td>${endpoint.effective.serving ? html`<span>serving</span>` : html`<span class="warn">not serving</span>`}<div class="dim">${endpoint.effective.why}</div></td>
    <td class="reason">${endpoint.reason}</td>
    <td class="acts"><${Override} object=${endpoint.id} current=${endpoint.override} onDone=${refresh} />${may("operator") && html`<button class="quiet small" onClick=${() => edit(endpoint.endpoint)}>Edit</button>`}</td></tr>`;
}

function Endpoints({ pool, health, refresh }) {
  const [filter, set] = useQuery();
  const [editing, edit] = useState(null);
  const [shown, show] = useState(PAGE);
  const endpoints = health.endpoints.filter((endpoint) => !filter.q || endpoint.endpoint.includes(filter.q) || endpoint.address.includes(filter.q));
  const done = () => { edit(null); refresh(); };
  const collection = path("pools", pool.name, "endpoints");
  const stored = pool.endpoints.find((endpoint) => endpoint.name === editing);
  return html`<${Panel} title="Endpoints" note="one bar a check, newest on the right" flush actions=${html`${health.endpoints.length > 10 && html`<input type="search" aria-label="Filter" placeholder="name or address" value=${filter.q || ""} onInput=${(event) => set({ q: event.target.value.trim() })} />`}${may("operator") && html`<button onClick=${() => edit("")}>Add an endpoint</button>`}`}>
    ${editing === "" && html`<div class="inset"><${ObjectForm} collection=${collection} fields=${ENDPOINT} onCancel=${() => edit(null)} onDone=${done} /></div>`}
    ${stored && html`<div class="inset"><h3>${editing}</h3><${ObjectForm} key=${editing} collection=${collection} where=${path("pools", pool.name, "endpoints", editing)} object=${{ ...stored, revision: pool.revision }} fields=${ENDPOINT} onCancel=${() => edit(null)} onDone=${done} /></div>`}
    ${endpoints.length === 0 ? editing !== "" && html`<${Empty} title="No endpoints"><p>Add the addresses that serve here.</p><//>` : html`<div class="scroll"><table class="rows cards endpoints"><thead><tr><th scope="col">Endpoint</th><th scope="col">State</th><th scope="col">Checks</th><th scope="col" class="num">Last</th><th scope="col" class="num">Weight</th><th scope="col">Answers</th><th scope="col">Reason</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead><tbody>
      ${endpoints.slice(0, shown).map((endpoint) => html`<${EndpointRow} key=${endpoint.id} pool=${pool.name} endpoint=${endpoint} refresh=${refresh} edit=${edit} />`)}</tbody></table></div>`}
    ${endpoints.length > shown && html`<p class="more"><button onClick=${() => show(shown + PAGE)}>More of ${endpoints.length}</button></p>`}<//>`;
}

export default function Pool({ pool: name }) {
  const stored = useLive(path("pools", name), ["revision"]);
  const health = useLive(query("health", { pool: name }), ["health", "revision", "event"], 3);
  const overview = useLive("overview", ["health", "revision"], 10);
  const [editing, edit] = useState(false);
  const refresh = () => { stored.refresh(); health.refresh(); };
  return html`<${Page} title=${name} up=${["/pools", "Pools"]} actions=${stored.data && may("operator") && !editing && html`<button onClick=${() => edit(true)}>Edit the pool</button>`}>
    <${Loaded} live=${stored}>${(pool) => html`
      ${editing && html`<${Panel} title="Pool"><${ObjectForm} collection="pools" where=${path("pools", name)} object=${pool} fields=${POOL} deletable=${false} onCancel=${() => edit(false)} onDone=${() => { edit(false); refresh(); }} /><hr /><${DeleteButton} where=${path("pools", name)} name=${name} revision=${pool.revision} onDone=${() => go("/pools")} /><//>`}
      <${Loaded} live=${health}>${(data) => {
        const now = data.pools[0];
        const share = overview.data && overview.data.traffic.pools.find((entry) => entry.pool === name);
        return html`${!data.fresh && html`<p class="banner"><${State} state="stale" word="What stands here is not fresh." /> ${data.problems.join(" ")}</p>`}
          <dl class="facts"><div><dt>State</dt><dd><${State} state=${now.state} /> <span class="dim">for <${Since} time=${now.since} /></span></dd></div>
            <div><dt>Serving</dt><dd><${Gauge} pool=${now} /> ${now.healthy} of ${now.total}, needs ${now.min_healthy}</dd></div>
            <div><dt>Share of answers</dt><dd>${share ? percent(share.share) : "–"}</dd></div>
            <div><dt>Fallback</dt><dd>${overview.data ? html`<${Chain} pool=${now} pools=${overview.data.pools} />` : now.fallback || "none"}</dd></div>
            <div><dt>Monitor</dt><dd>${now.monitor ? html`<${ObjectLink} id="monitor/${now.monitor}" text=${now.monitor} />` : html`<span class="warn">none: endpoints count as well</span>`}</dd></div>
            <div><dt>Used by</dt><dd>${(pool.used_by || []).length ? pool.used_by.map((id, i) => html`${i ? ", " : ""}<${ObjectLink} id=${id} />`) : html`<span class="dim">nobody</span>`}</dd></div></dl>
          ${now.reason && html`<p class="reason block"><strong>Reason:</strong> ${now.reason}</p>`}
          <p><${Override} object="pool/${name}" current=${now.override} onDone=${refresh} label="Override the pool" /></p>
          <${Endpoints} pool=${pool} health=${now} refresh=${refresh} />`;
      }}<//>
      <p class="dim"><a href="/events?object=${encodeURIComponent(`pool/${name}`)}">Events of this pool</a>, last changed in <a href="/revisions?n=${pool.revision}">revision ${pool.revision}</a>.</p>`}<//>
  <//>`;
}
