// Knows how pools and sites are shown on the world: a mark whose shape and word tell the state, and a link.
import { html } from "../html.js";
import { link } from "../router.js";
import { HEIGHT, WIDTH, project } from "../projection.js";
import { Mark } from "./state.js";
import { percent } from "./page.js";

const LABEL_H = 42;

// Places that would lie on one another are spread downwards, pools before sites; a line leads to where they are.
function spread(places) {
  const taken = [];
  return [...places].sort((a, b) => a.y - b.y || a.kind.localeCompare(b.kind)).map((place) => {
    let y = place.y;
    while (taken.some((other) => Math.abs(other.x - place.x) < 170 && Math.abs(other.y - y) < LABEL_H)) y += 6;
    taken.push({ x: place.x, y });
    return { ...place, labelY: y };
  });
}

function Place({ place }) {
  const left = place.x > WIDTH - 260;
  const x = left ? place.x - 20 : place.x + 20;
  const words = `${place.state}${place.share !== null && place.share !== undefined ? `, ${percent(place.share)}` : ""}`;
  return html`<a href=${place.href} aria-label="${place.title}: ${words} ${place.share === undefined ? "" : "of the answers"}">
    <title>${place.title}: ${place.reason || words}</title>
    ${place.labelY !== place.y && html`<path class="lead" d="M${place.x} ${place.y}V${place.labelY}" />`}
    <${Mark} state=${place.state} x=${place.x} y=${place.labelY} size=${place.kind === "site" ? 13 : 20} />
    <text x=${x} y=${place.labelY - 2} class="name" text-anchor=${left ? "end" : "start"}>${place.name}</text>
    <text x=${x} y=${place.labelY + 17} class="word" text-anchor=${left ? "end" : "start"}>${words}</text>
  </a>`;
}

export function WorldMap({ pools, sites, traffic }) {
  const shares = new Map((traffic && traffic.pools || []).map((pool) => [pool.pool, pool.share]));
  const places = [];
  for (const pool of pools) {
    if (!pool.position) continue;
    const [x, y] = project(pool.position.lat, pool.position.lon);
    places.push({ kind: "pool", name: pool.name, title: `pool ${pool.name}`, state: pool.state, reason: pool.reason, share: shares.get(pool.name), href: link("pools", pool.name), x, y });
  }
  for (const site of sites) {
    if (site.lat === null || site.lat === undefined) continue;
    const [x, y] = project(site.lat, site.lon);
    places.push({ kind: "site", name: `site ${site.name}`, title: `site ${site.name}`, state: site.state || "unknown", reason: site.reason, href: "/anycast", x, y });
  }
  return html`<svg class="map" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="group" aria-label="World map of pools and sites">
    <g transform="scale(.1)" aria-hidden="true"><use href="/map.svg#land" class="land" /><use href="/map.svg#borders" class="borders" /></g>
    ${spread(places).map((place) => html`<${Place} key=${place.kind + place.name} place=${place} />`)}
  </svg>`;
}
