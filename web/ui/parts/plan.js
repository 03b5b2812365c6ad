// Knows how a forecast of announcements is asked for and shown: what would be done, to whom, and which rule would refuse.
import { html, useState } from "../html.js";
import { get, post } from "../api.js";
import { Failure, Panel } from "./page.js";
import { State } from "./state.js";

// Lines that only one of the texts has; comments at the margin hold generation and time, which always differ.
function fileDiff(before, after) {
  const lines = (text) => (text || "").split("\n").filter((line) => line && !line.startsWith("#"));
  const old = lines(before), young = lines(after);
  return [...old.filter((line) => !young.includes(line)).map((line) => "-" + line), ...young.filter((line) => !old.includes(line)).map((line) => "+" + line)];
}

function Forecast({ plan }) {
  const diff = fileDiff(plan.file.before, plan.file.after);
  return html`<div class="plan">
    ${plan.refusals.map((text) => html`<p class="banner" key=${text}><${State} state="warning" word=${text} /></p>`)}
    <div class="scroll"><table class="rows cards"><thead><tr><th scope="col">Prefix</th><th scope="col">Now</th><th scope="col">Then</th><th scope="col">Later</th><th scope="col">Guard</th><th scope="col">Reason</th></tr></thead><tbody>
      ${plan.prefixes.map((prefix) => html`<tr key=${prefix.prefix}><td class="name">${prefix.prefix}</td><td data-label="now"><${State} state=${prefix.now} /></td><td data-label="then"><${State} state=${prefix.then} /></td>
        <td data-label="later"><${State} state=${prefix.later} /></td><td data-label="guard">${prefix.blocked_by ? html`<span class="chip warn">${prefix.blocked_by}</span>` : html`<span class="dim">passes</span>`}</td><td class="reason">${prefix.reason}</td></tr>`)}</tbody></table></div>
    <h3>What neighbours would see</h3>
    ${plan.exports.length === 0 ? html`<p class="dim">No session would export anything else than now.</p>` : html`<ul>${plan.exports.map((change) => html`<li key=${change.peer + change.prefix}>${change.peer}: ${change.prefix} ${change.now} → ${change.then}</li>`)}</ul>`}
    <h3>${plan.file.path}</h3>
    ${diff.length === 0 ? html`<p class="dim">No route of it would change.</p>` : html`<pre class="wrap">${diff.join("\n")}</pre>`}
    <p class="dim">Nothing is written, and BIRD is told nothing. Later is within five minutes, when all else stays as it is.</p>
  </div>`;
}

export function Plan() {
  const [plan, setPlan] = useState(null);
  const [error, setError] = useState(null);
  const ask = async (asked) => {
    setError(null);
    try {
      setPlan(await asked());
    } catch (failure) {
      setPlan(null);
      setError(failure);
    }
  };
  const withDocument = async (event) => {
    const file = event.target.files[0];
    event.target.value = "";
    if (file) await ask(async () => post("anycast/plan", await file.text()));
  };
  const actions = html`<button type="button" onClick=${() => ask(() => get("anycast/plan"))}>What would be done now</button>
    <label class="button">With a document<input type="file" class="hidden" accept=".json,application/json" onChange=${withDocument} /></label>`;
  return html`<${Panel} title="Plan" note="a dry run: what would follow, and which rule would refuse" actions=${actions}>
    <${Failure} error=${error} />
    ${plan && html`<${Forecast} plan=${plan} />`}<//>`;
}
