// One target: its latency by phase, its last results, its certificate.
import { html, useMemo } from "../html.js";
import { query } from "../api.js";
import { link } from "../router.js";
import { useLive } from "../store.js";
import { Chart } from "../parts/chart.js";
import { Override } from "../parts/override.js";
import { Empty, Loaded, ObjectLink, Page, Panel } from "../parts/page.js";
import { Ago, Since, exact, milliseconds } from "../parts/since.js";
import { State } from "../parts/state.js";
import { Strip } from "../parts/strip.js";
import { endpointState } from "./pool.js";

const PHASES = [["name", "chart-3"], ["connect", "chart-1"], ["tls", "chart-2"], ["first_byte", "chart-3"], ["total", "chart-4"]];
const CHARTED = PHASES.filter(([name]) => name !== "name");
const SERIES = CHARTED.map(([name, tone]) => ({ label: name.replace("_", " "), colour: `--${tone}`, dash: name === "total" ? [4, 3] : undefined }));

function Latency({ history }) {
  const passed = history.some((result) => result.ok);
  const data = useMemo(() => [history.map((result) => Date.parse(result.time) / 1000),
    ...CHARTED.map(([name]) => history.map((result) => (result.ok ? result[`${name}_ms`] ?? null : null)))], [history]);
  if (!passed) return html`<p class="dim">None of the last ${history.length} checks passed.</p>`;
  return html`<${Chart} series=${SERIES} data=${data} label="Phases of the last ${history.length} checks" />`;
}

// The phases of the newest check, one after the other.
function Phases({ phases }) {
  const total = phases.total || 0;
  if (!total) return html`<p class="dim">The last check measured no phases.</p>`;
  let begun = 0;
  const rows = PHASES.filter(([name]) => phases[name] !== null && phases[name] !== undefined).map(([name, tone]) => {
    const from = name === "total" ? 0 : begun;
    begun += name === "total" ? 0 : phases[name];
    return { name, tone, from, took: phases[name] };
  });
  return html`<table class="bars"><tbody>${rows.map(({ name, tone, from, took }) => html`<tr key=${name}><th scope="row">${name.replace("_", " ")}</th>
    <td><svg viewBox="0 0 100 8" preserveAspectRatio="none" width="100%" height="8" aria-hidden="true"><rect class="track" width="100" height="8" /><rect class="bar ${tone}" x=${(100 * from) / total} width=${Math.max(0.8, (100 * took) / total)} height="8" /></svg></td>
    <td class="num">${milliseconds(took)}</td></tr>`)}</tbody></table>`;
}

function told(ok) {
  return ok === null ? { state: "unknown", word: "no verdict" } : ok ? { state: "up", word: "passed" } : { state: "down", word: "failed" };
}

function Certificate({ cert }) {
  const state = { well: "up", expiring: "degraded", expired: "down" }[cert.state];
  return html`<${Panel} title="Certificate"><p class="big"><${State} state=${state} word=${cert.state === "expired" ? "expired" : `${Math.floor(cert.days_left)} days left`} /></p>
    <dl class="facts column"><div><dt>Subject</dt><dd class="wrap">${cert.subject}</dd></div>${cert.names.length > 0 && html`<div><dt>Names</dt><dd class="wrap">${cert.names.join(", ")}</dd></div>`}<div><dt>Issuer</dt><dd class="wrap">${cert.issuer}</dd></div><div><dt>Ends</dt><dd>${exact(cert.not_after)}</dd></div></dl><//>`;
}

export default function Endpoint({ pool, endpoint: name }) {
  const live = useLive(query("health", { pool }), ["health", "revision", "event"], 2);
  return html`<${Page} title="${pool}/${name}" up=${[link("pools", pool), `Pool ${pool}`]}>
    <${Loaded} live=${live}>${(data) => {
      const endpoint = data.pools[0] && data.pools[0].endpoints.find((each) => each.endpoint === name);
      if (!endpoint) return html`<${Empty} title="There is no endpoint ${name} in the pool ${pool}."><p><a href=${link("pools", pool)}>To the pool</a></p><//>`;
      const history = endpoint.history || [];
      return html`${!data.fresh && html`<p class="banner"><${State} state="stale" word="What stands here is not fresh." /> ${data.problems.join(" ")}</p>`}
        <dl class="facts"><div><dt>State</dt><dd><${State} state=${endpointState(endpoint)} word=${endpoint.pending ? `${endpoint.state}, changing` : undefined} /> <span class="dim">for <${Since} time=${endpoint.since} /></span></dd></div>
          <div><dt>Answers</dt><dd>${endpoint.effective.serving ? "serving" : html`<span class="warn">not serving</span>`} <span class="dim">${endpoint.effective.why}</span></dd></div>
          <div><dt>Address</dt><dd>${endpoint.address}${endpoint.port ? `, port ${endpoint.port}` : ""}</dd></div>
          <div><dt>Monitor</dt><dd>${endpoint.monitor ? html`<${ObjectLink} id="monitor/${endpoint.monitor}" text="${endpoint.monitor} (${endpoint.type})" />` : "none"}</dd></div>
          <div><dt>Weight, priority</dt><dd>${endpoint.weight}, ${endpoint.priority}</dd></div>
          <div><dt>Last check</dt><dd>${endpoint.last ? html`<${Ago} time=${endpoint.last.time} />` : "none yet"}</dd></div></dl>
        ${endpoint.reason && html`<p class="reason block"><strong>Reason:</strong> ${endpoint.reason}</p>`}
        <p><${Override} object=${endpoint.id} current=${endpoint.override} onDone=${live.refresh} /></p>
        ${history.length === 0 ? html`<${Panel} title="Checks"><${Empty} title="No checks yet"><p>Results appear here as they come in.</p><//><//>` : html`
          <div class="columns"><${Panel} title="Latency by phase" note="checks that passed of the last ${history.length}"><${Latency} history=${history} /><//>
            <div class="stack"><${Panel} title="Phases of the last check">${endpoint.last && endpoint.last.phases_ms ? html`<${Phases} phases=${endpoint.last.phases_ms} />` : html`<p class="dim">None.</p>`}<//>${endpoint.cert && html`<${Certificate} cert=${endpoint.cert} />`}</div></div>
          <${Panel} title="Last results" flush actions=${html`<${Strip} history=${history} />`}><div class="scroll tall"><table class="rows"><thead><tr><th scope="col">When</th><th scope="col">Result</th><th scope="col" class="num">Duration</th><th scope="col">Reason</th></tr></thead><tbody>
            ${[...history].reverse().map((result) => html`<tr key=${result.time}><td class="nowrap"><${Ago} time=${result.time} /></td><td><${State} ...${told(result.ok)} /></td><td class="num">${milliseconds(result.total_ms)}</td><td class="reason">${result.reason}</td></tr>`)}</tbody></table></div><//>`}
        <p class="dim"><a href="/events?object=${encodeURIComponent(endpoint.id)}">Events of this endpoint</a></p>`;
    }}<//>
  <//>`;
}
