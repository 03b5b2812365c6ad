// Knows how one asks what a client would get, and how the answer and its reasons are told.
import { html, useEffect, useState } from "../html.js";
import { listAll, post } from "../api.js";
import { Failure, ObjectLink } from "./page.js";
import { State } from "./state.js";

const TYPES = ["A", "AAAA", "CNAME", "HTTPS", "MX", "TXT", "NS", "SOA", "SRV", "CAA", "PTR"];

// Who asks when nobody is named: a resolver on the responder's own machine.
const NEAR = "127.0.0.1";

// {name, type, client, resolver, down} -> the body of the question.
export function question(form) {
  return { name: form.name, type: form.type || "A", client: form.client || null, resolver: form.resolver || (form.client ? null : NEAR), assume_down: (form.down || "").split(/[,\s]+/).filter(Boolean) };
}

function asDig(form) {
  const subnet = form.client ? ` +subnet=${form.client}` : "";
  return `dig @${location.hostname} ${form.name} ${form.type || "A"}${subnet}`;
}

function asCall(form) {
  return `curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '${JSON.stringify(question(form)).replaceAll("'", "'\\''")}' ${location.origin}/api/v1/explain`;
}

function Copy({ text, label }) {
  const [done, tell] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      tell("Copied");
    } catch {
      tell(text);
    }
    setTimeout(() => tell(""), 4000);
  };
  return html`<button type="button" class="quiet small" onClick=${copy}>${label}</button><span role="status" class="dim">${done}</span>`;
}

function placeText(place) {
  if (!place) return "unknown";
  const where = [place.continent, place.country, place.subdivision].filter(Boolean).join("-") || "unknown";
  return `${where}${place.asn ? `, AS${place.asn}` : ""}${place.source && place.source !== "none" ? ` by ${place.source}` : ""}${place.from ? `, from the ${place.from === "ecs" ? "client subnet" : place.from}` : ""}`;
}

export function Answer({ form, answer }) {
  return html`<div class="answer" aria-live="polite">
    <div class="answer-head"><${State} state=${answer.rcode === "NOERROR" ? "up" : answer.rcode === "NXDOMAIN" ? "degraded" : "down"} word=${answer.rcode} />
      ${answer.pool && html`<span>from pool <${ObjectLink} id="pool/${answer.pool}" text=${answer.pool} /></span>`}
      ${answer.service && html`<span>service <${ObjectLink} id="service/${answer.service}" text=${answer.service} /></span>`}
      <span>place ${placeText(answer.place)}</span>
      ${answer.ttl !== null && answer.ttl !== undefined && html`<span>TTL ${answer.ttl} s</span>`}${answer.scope !== null && answer.scope !== undefined && html`<span>scope /${answer.scope}</span>`}</div>
    ${(answer.answers || []).length > 0 ? html`<pre class="zone">${answer.answers.join("\n")}</pre>` : html`<p class="dim">The answer holds no records.</p>`}
    ${(answer.authority || []).length > 0 && html`<h3>Authority</h3><pre class="zone">${answer.authority.join("\n")}</pre>`}
    <h3>Why</h3><ol class="steps">${(answer.steps || []).map((step, i) => html`<li key=${i}><span class="step">${step.step}</span><span>${step.text}</span></li>`)}</ol>
    <p class="acts"><${Copy} text=${asDig(form)} label="Copy as dig" /><${Copy} text=${asCall(form)} label="Copy as API call" /><${Copy} text=${location.origin + permalink(form)} label="Copy a link" /></p>
  </div>`;
}

export function permalink(form) {
  const search = new URLSearchParams();
  for (const key of ["name", "type", "client", "resolver", "down"]) if (form[key]) search.set(key, form[key]);
  return `/explain?${search}`;
}

// FIXED: the name stands already. ONASK gets the form when it is sent. A form that comes with START asks at once.
export function ExplainForm({ name = "", fixed, start, onAsk }) {
  const [form, set] = useState({ name, type: "A", client: "", resolver: "", down: "", ...start });
  const [asked, setAsked] = useState(null);
  const [failure, fail] = useState(null);
  const [objects, setObjects] = useState([]);
  useEffect(() => {
    listAll("pools").then((pools) => setObjects(pools.flatMap((pool) => [`pool/${pool.name}`, ...pool.endpoints.map((endpoint) => `endpoint/${pool.name}/${endpoint.name}`)]).slice(0, 2000)), () => {});
    if (start && start.name) ask();
  }, []);
  const ask = async (event) => {
    if (event) event.preventDefault();
    if (onAsk) onAsk(form);
    try {
      const answer = await post("explain", question(form));
      setAsked({ form, answer });
      fail(null);
    } catch (problem) {
      fail(problem);
      setAsked(null);
    }
  };
  const change = (key) => (event) => set({ ...form, [key]: event.target.value.trim() });
  const wrong = (key) => failure && failure.errors.filter((error) => error.pointer.startsWith("/" + key)).map((error) => error.message).join("; ");
  const field = (key, label, placeholder, help, list) => html`<div class="field"><label for="explain-${key}">${label}</label><input id="explain-${key}" type="text" list=${list} value=${form[key]} placeholder=${placeholder} onInput=${change(key)} autocomplete="off" spellcheck=${false} aria-describedby="explain-${key}-note" /><p class="help" id="explain-${key}-note">${wrong(key) ? html`<span class="bad">${wrong(key)}</span>` : help}</p></div>`;
  return html`<form class="form explain" onSubmit=${ask}>
    <div class="fields">
      ${!fixed && field("name", "Name", "www.example.com")}
      <div class="field"><label for="explain-type">Type</label><select id="explain-type" value=${form.type} onChange=${change("type")}>${TYPES.map((type) => html`<option key=${type} value=${type}>${type}</option>`)}</select><p class="help"></p></div>
      ${field("client", "Client", "198.51.100.0/24", "As a resolver tells it by client subnet. Empty: none.")}
      ${field("resolver", "Resolver", "192.0.2.1", "Where the question comes from. Empty: this machine.")}
      ${field("down", "Assume down", "pool/eu, endpoint/us/us1", "What if these failed.", "explain-objects")}
      <datalist id="explain-objects">${objects.map((object) => html`<option key=${object} value=${object}></option>`)}</datalist>
    </div>
    <footer><button type="submit" class="primary" disabled=${!form.name}>Explain</button></footer>
    ${failure && !(failure.errors.length > 0) && html`<${Failure} error=${failure} />`}
    ${asked && html`<${Answer} form=${asked.form} answer=${asked.answer} />`}
  </form>`;
}
