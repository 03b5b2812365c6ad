// One steered name: who gets what now, why, how fast it fails over, and its settings.
import { html, useState } from "../html.js";
import { path } from "../api.js";
import { go, link } from "../router.js";
import { may, useLive } from "../store.js";
import { ExplainForm } from "../parts/explain.js";
import { Empty, Loaded, ObjectLink, Page, Panel, number, percent } from "../parts/page.js";
import { Since } from "../parts/since.js";
import { State } from "../parts/state.js";
import { ServiceForm } from "../parts/steering.js";
import { worstFailover } from "../kinds.js";
import { poolsOf } from "./services.js";

function PoolState({ name, states }) {
  const pool = states.get(name);
  if (!pool) return html`<${State} state="unknown" />`;
  return html`<${State} state=${pool.state} /> ${pool.since && html`<span class="dim">for <${Since} time=${pool.since} /></span>`}${pool.reason && html`<div class="reason">${pool.reason}</div>`}`;
}

// The pool that answers in the place of NAME: itself, its fallbacks, or nobody.
function serving(name, states) {
  const seen = new Set();
  for (let at = name; at && !seen.has(at); at = states.get(at) && states.get(at).fallback) {
    seen.add(at);
    if (states.get(at) && states.get(at).serving) return at;
  }
  return null;
}

// OTHERWISE is the pool of everybody else, which comes behind the fallbacks of a rule's pool.
function Serves({ name, states, strict, otherwise }) {
  const who = serving(name, states) || (!strict && serving(otherwise, states));
  if (who === name) return html`<${ObjectLink} id="pool/${who}" text=${who} />`;
  if (strict) return html`<span class="bad">nobody: the rule is strict</span>`;
  return who ? html`<${ObjectLink} id="pool/${who}" text=${who} /> <span class="warn">steps in</span>` : html`<span class="warn">the next that can serve</span>`;
}

function matchLink(match) {
  return match.startsWith("region:") ? html`<a class="chip" href="/regions">${match}</a>` : html`<span class="chip">${match}</span>`;
}

function rowsOf(service) {
  if (service.steering === "rules") {
    return [...(service.rules || []).map((rule) => ({ pool: rule.pool, strict: rule.strict, what: html`<span class="chips">${rule.match.map(matchLink)}</span>` })),
      ...(service.default ? [{ pool: service.default, what: "everybody else" }] : [])];
  }
  const entries = (service.pools || []).map((value) => (typeof value === "string" ? { pool: value } : value));
  const total = entries.reduce((sum, value) => sum + (value.weight ?? 1), 0);
  return entries.map((value, i) => ({ pool: value.pool,
    what: service.steering === "failover" ? (i === 0 ? "first" : `if ${entries[i - 1].pool} cannot serve`) : service.steering === "nearest" ? `the nearest${value.bias_km ? `, as if ${value.bias_km} km nearer` : ""}` : `${percent((value.weight ?? 1) / total)} by weight ${value.weight ?? 1}` }));
}

function Now({ service, states, shares }) {
  return html`<${Panel} title="Now" note=${service.steering === "rules" ? "the first rule that matches decides" : service.steering} flush><div class="scroll"><table class="rows cards"><thead><tr><th scope="col">Clients</th><th scope="col">Pool</th><th scope="col">State</th><th scope="col">Answered from</th><th scope="col" class="num">Answers</th></tr></thead><tbody>
    ${rowsOf(service).map((row, i) => html`<tr key=${i}><td>${row.what}${row.strict && html` <span class="chip">strict</span>`}</td><td data-label="pool"><${ObjectLink} id="pool/${row.pool}" text=${row.pool} /></td><td><${PoolState} name=${row.pool} states=${states} /></td>
      <td data-label="answered from"><${Serves} name=${row.pool} states=${states} strict=${row.strict} otherwise=${service.default} /></td><td class="num" data-label="answers">${shares.has(row.pool) ? number(shares.get(row.pool), 0) : "–"}</td></tr>`)}</tbody></table></div>
    <p class="note inset">When no pool can serve: <strong>${service.on_all_down}</strong>${service.fallback_pool ? ` (${service.fallback_pool})` : ""}. Answers are counted since the responder started, by pool.</p><//>`;
}

function Failover({ service, health, monitors }) {
  const pools = health.pools.filter((pool) => poolsOf(service).includes(pool.name));
  const rows = pools.map((pool) => ({ pool, worst: worstFailover(monitors.find((monitor) => monitor.name === pool.monitor), service.ttl ?? 30) }));
  return html`<${Panel} title="Failover, at worst" flush><table class="rows"><thead><tr><th scope="col">When</th><th scope="col" class="num">Noticed in</th><th scope="col" class="num">Gone from resolvers in</th></tr></thead><tbody>
    ${rows.map(({ pool, worst }) => html`<tr key=${pool.name}><td>an endpoint of <${ObjectLink} id="pool/${pool.name}" text=${pool.name} /> dies</td>${worst ? html`<td class="num">${(worst.detect / 1000).toFixed(1)} s</td><td class="num">${(worst.total / 1000).toFixed(1)} s</td>` : html`<td colspan="2" class="warn">never: the pool has no monitor</td>`}</tr>`)}</tbody></table>
    ${rows.filter((row) => row.worst).slice(0, 1).map(({ worst }) => html`<p class="note inset">fall ${worst.monitor.fall} × interval ${worst.monitor.interval_ms} ms + time-out ${worst.monitor.timeout_ms} ms, then the TTL of ${service.ttl ?? 30} s. Once a check has failed the next ones come each ${worst.monitor.recheck_ms} ms, so it is mostly sooner.</p>`)}<//>`;
}

// Answers of this service by pool, where the responder tells them.
function sharesOf(stats, id) {
  const shares = new Map();
  const metrics = (stats && stats.geodns && stats.geodns.metrics) || [];
  const counter = metrics.find((metric) => metric.name === "meridian_dns_answers_total");
  for (const sample of (counter && counter.samples) || []) {
    if (sample.labels && sample.labels.service === id) shares.set(sample.labels.pool, sample.value);
  }
  return shares;
}

export default function Service({ zone, name }) {
  const live = useLive(path("zones", zone, "services", name), ["revision"]);
  const health = useLive("overview", ["health", "revision"]);
  const monitors = useLive("monitors?limit=1000", ["revision"]);
  const stats = useLive("stats", [], 10);
  const [editing, edit] = useState(false);
  const full = name === "@" ? zone : `${name}.${zone}`;
  const states = new Map((health.data ? health.data.pools : []).map((pool) => [pool.name, pool]));
  return html`<${Page} title=${full} up=${[link("zones", zone), zone]} subtitle="A service, steered by ${live.data ? live.data.steering : "…"}, TTL ${live.data ? live.data.ttl : "…"} s"
      actions=${live.data && may("operator") && !editing && html`<button onClick=${() => edit(true)}>Edit</button>`}>
    <${Loaded} live=${live}>${(service) => html`
      ${editing && html`<${Panel} title="Settings"><${ServiceForm} zone=${zone} service=${service} onCancel=${() => edit(false)} onDone=${(saved) => { if (saved) { edit(false); live.refresh(); } else go(link("zones", zone)); }} /><//>`}
      ${poolsOf(service).length === 0 && !editing ? html`<${Empty} title="No pool is named."><p>Without a pool the service answers nothing.</p><//>` : html`<${Now} service=${service} states=${states} shares=${sharesOf(stats.data, `${zone}/${name}`)} />`}
      <${Panel} title="Explain" note="what a client gets, and why"><${ExplainForm} name=${full} fixed /><//>
      ${health.data && monitors.data && html`<${Failover} service=${service} health=${health.data} monitors=${monitors.data.items} />`}
      <p class="dim">Last changed in <a href="/revisions?n=${service.revision}">revision ${service.revision}</a>.</p>`}<//>
  <//>`;
}
