// The zones, and a form for a new one.
import { html, useState } from "../html.js";
import { go, link, useQuery } from "../router.js";
import { may, useLive } from "../store.js";
import { query } from "../api.js";
import { Empty, Loaded, Page, Panel } from "../parts/page.js";
import { ObjectForm } from "../parts/form.js";
import { ZONE } from "../kinds.js";

export default function Zones() {
  const [filter, set] = useQuery();
  const [adding, add] = useState(false);
  const live = useLive(query("zones", { q: filter.q, limit: 500 }), ["revision"]);
  const button = may("operator") && !adding && html`<button class="primary" onClick=${() => add(true)}>Add a zone</button>`;
  return html`<${Page} title="Zones" actions=${button}>
    ${adding && html`<${Panel} title="New zone"><${ObjectForm} collection="zones" fields=${ZONE} onCancel=${() => add(false)} onDone=${(zone) => go(link("zones", zone.name))} /><//>`}
    <div class="filters" role="search"><label>Name <input type="search" value=${filter.q || ""} onInput=${(event) => set({ q: event.target.value.trim() })} autocomplete="off" spellcheck=${false} /></label></div>
    <${Loaded} live=${live}>${(data) => html`<${Panel} flush>${data.items.length === 0
      ? html`<${Empty} title="No zones"><p>A zone holds records and services. A zone file comes in with <code>meridian zone import NAME FILE</code>.</p><//>`
      : html`<div class="scroll"><table class="rows"><thead><tr><th scope="col">Zone</th><th scope="col">Primary</th><th scope="col" class="num">TTL</th><th scope="col">Client subnet</th><th scope="col" class="num">Changed in</th></tr></thead><tbody>
        ${data.items.map((zone) => html`<tr key=${zone.name}><td><a href=${link("zones", zone.name)}>${zone.name}</a></td><td>${zone.primary}</td><td class="num">${zone.ttl} s</td><td>${zone.ecs === false ? "ignored" : "used"}</td>
          <td class="num"><a href="/revisions?n=${zone.revision}">${zone.revision}</a></td></tr>`)}</tbody></table></div>`}<//>`}<//>
  <//>`;
}
