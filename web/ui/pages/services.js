// Every steered name, wherever its zone.
import { html, useState } from "../html.js";
import { query } from "../api.js";
import { link, useQuery } from "../router.js";
import { useLive } from "../store.js";
import { Empty, Loaded, ObjectLink, Page, Panel } from "../parts/page.js";

export function poolsOf(service) {
  const names = service.steering === "rules"
    ? [...(service.rules || []).map((rule) => rule.pool), service.default]
    : (service.pools || []).map((entry) => (typeof entry === "string" ? entry : entry.pool));
  return [...new Set(names.filter(Boolean))];
}

export default function Services() {
  const [filter, set] = useQuery();
  const [cursor, go] = useState("");
  const live = useLive(query("services", { q: filter.q, limit: 200, cursor }), ["revision"]);
  return html`<${Page} title="Services" subtitle="Names whose addresses are decided for each client.">
    <div class="filters" role="search"><label>Name <input type="search" value=${filter.q || ""} onInput=${(event) => { go(""); set({ q: event.target.value.trim() }); }} autocomplete="off" spellcheck=${false} /></label></div>
    <${Loaded} live=${live}>${(data) => html`<${Panel} flush>${data.items.length === 0
      ? html`<${Empty} title="No services"><p>A service stands in a zone: open one of the <a href="/zones">zones</a> and add it there.</p><//>`
      : html`<div class="scroll"><table class="rows"><thead><tr><th scope="col">Service</th><th scope="col">Steering</th><th scope="col">Pools</th><th scope="col" class="num">TTL</th></tr></thead><tbody>
        ${data.items.map((service) => html`<tr key=${service.zone + service.name}><td><a href=${link("services", service.zone, service.name)}>${service.name === "@" ? "" : service.name + "."}${service.zone}</a></td><td>${service.steering}</td>
          <td>${poolsOf(service).map((pool, i) => html`${i ? ", " : ""}<${ObjectLink} id="pool/${pool}" text=${pool} />`)}</td><td class="num">${service.ttl} s</td></tr>`)}</tbody></table></div>`}<//>`}<//>
  <//>`;
}
