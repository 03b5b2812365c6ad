// Is everybody served, what changed, what needs me.
import { html } from "../html.js";
import { useLive } from "../store.js";
import { EventRows } from "../parts/events.js";
import { WorldMap } from "../parts/map.js";
import { Empty, Loaded, ObjectLink, Page, Panel, number, percent } from "../parts/page.js";
import { Since } from "../parts/since.js";
import { Shape, State, tone } from "../parts/state.js";

const CHANGES = 12;
const WORST_FIRST = ["down", "degraded", "unknown", "healthy"];

function Count({ to, label, value, of, state, note }) {
  return html`<a class="count ${state ? tone(state) : ""}" href=${to}>
    <span class="label">${label}</span>
    <span class="value">${state && html`<${Shape} state=${state} />`}${value}${of !== undefined && html`<small> / ${of}</small>`}</span>
    <span class="note">${note || "\u00a0"}</span></a>`;
}

function Counts({ data }) {
  const { counts, traffic } = data;
  const pools = counts.pools_healthy === counts.pools ? "healthy" : data.pools.some((pool) => pool.state === "down") ? "down" : data.pools.every((pool) => pool.state === "unknown") ? "unknown" : "degraded";
  return html`<div class="counts">
    <${Count} to="/pools" label="Pools healthy" value=${counts.pools_healthy} of=${counts.pools} state=${counts.pools ? pools : null} note=${pools === "healthy" ? "all of them" : pools} />
    <${Count} to="/pools" label="Endpoints serving" value=${counts.endpoints_serving} of=${counts.endpoints} note="in ${counts.pools} ${counts.pools === 1 ? "pool" : "pools"}" state=${counts.endpoints ? (counts.endpoints_serving === counts.endpoints ? "healthy" : counts.endpoints_serving ? "degraded" : "down") : null} />
    <${Count} to="/services" label="Services" value=${counts.services} note="in ${counts.zones} ${counts.zones === 1 ? "zone" : "zones"}" />
    <${Count} to="/anycast" label="Prefixes announced" value=${counts.prefixes_announced} of=${counts.prefixes} state=${counts.prefixes ? (counts.prefixes_announced === counts.prefixes ? "announced" : "degraded") : null} note="${counts.sites} ${counts.sites === 1 ? "site" : "sites"}" />
    <${Count} to="/services" label="Queries a second" value=${number(traffic.queries_per_s)} note=${traffic.window_s ? `over ${traffic.window_s} s` : "being measured"} />
    <${Count} to="/revisions" label="Revision" value=${data.revision} state=${data.in_sync ? "live" : "stale"} note=${data.in_sync ? "live everywhere" : "not yet everywhere"} />
  </div>`;
}

function Attention({ items }) {
  if (items.length === 0) return html`<p class="calm"><${State} state="healthy" word="Nothing needs you." /></p>`;
  return html`<ul class="attention" aria-live="polite">${items.map((item) => html`<li key=${item.object + item.text} class=${tone(item.severity)}>
    <${Shape} state=${item.severity} />
    <div><p class="what"><span class="severity">${item.severity}</span> <a href=${String(item.link).startsWith("/") ? item.link : "/"}>${item.text}</a></p>
      ${item.reason && html`<p class="reason">${item.reason}</p>`}
      <p class="dim">${item.since && html`for <${Since} time=${item.since} />`}${item.share !== null && item.share !== undefined && ` · ${percent(item.share)} of the answers`}</p></div></li>`)}</ul>`;
}

function Bars({ rows, total, tell }) {
  return html`<table class="bars"><tbody>${rows.map((row) => html`<tr key=${row.name}><th scope="row">${tell(row)}</th>
    <td><svg viewBox="0 0 100 8" preserveAspectRatio="none" width="100%" height="8" aria-hidden="true"><rect class="track" width="100" height="8" rx="1" /><rect class="bar ${row.tone || ""}" width=${total ? Math.max(row.per_s ? 0.8 : 0, (100 * row.per_s) / total) : 0} height="8" rx="1" /></svg></td>
    <td class="num">${number(row.per_s)}/s</td><td class="num dim">${total ? percent(row.per_s / total) : "–"}</td></tr>`)}</tbody></table>`;
}

function Traffic({ traffic }) {
  const pools = traffic.pools.map((pool) => ({ ...pool, name: pool.pool }));
  const total = pools.reduce((sum, pool) => sum + pool.per_s, 0);
  const rcodes = traffic.rcodes.map((rcode) => ({ ...rcode, name: rcode.rcode, tone: rcode.rcode === "SERVFAIL" ? "bad" : "" })), all = rcodes.reduce((sum, row) => sum + row.per_s, 0);
  return html`<h3>Answers by pool</h3>${pools.length ? html`<${Bars} rows=${pools} total=${total} tell=${(row) => html`<${ObjectLink} id="pool/${row.name}" text=${row.name} />`} />` : html`<p class="dim">No answers from pools in the last minute.</p>`}
    <h3>Response codes</h3>${rcodes.length ? html`<${Bars} rows=${rcodes} total=${all} tell=${(row) => row.name} />` : html`<p class="dim">No queries in the last minute.</p>`}`;
}

function PoolList({ pools }) {
  const sorted = [...pools].sort((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state) || a.name.localeCompare(b.name));
  return html`<div class="scroll"><table class="rows cards" id="pools"><thead><tr><th scope="col">Pool</th><th scope="col">State</th><th scope="col" class="num">Serving</th><th scope="col">Since</th><th scope="col">Reason</th></tr></thead><tbody>
    ${sorted.slice(0, 12).map((pool) => html`<tr key=${pool.name}><td><${ObjectLink} id="pool/${pool.name}" text=${pool.name} /></td><td><${State} state=${pool.state} /></td>
      <td class="num" data-label="serving">${pool.healthy}/${pool.total}</td><td data-label="for"><${Since} time=${pool.since} /></td><td class="reason">${pool.reason || html`<span class="dim">–</span>`}</td></tr>`)}</tbody></table></div>
    ${sorted.length > 12 && html`<p class="more"><a href="/pools">All ${sorted.length} pools</a></p>`}`;
}

// A site stands for the prefixes that this machine sees of it.
function siteStates(data) {
  return data.sites.map((site) => {
    const states = data.prefixes.map((prefix) => prefix.state);
    const worst = ["fault", "withdrawn", "held", "degraded", "draining", "pending", "unknown", "announced"].find((state) => states.includes(state));
    return { ...site, state: data.sites.length === 1 ? worst || "unknown" : "unknown" };
  });
}

function Everything({ data }) {
  const { counts } = data;
  if (counts.pools === 0 && counts.zones === 0) return html`<${Empty} title="Nothing is configured yet."><p>A pool of endpoints, a zone, a service: three steps.</p><p><a class="button primary" href="/start">Start</a></p><//>`;
  return html`<${Counts} data=${data} />
    <div class="columns loose overview">
      <div class="stack"><${Panel} title="World" flush><${WorldMap} pools=${data.pools} sites=${siteStates(data)} traffic=${data.traffic} /><//>
        <${Panel} title="Pools" flush><${PoolList} pools=${data.pools} /><//>
        <${Panel} title="What changed" note="24 hours" flush actions=${html`<a href="/events?span=24h">All events</a>`}>${data.changes.length ? html`<${EventRows} events=${data.changes.slice(0, CHANGES)} short />` : html`<p class="calm dim">Nothing changed in the last 24 hours.</p>`}<//></div>
      <div class="stack"><${Panel} title="Needs attention" note=${data.attention.length ? "worst first" : ""} id="attention"><${Attention} items=${data.attention} /><//>
        <${Panel} title="Traffic" note="last minute"><${Traffic} traffic=${data.traffic} /><//></div>
    </div>`;
}

export default function Overview() {
  const live = useLive("overview", ["health", "event", "revision", "status"], 5);
  return html`<${Page} title="Overview"><${Loaded} live=${live}>${(data) => html`<${Everything} data=${data} />`}<//><//>`;
}
