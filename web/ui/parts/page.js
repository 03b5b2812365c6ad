// Knows what every page has: a title, a way back, a place for a failure, and words for nothing.
import { html, useEffect } from "../html.js";

export function Page({ title, up, actions, children, subtitle }) {
  useEffect(() => {
    document.title = `${title} - Meridian`;
  }, [title]);
  return html`<div class="page">
    <header class="page-head">
      <div>${up && html`<p class="crumb"><a href=${up[0]}>${up[1]}</a></p>`}<h1>${title}</h1>${subtitle && html`<p class="subtitle">${subtitle}</p>`}</div>
      ${actions && html`<div class="actions">${actions}</div>`}
    </header>
    ${children}
  </div>`;
}

export function Panel({ title, note, actions, children, id, flush }) {
  return html`<section class="panel ${flush ? "flush" : ""}" id=${id} aria-label=${title}>
    ${title && html`<header><h2>${title}</h2>${note && html`<span class="note">${note}</span>`}${actions && html`<div class="actions">${actions}</div>`}</header>`}
    ${children}
  </section>`;
}

export function Empty({ title, children }) {
  return html`<div class="empty"><p><strong>${title}</strong></p>${children}</div>`;
}

export function Failure({ error, retry }) {
  if (!error) return null;
  return html`<div class="failure" role="alert"><p>${error.message}</p>${error.blocking && error.blocking.length > 0 && html`<${Blocking} ids=${error.blocking} />`}
    ${retry && html`<button onClick=${retry}>Try again</button>`}</div>`;
}

// What stands in the way of a deletion, each with its link.
export function Blocking({ ids }) {
  return html`<p>In use by ${ids.map((id, i) => html`${i ? ", " : ""}<${ObjectLink} id=${id} />`)}.</p>`;
}

// Wait, failure, or what CHILDREN make of the data.
export function Loaded({ live, children }) {
  if (live.data) return html`${live.error && html`<${Failure} error=${live.error} retry=${live.refresh} />`}${children(live.data)}`;
  if (live.error) return html`<${Failure} error=${live.error} retry=${live.refresh} />`;
  return html`<p class="wait" aria-busy="true">Loading</p>`;
}

// "endpoint/eu/eu1" -> its page, or null where it has none.
export function addressOf(id) {
  const [kind, ...rest] = String(id).split("/");
  const name = rest.map(encodeURIComponent).join("/");
  switch (kind) {
    case "pool": case "endpoint": return "/pools/" + name;
    case "service": return "/services/" + name;
    case "zone": return "/zones/" + name;
    case "rrset": case "record": return "/zones/" + encodeURIComponent(rest[0] || "");
    case "monitor": return "/monitors?name=" + name;
    case "prefix": case "site": case "session": return "/anycast";
    case "region": case "geo": return "/regions";
    case "revision": return "/revisions?n=" + name;
    case "daemon": case "safety": case "alert": return "/settings";
    default: return null;
  }
}

export function ObjectLink({ id, text }) {
  const to = addressOf(id);
  return to ? html`<a class="object" href=${to}>${text || id}</a>` : html`<span class="object">${text || id}</span>`;
}

export function number(value, digits = 1) {
  return value === null || value === undefined ? "–" : value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(value >= 10 || value === 0 ? Math.min(digits, 1) : digits);
}

export function percent(share) {
  return share === null || share === undefined ? "–" : `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}
