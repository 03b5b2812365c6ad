// Every pool with its state.
import { html, useState } from "../html.js";
import { go, link, useQuery } from "../router.js";
import { may, useLive } from "../store.js";
import { Export } from "../parts/csv.js";
import { ObjectForm } from "../parts/form.js";
import { Empty, Loaded, ObjectLink, Page, Panel, percent } from "../parts/page.js";
import { Since } from "../parts/since.js";
import { State } from "../parts/state.js";
import { POOL } from "../kinds.js";

const RANK = ["down", "degraded", "unknown", "healthy"];
const PAGE = 200;
const ORDERS = { name: (a, b) => a.name.localeCompare(b.name), state: (a, b) => RANK.indexOf(a.state) - RANK.indexOf(b.state) || a.name.localeCompare(b.name) };

export default function Pools() {
  const live = useLive("overview", ["health", "revision", "event"], 10);
  const [filter, set] = useQuery();
  const [adding, add] = useState(false);
  const [shown, show] = useState(PAGE);
  const button = may("operator") && !adding && html`<button class="primary" onClick=${() => add(true)}>Add a pool</button>`;
  return html`<${Page} title="Pools" actions=${button}>
    ${adding && html`<${Panel} title="New pool"><${ObjectForm} collection="pools" fields=${POOL} initial=${{ endpoints: [] }} onCancel=${() => add(false)} onDone=${(pool) => go(link("pools", pool.name))} /><//>`}
    <${Loaded} live=${live}>${(data) => {
      const pools = data.pools.filter((pool) => (!filter.q || pool.name.includes(filter.q)) && (!filter.state || pool.state === filter.state)).sort(ORDERS[filter.order] || ORDERS.state);
      const shares = new Map(data.traffic.pools.map((pool) => [pool.pool, pool.share]));
      return html`<div class="filters" role="search"><label>Name <input type="search" value=${filter.q || ""} onInput=${(event) => set({ q: event.target.value.trim() })} /></label>
          <label>State <select value=${filter.state || ""} onChange=${(event) => set({ state: event.target.value })}><option value="">every state</option>${RANK.map((state) => html`<option key=${state} value=${state}>${state}</option>`)}</select></label>
          <label>Order <select value=${filter.order || ""} onChange=${(event) => set({ order: event.target.value })}><option value="">worst first</option><option value="name">by name</option></select></label>
          <${Export} name="pools" columns=${["name", "state", "healthy", "total", "min_healthy", "fallback", "since", "reason"]} rows=${pools} /></div>
        <${Panel} flush>${pools.length === 0 ? html`<${Empty} title=${data.pools.length ? "None matches." : "No pools"}><p>A pool is a place with endpoints that serve the same thing.</p><//>`
          : html`<div class="scroll"><table class="rows cards"><thead><tr><th scope="col">Pool</th><th scope="col">State</th><th scope="col" class="num">Serving</th><th scope="col" class="num">Needed</th><th scope="col">Fallback</th><th scope="col">Monitor</th><th scope="col" class="num">Share</th><th scope="col">Since</th><th scope="col">Reason</th></tr></thead><tbody>
          ${pools.slice(0, shown).map((pool) => html`<tr key=${pool.name}><td><a href=${link("pools", pool.name)}>${pool.name}</a></td><td><${State} state=${pool.state} />${pool.override && html` <span class="chip warn">forced ${pool.override.action}</span>`}</td>
            <td class="num" data-label="serving">${pool.healthy}/${pool.total}</td><td class="num" data-label="needed">${pool.min_healthy}</td><td data-label="fallback">${pool.fallback ? html`<${ObjectLink} id="pool/${pool.fallback}" text=${pool.fallback} />` : html`<span class="dim">none</span>`}</td>
            <td data-label="monitor">${pool.monitor ? html`<${ObjectLink} id="monitor/${pool.monitor}" text=${pool.monitor} />` : html`<span class="dim">none</span>`}</td><td class="num" data-label="share">${percent(shares.get(pool.name))}</td><td class="nowrap" data-label="for"><${Since} time=${pool.since} /></td><td class="reason">${pool.reason}</td></tr>`)}</tbody></table></div>`}<//>
        ${pools.length > shown && html`<p class="more"><button onClick=${() => show(shown + PAGE)}>More of ${pools.length}</button></p>`}`;
    }}<//>
  <//>`;
}
