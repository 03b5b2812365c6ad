// Why this answer.
import { html, useState } from "../html.js";
import { get } from "../api.js";
import { go, useQuery } from "../router.js";
import { ExplainForm, permalink } from "../parts/explain.js";
import { Page, Panel } from "../parts/page.js";

function Lookup() {
  const [address, type] = useState("");
  const [answer, set] = useState(null);
  const [error, fail] = useState("");
  const ask = async (event) => {
    event.preventDefault();
    try {
      set(await get(`geo_lookup?address=${encodeURIComponent(address.trim())}`));
      fail("");
    } catch (problem) {
      set(null);
      fail(problem.message);
    }
  };
  return html`<form class="form inline" onSubmit=${ask}><div class="field"><label for="lookup">Address</label><input id="lookup" type="text" value=${address} onInput=${(event) => type(event.target.value)} placeholder="198.51.100.7" autocomplete="off" spellcheck=${false} /></div><button type="submit" disabled=${!address.trim()}>Look up</button></form>
    <div aria-live="polite">${error && html`<p class="bad">${error}</p>`}
    ${answer && html`<dl class="facts">${["continent", "country", "subdivision", "lat", "lon", "asn", "source", "prefix"].map((key) => html`<div key=${key}><dt>${key}</dt><dd>${answer[key] ?? "–"}</dd></div>`)}</dl>`}</div>`;
}

export default function Explain() {
  const [start] = useQuery();
  return html`<${Page} title="Explain" subtitle="What a client would be answered, and every decision on the way. Nothing is changed by asking.">
    <${Panel}><${ExplainForm} start=${start} onAsk=${(form) => go(permalink(form), { replace: true })} /><//>
    <${Panel} title="Where is an address?" note="as the place table has it"><${Lookup} /><//>
  <//>`;
}
