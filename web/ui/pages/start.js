// From nothing to a steered name in three steps, or an example in one click.
import { html, useState } from "../html.js";
import { get, put } from "../api.js";
import { go, link } from "../router.js";
import { may, useLive } from "../store.js";
import { Fields } from "../parts/form.js";
import { Failure, Loaded, Page, Panel } from "../parts/page.js";
import { State } from "../parts/state.js";
import { ServiceForm } from "../parts/steering.js";

// Documentation addresses and no monitor: it can be explained and looked at, and troubles nobody.
const EXAMPLE = {
  meridian: 1,
  sites: [{ name: "fra", lat: 50.11, lon: 8.68 }],
  regions: [{ name: "dach", places: ["EU-DE", "EU-AT", "EU-CH"] }],
  pools: [
    { name: "eu", lat: 50.11, lon: 8.68, endpoints: [{ name: "eu1", address: "192.0.2.10" }, { name: "eu2", address: "192.0.2.11" }] },
    { name: "us", lat: 39.04, lon: -77.49, fallback: "eu", endpoints: [{ name: "us1", address: "198.51.100.10" }, { name: "us2", address: "198.51.100.11" }] },
  ],
  zones: [{
    name: "demo.example", primary: "ns1.demo.example.", contact: "hostmaster.demo.example.",
    records: [{ name: "@", type: "NS", data: ["ns1.demo.example."] }, { name: "ns1", type: "A", data: ["192.0.2.53"] }],
    services: [{ name: "www", ttl: 30, steering: "rules", default: "us", rules: [{ match: ["region:dach", "EU", "AF"], pool: "eu" }] }, { name: "cdn", ttl: 30, steering: "nearest", pools: ["eu", "us"] }],
  }],
};

const POOL = [
  { key: "name", label: "Pool", type: "text", placeholder: "eu" },
  { key: "lat", label: "Latitude", type: "decimal", placeholder: "50.11" }, { key: "lon", label: "Longitude", type: "decimal", placeholder: "8.68" },
  { key: "addresses", label: "Addresses", type: "lines", wide: true, placeholder: "192.0.2.10", help: "One a line." },
  { key: "check", label: "Check by", type: "select", options: ["https", "http", "tcp", "nothing"], required: true },
  { key: "host", label: "Host", type: "text", placeholder: "www.example.com", when: (value) => value.check === "https" || value.check === "http" },
  { key: "port", label: "Port", type: "number", when: (value) => value.check === "tcp" },
];
const ZONE = [
  { key: "name", label: "Zone", type: "text", placeholder: "example.com" },
  { key: "ns", label: "This name server", type: "text", placeholder: "ns1.example.com" },
  { key: "address", label: "Its address", type: "text", placeholder: "192.0.2.53", help: "Empty where its name lies outside the zone." },
];

function poolDocument({ name = "", lat, lon, addresses = [], check, host, port }) {
  const monitor = `${name}-${check}`;
  const monitored = check !== "nothing";
  return { meridian: 1,
    monitors: monitored ? [{ name: monitor, type: check, ...(host ? { host, ...(check === "https" ? { sni: host } : {}) } : {}), ...(port ? { port } : {}) }] : [],
    pools: [{ name, ...(lat !== undefined ? { lat } : {}), ...(lon !== undefined ? { lon } : {}), ...(monitored ? { monitor } : {}), endpoints: addresses.map((address, i) => ({ name: `${name}${i + 1}`, address })) }] };
}

function zoneDocument({ name = "", ns = "", address }) {
  const host = ns.endsWith(".") ? ns : `${ns}.`;
  const inside = host.endsWith(`.${name}.`) && host.slice(0, -name.length - 2);
  return { meridian: 1, zones: [{ name, primary: host, contact: `hostmaster.${name}.`,
    records: [{ name: "@", type: "NS", data: [host] }, ...(inside && address ? [{ name: inside, type: address.includes(":") ? "AAAA" : "A", data: [address] }] : [])] }] };
}

// What the store refuses is told with its place in the document.
function Step({ fields, initial, make, label, comment, onDone }) {
  const [value, set] = useState(initial);
  const [failure, fail] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    try {
      await put("config", make(value), { comment });
      onDone();
    } catch (problem) {
      fail(problem);
    }
  };
  return html`<form class="form" onSubmit=${submit} novalidate><div class="fields"><${Fields} fields=${fields} value=${value} onChange=${set} /></div>
    <${Failure} error=${failure} />${failure && failure.errors.map((error) => html`<p class="bad" key=${error.pointer + error.message}><code>${error.pointer}</code> ${error.message}</p>`)}
    <footer><button type="submit" class="primary">${label}</button></footer></form>`;
}

function Steps({ data, refresh }) {
  const { counts } = data;
  const [zone, setZone] = useState(null);
  const [failure, fail] = useState(null);
  const done = [counts.pools > 0, counts.zones > 0, counts.services > 0];
  const at = done.indexOf(false);
  const head = (i, text) => html`<h2><${State} state=${done[i] ? "up" : i === at ? "pending" : "disabled"} word="${i + 1}. ${text}" detail=${done[i] ? "done" : i === at ? "now" : "later"} /></h2>`;
  const example = async () => {
    try {
      await put("config", EXAMPLE, { comment: "an example" });
      go("/");
    } catch (problem) {
      fail(problem);
    }
  };
  const findZone = async () => setZone((await get("zones?limit=1")).items[0].name);
  if (at === 2 && !zone) findZone().catch(fail);
  return html`<${Failure} error=${failure} />
    ${counts.pools === 0 && counts.zones === 0 && html`<${Panel} title="Look around first?"><p>An example with two pools and a zone, on addresses that belong to nobody.</p><p><button onClick=${example}>Load the example</button></p><//>`}
    <${Panel}>${head(0, "A pool: where your endpoints are")}${at === 0 && html`<${Step} fields=${POOL} initial=${{ check: "https" }} make=${poolDocument} label="Create the pool" comment="first pool" onDone=${refresh} />`}<//>
    <${Panel}>${head(1, "A zone: the names you answer for")}${at === 1 && html`<${Step} fields=${ZONE} initial=${{}} make=${zoneDocument} label="Create the zone" comment="first zone" onDone=${refresh} />`}<//>
    <${Panel}>${head(2, "A service: a name that is answered from a pool")}${at === 2 && zone && html`<${ServiceForm} zone=${zone} onCancel=${() => go("/")} onDone=${(service) => go(link("services", zone, service.name))} />`}<//>
    ${at === -1 && html`<p><a class="button primary" href="/">To the overview</a></p>`}`;
}

export default function Start() {
  const live = useLive("overview", ["revision"]);
  return html`<${Page} title="Start" subtitle="Three steps to a name that is answered from the nearest healthy place.">
    ${may("operator") ? html`<${Loaded} live=${live}>${(data) => html`<${Steps} data=${data} refresh=${live.refresh} />`}<//>` : html`<p>An operator or an administrator has to do this.</p>`}<//>`;
}
