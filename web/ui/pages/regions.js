// Where clients are: regions of our own, and what we know better than the database.
import { html } from "../html.js";
import { Objects } from "../parts/objects.js";
import { Page } from "../parts/page.js";
import { GEO, REGION } from "../kinds.js";

const chips = (list) => html`<span class="chips">${(list || []).map((text) => html`<span class="chip" key=${text}>${text}</span>`)}</span>`;

export default function Regions() {
  return html`<${Page} title="Places" subtitle="Where clients are said to be. Ask of one address under Explain.">
    <${Objects} title="Regions" note="places, prefixes and AS numbers under one name" collection="regions" fields=${REGION} add="Add a region" empty=${["No regions", "A region lets rules speak of many places by one name, as region:NAME."]}
      columns=${[["Region", (region) => region.name], ["Places", (region) => chips(region.places)], ["Prefixes", (region) => chips(region.cidrs)], ["AS numbers", (region) => chips((region.asns || []).map((asn) => `AS${asn}`))]]} />
    <${Objects} title="Prefix overrides" note="win over the database; the longest prefix first" collection="geo" id="cidr" fields=${GEO} add="Add a prefix" empty=${["No prefix overrides", "Say where a prefix is when the database does not know, or has it wrong."]}
      columns=${[["Prefix", (entry) => entry.cidr], ["Place", (entry) => entry.place || "–"], ["Position", (entry) => (entry.lat === undefined || entry.lat === null ? "–" : `${entry.lat}, ${entry.lon}`)], ["AS", (entry) => (entry.asn ? `AS${entry.asn}` : "–")], ["Note", (entry) => entry.note || ""]]} />
  <//>`;
}
