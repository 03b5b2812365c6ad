// What this site announces, what it holds back and why, and the sessions it announces over.
import { html, useState } from "../html.js";
import { post } from "../api.js";
import { may, useLive } from "../store.js";
import { Objects } from "../parts/objects.js";
import { Override } from "../parts/override.js";
import { Empty, Failure, Loaded, ObjectLink, Page, Panel } from "../parts/page.js";
import { Plan } from "../parts/plan.js";
import { Ago, Since } from "../parts/since.js";
import { State } from "../parts/state.js";
import { PREFIX, SITE } from "../kinds.js";

function Exported({ peers }) {
  if (!peers || peers.length === 0) return html`<span class="dim">–</span>`;
  return peers.map((peer) => html`<div key=${peer.peer}><${State} state=${peer.present ? "announced" : "withdrawn"} word=${peer.present ? `${peer.peer} has it` : `${peer.peer} has it not`} /></div>`);
}

function Prefixes({ prefixes, overrides, refresh }) {
  if (prefixes.length === 0) return html`<${Empty} title="No prefixes"><p>A prefix is announced by BGP while this site can serve it, and withdrawn when it cannot.</p><//>`;
  return html`<div class="scroll"><table class="rows cards"><thead><tr><th scope="col">Prefix</th><th scope="col">State</th><th scope="col">Since</th><th scope="col">Reason</th><th scope="col">Blocked by</th><th scope="col">Read back from BIRD</th><th scope="col"><span class="hidden">Override</span></th></tr></thead><tbody>
    ${prefixes.map((prefix) => html`<tr key=${prefix.prefix}><td class="name">${prefix.prefix}<div class="dim">${prefix.address}</div></td>
      <td><${State} state=${prefix.state} />${prefix.wanted && prefix.wanted !== prefix.state && html`<div class="dim">wanted: ${String(prefix.wanted)}</div>`}</td><td class="nowrap" data-label="for"><${Since} time=${prefix.since} /></td><td class="reason">${prefix.reason}</td>
      <td data-label="blocked by">${prefix.blocked_by ? html`<span class="chip warn">${prefix.blocked_by}</span>` : html`<span class="dim">–</span>`}</td>
      <td>${prefix.verified ? "" : html`<div class="warn">not verified</div>`}<${Exported} peers=${prefix.exported} /></td>
      <td class="acts"><${Override} object="prefix/${prefix.prefix}" current=${overrides.get(`prefix/${prefix.prefix}`)} onDone=${refresh} /></td></tr>`)}</tbody></table></div>`;
}

// Whatever is configured next would load what somebody changed, so announcing waits for a person who has looked.
function Changed({ conf, refresh }) {
  const [error, setError] = useState(null);
  if (!conf || conf.state !== "changed") return null;
  const confirm = () => post("anycast/confirm", { id: conf.id }).then(refresh, setError);
  return html`<p class="banner"><${State} state="warning" word=${`Somebody changed ${conf.files}. Announcing waits; withdrawing does not.`} />
    ${may("operator") && html`<button type="button" onClick=${confirm}>I have looked at it: go on announcing</button>`} <span class="dim">or: meridian anycast confirm ${conf.id}</span></p><${Failure} error=${error} />`;
}

function took(data) {
  if (!data || !data.took_us) return "–";
  return data.took_us < 1000 ? `${data.took_us} µs` : `${(data.took_us / 1000).toFixed(data.took_us < 10000 ? 1 : 0)} ms`;
}

function Changes({ events }) {
  if (events.length === 0) return html`<${Empty} title="No changes yet"><p>Each change of a prefix stands here, with what led to it and how long it took until BIRD was seen to do it.</p><//>`;
  return html`<div class="scroll"><table class="rows cards"><thead><tr><th scope="col">When</th><th scope="col">Prefix</th><th scope="col">From</th><th scope="col">To</th><th scope="col">Took</th><th scope="col">Reason</th><th scope="col">By</th></tr></thead><tbody>
    ${events.map((event) => html`<tr key=${event.id}><td class="nowrap"><${Ago} time=${event.time} /></td><td><${ObjectLink} id=${event.object} /></td><td data-label="from">${event.from ? html`<${State} state=${event.from} />` : "–"}</td><td data-label="to"><${State} state=${event.to} /></td>
      <td class="nowrap" data-label="took">${took(event.data)}</td><td class="reason">${event.reason}</td><td data-label="by">${event.actor}</td></tr>`)}</tbody></table></div>`;
}

function sessionState(session) {
  const text = String(session.state || "").toLowerCase();
  return text === "up" || text.includes("established") ? "established" : text === "start" || text.includes("connect") || text.includes("active") ? "pending" : text ? "down" : "unknown";
}

export default function Anycast() {
  const live = useLive("anycast", ["event", "health", "revision", "status"], 3);
  const overrides = useLive("overrides?limit=1000", ["revision"]);
  const changes = useLive("events?kind=prefix&limit=10", ["event"]);
  const byObject = new Map(((overrides.data && overrides.data.items) || []).map((override) => [override.object, override]));
  const refresh = () => { live.refresh(); overrides.refresh(); };
  const freeze = html`<${Override} object="prefix/*" current=${byObject.get("prefix/*")} onDone=${refresh} label="Freeze all prefixes" />`;
  return html`<${Page} title="Anycast" actions=${freeze} subtitle=${live.data && live.data.site ? `Site ${live.data.site}` : ""}>
    <${Loaded} live=${live}>${(data) => html`
      ${data.problems.map((text) => html`<p class="banner" key=${text}><${State} state="warning" word=${text} /></p>`)}
      <${Changed} conf=${data.bird && data.bird.conf} refresh=${live.refresh} />
      ${data.bird && html`<dl class="facts"><div><dt>BIRD</dt><dd><${State} state=${data.bird.state} /> <span class="dim">${data.bird.version}</span></dd></div>${data.bird.error && html`<div><dt>Error</dt><dd class="wrap">${data.bird.error}</dd></div>`}</dl>`}
      <${Panel} title="Prefixes" flush><${Prefixes} prefixes=${data.prefixes} overrides=${byObject} refresh=${refresh} /><//>
      <${Panel} title="BGP sessions" flush>${data.sessions.length === 0 ? html`<${Empty} title="No sessions"><p>They are configured in bird.conf; Meridian only reads them.</p><//>` : html`<div class="scroll"><table class="rows"><thead><tr><th scope="col">Session</th><th scope="col">State</th><th scope="col">Since</th><th scope="col">Info</th></tr></thead><tbody>
        ${data.sessions.map((session) => html`<tr key=${session.name}><td>${session.name}</td><td><${State} state=${sessionState(session)} word=${session.state} /></td><td class="nowrap">${session.since && !Number.isNaN(Date.parse(session.since)) ? html`<${Since} time=${session.since} />` : session.since || "–"}</td><td class="reason">${session.info}</td></tr>`)}</tbody></table></div>`}<//>`}<//>
    <${Panel} title="Last changes" flush><${Loaded} live=${changes}>${(data) => html`<${Changes} events=${data.items} />`}<//><//>
    <${Plan} />
    <${Objects} title="Configured prefixes" collection="prefixes" id="prefix" fields=${PREFIX} add="Add a prefix" empty=${["No prefixes", "Name a prefix, the address that must answer in it, and its sites."]}
      columns=${[["Prefix", (prefix) => prefix.prefix], ["Service address", (prefix) => prefix.address], ["Sites", (prefix) => (prefix.sites || []).join(", ")], ["Needs", (prefix) => [prefix.needs && prefix.needs.dns, ...((prefix.needs && prefix.needs.pools) || []).map((pool) => `pool ${pool}`)].filter(Boolean).join(", ") || "–"], ["Without them", (prefix) => prefix.on_backends_down]]} />
    <${Objects} title="Sites" collection="sites" fields=${SITE} add="Add a site" empty=${["No sites", "A site is one machine or rack that announces prefixes."]} columns=${[["Site", (site) => site.name], ["Position", (site) => (site.lat === undefined || site.lat === null ? "–" : `${site.lat}, ${site.lon}`)]]} />
  <//>`;
}
