// Knows how something is taken out or forced by hand: what it moves first, then why and for how long. It ends by itself.
import { html, useEffect, useState } from "../html.js";
import { get, path, post, put, remove } from "../api.js";
import { may } from "../store.js";
import { Dialog } from "./dialog.js";
import { question } from "./explain.js";
import { Failure, ObjectLink, percent } from "./page.js";
import { Ago } from "./since.js";
import { State } from "./state.js";

const DURATIONS = [["900", "15 minutes"], ["3600", "1 hour"], ["14400", "4 hours"], ["86400", "1 day"], ["604800", "7 days"]];
const ACTIONS = {
  endpoint: [["drain", "Drain: no new answers name it"], ["down", "Down: treat it as failed"], ["up", "Up: treat it as well, whatever checks say"]],
  pool: [["drain", "Drain: no new answers name it"], ["down", "Down: treat it as failed"], ["up", "Up: treat it as well, whatever checks say"]],
  prefix: [["drain", "Drain: prefer other sites, then withdraw"], ["down", "Withdraw now"], ["up", "Announce, whatever checks say"], ["freeze", "Freeze: leave it as it is, whatever happens"]],
};
const FORCED = { up: "up", down: "down", drain: "draining", freeze: "frozen" };
const ASKED_MOST = 6;

// Where the answers of each service would come from without OBJECT: [{service, before, after}].
async function movesOf(object, services) {
  const ask = (name, down) => post("explain", question({ name, down })).then((answer) => answer.pool || null, () => undefined);
  return Promise.all(services.slice(0, ASKED_MOST).map(async (id) => {
    const [zone, name] = id.replace("service/", "").split("/");
    const full = name === "@" ? zone : `${name}.${zone}`;
    const [before, after] = await Promise.all([ask(full, ""), ask(full, object)]);
    return { id, before, after };
  }));
}

// {share, serving, last, moves, rest} of taking OBJECT out.
async function radius(object) {
  const [kind, poolName, endpointName] = object.split("/");
  if (kind === "prefix") return { prefix: true };
  const [health, overview, pool] = await Promise.all([get(`health?pool=${encodeURIComponent(poolName)}`), get("overview"), get(path("pools", poolName))]);
  const state = health.pools[0];
  const serving = state.endpoints.filter((endpoint) => endpoint.effective.serving);
  const traffic = overview.traffic.pools.find((entry) => entry.pool === poolName);
  const mine = kind === "pool" ? serving.length : serving.filter((endpoint) => endpoint.endpoint === endpointName).length;
  const share = traffic ? traffic.share * (serving.length ? mine / serving.length : 0) : null;
  const services = (pool.used_by || []).filter((id) => id.startsWith("service/"));
  const left = serving.length - mine;
  const others = overview.pools.filter((other) => other.name !== poolName && other.serving);
  return { share, left, needed: state.min_healthy || 1, fallback: state.fallback, services, poolDown: left < (state.min_healthy || 1),
    last: left < (state.min_healthy || 1) && others.length === 0, moves: await movesOf(object, services), poolName, kind };
}

function Radius({ found }) {
  if (found.prefix) return html`<p>Clients that this site attracts by this prefix go to the other sites that announce it. The safety rules hold.</p>`;
  return html`<div class="radius">
    <p><strong>${found.share === null ? "No traffic has been measured for it." : `${percent(found.share)} of the answers of the last minute move.`}</strong>
      ${found.kind === "endpoint" && ` ${found.left} of the pool's endpoints still serve; it needs ${found.needed}.`}
      ${found.poolDown && (found.fallback ? ` The pool cannot serve then; its fallback is ${found.fallback}.` : " The pool cannot serve then.")}</p>
    ${found.moves.length > 0 && html`<table><thead><tr><th scope="col">Service</th><th scope="col">Answered from now</th><th scope="col">Then</th></tr></thead><tbody>
      ${found.moves.map((move) => html`<tr key=${move.id}><td><${ObjectLink} id=${move.id} text=${move.id.slice(8)} /></td><td>${move.before || "–"}</td><td>${move.after === move.before ? move.after || "–" : html`<strong class="warn">${move.after || "nobody"}</strong>`}</td></tr>`)}</tbody></table>
      <p class="dim">As a resolver on the machine itself would be answered.${found.services.length > ASKED_MOST ? ` ${found.services.length - ASKED_MOST} more services use this pool.` : ""}</p>`}
  </div>`;
}

export function OverrideDialog({ object, current, onClose, onDone }) {
  const all = object === "prefix/*";
  const kind = object.split("/")[0], name = object.slice(object.lastIndexOf("/") + 1);
  const [action, setAction] = useState(all ? "freeze" : "drain");
  const [reason, setReason] = useState("");
  const [duration, setDuration] = useState("3600");
  const [typed, type] = useState("");
  const [found, find] = useState(null);
  const [failure, fail] = useState(null);
  useEffect(() => {
    radius(object).then(find, fail);
  }, [object]);
  const moves = action !== "up" && action !== "freeze", moving = moves && found;
  const mustType = moves && found && found.last;
  const submit = async (event) => {
    event.preventDefault();
    const body = { object, action, reason, duration_s: Number(duration) };
    try {
      await (current ? put(path("overrides", ...object.split("/")), body, { etag: "*", comment: reason }) : post("overrides", body, { comment: reason }));
      onDone();
      onClose();
    } catch (problem) {
      fail(problem);
    }
  };
  return html`<${Dialog} title="Override ${object}" onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      ${moving ? html`<${Radius} found=${found} />` : moves && !failure && html`<p class="wait">Finding what moves</p>`}
      <fieldset><legend>Action</legend>${ACTIONS[kind].filter(([value]) => !all || value === "freeze").map(([value, words]) => html`<label class="choice" key=${value}><input type="radio" name="action" value=${value} checked=${action === value} onChange=${() => setAction(value)} /> ${words}</label>`)}</fieldset>
      <div class="fields">
        <div class="field wide"><label for="override-reason">Reason</label><input id="override-reason" type="text" required maxlength="500" value=${reason} onInput=${(event) => setReason(event.target.value)} autocomplete="off" data-first /><p class="help">Others will read it at night.</p></div>
        <div class="field"><label for="override-duration">For</label><select id="override-duration" value=${duration} onChange=${(event) => setDuration(event.target.value)}>${DURATIONS.map(([value, words]) => html`<option key=${value} value=${value}>${words}</option>`)}</select><p class="help">It ends by itself.</p></div>
      </div>
      ${mustType && html`<div class="field"><label for="override-typed">This is the last that serves. Type ${name} to go on</label><input id="override-typed" type="text" value=${typed} onInput=${(event) => type(event.target.value)} autocomplete="off" /></div>`}
      <${Failure} error=${failure} />
      <footer><button type="submit" class="primary" disabled=${!reason.trim() || (mustType && typed !== name)}>Override</button><button type="button" class="quiet" onClick=${onClose}>Cancel</button></footer>
    </form>
  <//>`;
}

// The override in force, with its end, and the button that sets or ends one.
export function Override({ object, current, onDone, label = "Override" }) {
  const [open, setOpen] = useState(false);
  const [failure, fail] = useState(null);
  const end = async () => {
    try {
      await remove(path("overrides", ...object.split("/")), { etag: "*", comment: `end the override of ${object}` });
      onDone();
    } catch (problem) {
      fail(problem);
    }
  };
  return html`<span class="override">
    ${current && html`<span class="chip warn"><${State} state=${FORCED[current.action] || "unknown"} word="forced ${current.action}" /> ${current.reason} (${current.author}, ends <${Ago} time=${current.ends} />)</span>`}
    ${may("operator") && (current ? html`<button class="small" onClick=${end}>End override</button>` : html`<button class="small" onClick=${() => setOpen(true)}>${label}</button>`)}
    <${Failure} error=${failure} />
    ${open && html`<${OverrideDialog} object=${object} current=${current} onClose=${() => setOpen(false)} onDone=${onDone} />`}
  </span>`;
}
