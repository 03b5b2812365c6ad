// The reusable checks, and one check right now against any address.
import { html, useEffect, useState } from "../html.js";
import { get, path, post } from "../api.js";
import { useQuery } from "../router.js";
import { may, useLive } from "../store.js";
import { ObjectForm } from "../parts/form.js";
import { Empty, Failure, Loaded, ObjectLink, Page, Panel } from "../parts/page.js";
import { exact, milliseconds } from "../parts/since.js";
import { State } from "../parts/state.js";
import { MONITOR } from "../kinds.js";

function TestResult({ result }) {
  const phases = result.phases_ms || {};
  return html`<div class="answer" aria-live="polite"><p class="answer-head"><${State} state=${result.ok ? "up" : "down"} word=${result.ok ? "passed" : "failed"} />${result.reason && html`<span class="reason">${result.reason}</span>`}</p>
    <dl class="facts">${["name", "connect", "tls", "first_byte", "total"].filter((phase) => phase !== "name" || phases.name).map((phase) => html`<div key=${phase}><dt>${phase.replace("_", " ")}</dt><dd>${milliseconds(phases[phase])}</dd></div>`)}
    ${result.cert && html`<div><dt>certificate</dt><dd class="wrap">${result.cert.subject}, ends ${exact(result.cert.not_after)}, ${Math.floor(result.cert.days_left)} days left</dd></div>`}</dl></div>`;
}

function Test({ monitor }) {
  const [address, setAddress] = useState("");
  const [port, setPort] = useState("");
  const [result, set] = useState(null);
  const [failure, fail] = useState(null);
  const [busy, setBusy] = useState(false);
  const test = async (event) => {
    event.preventDefault();
    setBusy(true);
    set(null);
    try {
      set(await post("monitors/test", { monitor: monitor.name, address: address.trim(), ...(port ? { port: Number(port) } : {}) }));
      fail(null);
    } catch (problem) {
      fail(problem);
    }
    setBusy(false);
  };
  return html`<form class="form inline" onSubmit=${test}>
    <div class="field"><label for="test-address">Address</label><input id="test-address" type="text" value=${address} onInput=${(event) => setAddress(event.target.value)} placeholder="192.0.2.10" autocomplete="off" spellcheck=${false} /></div>
    <div class="field narrow"><label for="test-port">Port</label><input id="test-port" type="number" value=${port} placeholder=${monitor.port} onInput=${(event) => setPort(event.target.value)} /></div>
    <button type="submit" disabled=${busy || !address.trim()}>${busy ? "Checking" : "Test now"}</button></form>
    ${failure && (failure.errors.length ? html`<p class="bad" role="alert">${failure.errors.map((error) => `${error.pointer} ${error.message}`).join("; ")}</p>` : html`<${Failure} error=${failure} />`)}${result && html`<${TestResult} result=${result} />`}`;
}

function Details({ monitor, edit }) {
  const [whole, set] = useState(null);
  useEffect(() => {
    get(path("monitors", monitor.name)).then(set, () => {});
  }, [monitor.name, monitor.revision]);
  const used = (whole && whole.used_by) || [];
  return html`<${Panel} title=${monitor.name} actions=${may("operator") && html`<button onClick=${edit}>Edit</button>`}>
    <p>Used by ${used.length ? used.map((id, i) => html`${i ? ", " : ""}<${ObjectLink} id=${id} />`) : html`<span class="dim">nobody</span>`}.</p>
    ${may("operator") && html`<h3>Test now</h3><${Test} monitor=${monitor} />`}<//>`;
}

const SUMMARIES = {
  http: (monitor) => `${monitor.method || "GET"} ${monitor.path || "/"}${monitor.host ? ` at ${monitor.host}` : ""}, expects ${monitor.expect_status || "200-299"}${monitor.expect_body ? ` and “${monitor.expect_body}”` : ""}`,
  tls: (monitor) => (monitor.sni ? `server name ${monitor.sni}` : "handshake and certificate"),
  tcp: (monitor) => `connects${monitor.send ? ", sends" : ""}${monitor.expect ? `, expects “${monitor.expect}”` : ""}`,
  dns: (monitor) => `asks for ${monitor.host || "the root"} ${monitor.query_type || "A"}, expects ${monitor.expect_rcode || "NOERROR"}${monitor.expect_body ? ` and “${monitor.expect_body}”` : ""}`,
  icmp: () => "answers a ping",
};

function summary(monitor) {
  return SUMMARIES[monitor.type === "https" ? "http" : monitor.type](monitor);
}

export default function Monitors() {
  const live = useLive("monitors?limit=1000", ["revision"]);
  const [at, set] = useQuery();
  const [editing, edit] = useState(null);
  const button = may("operator") && editing !== "" && html`<button class="primary" onClick=${() => edit("")}>Add a monitor</button>`;
  const done = () => { edit(null); live.refresh(); };
  return html`<${Page} title="Monitors" actions=${button}>
    ${editing === "" && html`<${Panel} title="New monitor"><${ObjectForm} collection="monitors" fields=${MONITOR} initial=${{ type: "https" }} onCancel=${() => edit(null)} onDone=${(monitor) => { done(); set({ name: monitor.name }); }} /><//>`}
    <${Loaded} live=${live}>${(data) => {
      const chosen = data.items.find((monitor) => monitor.name === at.name);
      return html`<${Panel} flush>${data.items.length === 0 ? html`<${Empty} title="No monitors"><p>A monitor says how the endpoints of a pool are checked.</p><//>` : html`<div class="scroll"><table class="rows"><thead><tr><th scope="col">Monitor</th><th scope="col">Type</th><th scope="col" class="num">Port</th><th scope="col">Check</th><th scope="col" class="num">Interval</th><th scope="col" class="num">Time-out</th><th scope="col" class="num">Fall</th><th scope="col" class="num">Rise</th></tr></thead><tbody>
        ${data.items.map((monitor) => html`<tr key=${monitor.name} class=${chosen === monitor ? "chosen" : ""}><td><a href="/monitors?name=${encodeURIComponent(monitor.name)}">${monitor.name}</a></td><td>${monitor.type}</td><td class="num">${monitor.port ?? "–"}</td><td>${summary(monitor)}</td><td class="num">${monitor.interval_ms} ms</td><td class="num">${monitor.timeout_ms} ms</td><td class="num">${monitor.fall}</td><td class="num">${monitor.rise}</td></tr>`)}</tbody></table></div>`}<//>
        ${chosen && (editing === chosen.name ? html`<${Panel} title=${chosen.name}><${ObjectForm} key=${chosen.name} collection="monitors" where=${path("monitors", chosen.name)} object=${chosen} fields=${MONITOR} onCancel=${() => edit(null)} onDone=${done} /><//>` : html`<${Details} key=${chosen.name} monitor=${chosen} edit=${() => edit(chosen.name)} />`)}
        ${!chosen && data.items.length > 0 && html`<p class="dim">Choose a monitor to see who uses it and to test it.</p>`}`;
    }}<//>
  <//>`;
}
