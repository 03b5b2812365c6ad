// Users, tokens, safety, alerts, the daemons, and the age of what they know.
import { html, useState } from "../html.js";
import { path, post, put } from "../api.js";
import { may, session, useLive } from "../store.js";
import { DeleteButton, Fields, ObjectForm } from "../parts/form.js";
import { Objects } from "../parts/objects.js";
import { Empty, Failure, Loaded, Page, Panel } from "../parts/page.js";
import { Ago, Since } from "../parts/since.js";
import { State } from "../parts/state.js";
import { THEMES, applyTheme, theme } from "../theme.js";
import { ALERT, SAFETY } from "../kinds.js";

const ROLES = ["viewer", "operator", "admin"];
const USER = [{ key: "name", label: "Name", type: "text" }, { key: "role", label: "Role", type: "select", options: ROLES, required: true }, { key: "password", label: "Password", type: "password", help: "Empty: one is made and shown once." }];
const TOKEN = [{ key: "name", label: "Name", type: "text", placeholder: "deploy" }, { key: "role", label: "Role", type: "select", options: ROLES, required: true }, { key: "zones", label: "Zones", type: "words", placeholder: "all", help: "Empty: every zone." }, { key: "expires", label: "Expires", type: "text", placeholder: "2027-01-01T00:00:00Z", help: "Empty: never." }];
const PASSWORD = [{ key: "current", label: "Current password", type: "password" }, { key: "password", label: "New password", type: "password" }];

// A small form that sends VALUE and says what came of it.
function Ask({ fields, initial = {}, label, send, onCancel }) {
  const [value, set] = useState(initial);
  const [failure, fail] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    try {
      await send(value);
    } catch (problem) {
      fail(problem);
    }
  };
  return html`<form class="form" onSubmit=${submit} novalidate><div class="fields"><${Fields} fields=${fields} value=${value} onChange=${set} errors=${failure ? failure.errors : []} /></div><${Failure} error=${failure} /><footer><button type="submit" class="primary">${label}</button><button type="button" class="quiet" onClick=${onCancel}>Cancel</button></footer></form>`;
}

function Secret({ what, text, onClose }) {
  return html`<div class="secret" role="status"><p>${what} is shown this once:</p><p><code>${text}</code></p><button onClick=${onClose}>I have it</button></div>`;
}

function Users() {
  const live = useLive("users?limit=1000");
  const [adding, add] = useState(false);
  const [secret, show] = useState(null);
  const send = async (user) => {
    const made = await post("users", user);
    add(false);
    live.refresh();
    if (made.password) show([`The password of ${made.name}`, made.password]);
  };
  return html`<${Panel} title="Users" flush actions=${html`<button onClick=${() => add(true)}>Add a user</button>`}>
    ${secret && html`<${Secret} what=${secret[0]} text=${secret[1]} onClose=${() => show(null)} />`}
    ${adding && html`<div class="inset"><${Ask} fields=${USER} initial=${{ role: "viewer" }} label="Add" send=${send} onCancel=${() => add(false)} /></div>`}
    <${Loaded} live=${live}>${(data) => html`<div class="scroll"><table class="rows"><thead><tr><th scope="col">User</th><th scope="col">Role</th><th scope="col">Since</th><th scope="col"><span class="hidden">Delete</span></th></tr></thead><tbody>${data.items.map((user) => html`<tr key=${user.name}><td>${user.name}</td><td>${user.role}</td><td><${Ago} time=${user.created} /></td><td class="acts">${user.name !== session.get().user && html`<${DeleteButton} where=${path("users", user.name)} name=${user.name} onDone=${live.refresh} />`}</td></tr>`)}</tbody></table></div>`}<//><//>`;
}

function Tokens() {
  const live = useLive("tokens?limit=1000");
  const [adding, add] = useState(false);
  const [secret, show] = useState(null);
  const send = async (token) => {
    const made = await post("tokens", { ...token, zones: token.zones && token.zones.length ? token.zones : null, expires: token.expires || null });
    add(false);
    live.refresh();
    show([`The token ${made.name}`, made.secret]);
  };
  return html`<${Panel} title="Tokens" note="for scripts" flush actions=${html`<button onClick=${() => add(true)}>Add a token</button>`}>
    ${secret && html`<${Secret} what=${secret[0]} text=${secret[1]} onClose=${() => show(null)} />`}
    ${adding && html`<div class="inset"><${Ask} fields=${TOKEN} initial=${{ role: "viewer" }} label="Add" send=${send} onCancel=${() => add(false)} /></div>`}
    <${Loaded} live=${live}>${(data) => data.items.length === 0 ? !adding && html`<${Empty} title="No tokens"><p>A script sends its token as Authorization: Bearer.</p><//>` : html`<div class="scroll"><table class="rows"><thead><tr><th scope="col">Token</th><th scope="col">Role</th><th scope="col">Zones</th><th scope="col">Expires</th><th scope="col"><span class="hidden">Delete</span></th></tr></thead><tbody>${data.items.map((token) => html`<tr key=${token.name}><td>${token.name}</td><td>${token.role}</td><td>${token.zones ? token.zones.join(", ") : "all"}</td><td>${token.expires ? html`<${Ago} time=${token.expires} />` : "never"}</td><td class="acts"><${DeleteButton} where=${path("tokens", token.name)} name=${token.name} onDone=${live.refresh} /></td></tr>`)}</tbody></table></div>`}<//><//>`;
}

function Safety() {
  const live = useLive("safety", ["revision"]);
  const [editing, edit] = useState(false);
  return html`<${Panel} title="Safety" note="what the controller may do by itself" actions=${may("admin") && !editing && html`<button onClick=${() => edit(true)}>Edit</button>`}><${Loaded} live=${live}>${(safety) => editing
    ? html`<${ObjectForm} collection="safety" where="safety" object=${safety} fields=${SAFETY} idKeys=${[]} deletable=${false} onCancel=${() => edit(false)} onDone=${() => { edit(false); live.refresh(); }} />`
    : html`<dl class="facts">${SAFETY.map((field) => html`<div key=${field.key}><dt>${field.label}</dt><dd>${safety[field.key]}</dd></div>`)}</dl>`}<//><//>`;
}

function Daemons() {
  const live = useLive("status", ["status", "revision"], 10);
  return html`<${Panel} title="Daemons" flush><${Loaded} live=${live}>${(data) => html`<div class="scroll"><table class="rows"><thead><tr><th scope="col">Daemon</th><th scope="col">State</th><th scope="col">Running for</th><th scope="col" class="num">Revision</th><th scope="col">Version</th><th scope="col">Problems</th></tr></thead><tbody>
    ${data.daemons.map((daemon) => html`<tr key=${daemon.name}><td>${daemon.name}</td><td><${State} state=${daemon.reachable ? (daemon.status && daemon.status.config && daemon.status.config.state === "stale" ? "stale" : "running") : "unreachable"} /></td><td><${Since} time=${daemon.status && daemon.status.since} /></td>
      <td class="num">${daemon.status ? daemon.status.revision : "–"}${daemon.reachable && !daemon.in_sync && html` <span class="warn">behind</span>`}</td><td>${daemon.status && daemon.status.version}</td><td class="reason">${daemon.error}${((daemon.status && daemon.status.problems) || []).map((text) => html`<div key=${text}>${text}</div>`)}</td></tr>`)}</tbody></table></div>`}<//><//>`;
}

function GeoAge() {
  const live = useLive("stats", [], 60);
  return html`<${Panel} title="Geo databases"><${Loaded} live=${live}>${(data) => {
    const metric = ((data.geodns && data.geodns.metrics) || []).find((each) => each.name === "meridian_geo_build_timestamp_seconds");
    const samples = (metric && metric.samples) || [];
    return samples.length === 0 ? html`<p class="warn">${data.geodns ? "No place table: every client is at an unknown place. Compile one with meridian geo compile." : "The responder cannot be asked."}</p>`
      : html`<dl class="facts">${samples.map((sample) => html`<div key=${sample.labels.db}><dt>${sample.labels.db}</dt><dd>built <${Ago} time=${new Date(sample.value * 1000).toISOString()} /></dd></div>`)}</dl>`;
  }}<//><//>`;
}

function Mine() {
  const [changing, change] = useState(false);
  const [done, tell] = useState("");
  const [chosen, choose] = useState(theme());
  const send = async (value) => {
    await put(path("users", session.get().user, "password"), value);
    change(false);
    tell("The password is changed.");
  };
  return html`<${Panel} title="You"><div class="filters"><label>Appearance <select value=${chosen} onChange=${(event) => { choose(event.target.value); applyTheme(event.target.value); }}>${THEMES.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}</select></label>
    ${session.get().via === "session" && !changing && html`<button onClick=${() => { tell(""); change(true); }}>Change password</button>`}<span role="status">${done}</span></div>
    ${changing && html`<${Ask} fields=${PASSWORD} label="Change" send=${send} onCancel=${() => change(false)} />`}<//>`;
}

export default function Settings() {
  return html`<${Page} title="Settings"><${Daemons} /><div class="columns even"><${GeoAge} /><${Safety} /></div>
    <${Objects} title="Alerts" collection="alerts" fields=${ALERT} add="Add an alert" empty=${["No alerts", "Where to tell somebody that something changed."]} columns=${[["Alert", (alert) => alert.name], ["Type", (alert) => alert.type], ["To", (alert) => alert.url || alert.to], ["Events", (alert) => (alert.events || []).join(", ")]]} />
    ${may("admin") && html`<${Users} /><${Tokens} />`}<${Mine} /><//>`;
}
