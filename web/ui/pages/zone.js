// One zone: its records, edited where they stand, and its services.
import { html, useEffect, useState } from "../html.js";
import { list, path, put, query } from "../api.js";
import { go, link, useQuery } from "../router.js";
import { follow, may, useLive } from "../store.js";
import { Export } from "../parts/csv.js";
import { Changes } from "../parts/diff.js";
import { DeleteButton, ObjectForm } from "../parts/form.js";
import { Empty, Failure, Loaded, ObjectLink, Page, Panel } from "../parts/page.js";
import { RECORD, ZONE } from "../kinds.js";
import { ServiceForm } from "../parts/steering.js";
import { poolsOf } from "./services.js";

const PAGE = 100;
const TYPES = ["A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA", "PTR", "HTTPS", "SVCB", "DS", "TLSA", "SSHFP", "NAPTR", "DNAME"];
const FIELDS = RECORD.map((field) => (field.key === "type" ? { ...field, type: "select", options: TYPES, required: true } : field));

function RecordRow({ zone, record, ttl, editing, edit }) {
  const where = path("zones", zone, "records", record.name, record.type);
  if (editing) {
    return html`<tr class="editing"><td colspan="5"><${ObjectForm} collection=${path("zones", zone, "records")} where=${where} object=${record} idKeys=${["name", "type"]} fields=${FIELDS}
      onCancel=${() => edit(null)} onDone=${() => edit(null)} /></td></tr>`;
  }
  return html`<tr><td class="name">${record.name}</td><td>${record.type}</td><td class="num">${record.ttl === null || record.ttl === undefined ? html`<span class="dim" title="the zone's">${ttl} s</span>` : `${record.ttl} s`}</td>
    <td class="data">${record.data.map((data) => html`<div>${data}</div>`)}</td><td class="acts">${may("operator") && html`<button class="quiet small" aria-label="Edit ${record.name} ${record.type}" onClick=${() => edit(`${record.name}/${record.type}`)}>Edit</button>`}</td></tr>`;
}

function Records({ zone, ttl }) {
  const [filter, set] = useQuery();
  const [page, setPage] = useState({ items: null, next: null });
  const [error, fail] = useState(null);
  const [editing, edit] = useState(null);
  const where = (cursor) => query(path("zones", zone, "records"), { q: filter.q, type: filter.type, limit: PAGE, cursor });
  useEffect(() => {
    let wanted = true;
    const ask = () => list(where()).then((answer) => wanted && (fail(null), setPage(answer)), (problem) => wanted && fail(problem));
    ask();
    const leave = follow(["revision"], ask);
    return () => {
      wanted = false;
      leave();
    };
  }, [zone, filter.q, filter.type]);
  const more = () => list(where(page.next)).then((answer) => setPage({ ...answer, items: [...page.items, ...answer.items] }), fail);
  return html`<${Panel} title="Records" flush actions=${html`<span class="filters"><input type="search" aria-label="Filter by name" placeholder="name" value=${filter.q || ""} onInput=${(event) => set({ q: event.target.value.trim() })} />
      <select aria-label="Filter by type" value=${filter.type || ""} onChange=${(event) => set({ type: event.target.value })}><option value="">every type</option>${TYPES.map((type) => html`<option key=${type} value=${type}>${type}</option>`)}</select></span>
      ${page.items && html`<${Export} name="records" columns=${["name", "type", "ttl", "data"]} rows=${page.items.map(({ name, type, ttl: own, data }) => ({ name, type, ttl: own, data }))} />`}
      ${may("operator") && html`<button onClick=${() => edit("new")}>Add a record</button>`}`}>
    <${Failure} error=${error} />
    ${editing === "new" && html`<div class="inset"><${ObjectForm} collection=${path("zones", zone, "records")} fields=${FIELDS} initial=${{ type: "A" }} onCancel=${() => edit(null)} onDone=${() => edit(null)} /></div>`}
    ${page.items && page.items.length === 0 && editing !== "new" && html`<${Empty} title="No records"><p>${filter.q || filter.type ? "None matches." : "A zone needs NS records at its apex, and usually addresses."}</p><//>`}
    ${page.items && page.items.length > 0 && html`<div class="scroll"><table class="rows records"><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col" class="num">TTL</th><th scope="col">Data</th><th scope="col"><span class="hidden">Edit</span></th></tr></thead><tbody>
      ${page.items.map((record) => html`<${RecordRow} key=${record.name + "/" + record.type} zone=${zone} record=${record} ttl=${ttl} editing=${editing === `${record.name}/${record.type}`} edit=${edit} />`)}</tbody></table></div>`}
    ${page.next && html`<p class="more"><button onClick=${more}>More</button></p>`}
  <//>`;
}

function Services({ zone }) {
  const live = useLive(query(path("zones", zone, "services"), { limit: 1000 }), ["revision"]);
  const [adding, add] = useState(false);
  return html`<${Panel} title="Services" note="decided for each client" flush actions=${may("operator") && html`<button onClick=${() => add(true)}>Add a service</button>`}>
    ${adding && html`<div class="inset"><${ServiceForm} zone=${zone} onCancel=${() => add(false)} onDone=${(service) => go(link("services", zone, service.name))} /></div>`}
    <${Loaded} live=${live}>${(data) => data.items.length === 0 ? !adding && html`<${Empty} title="No services"><p>A service answers each client from the pool that suits it.</p><//>` : html`<div class="scroll"><table class="rows"><thead><tr><th scope="col">Name</th><th scope="col">Steering</th><th scope="col">Pools</th><th scope="col" class="num">TTL</th></tr></thead><tbody>
      ${data.items.map((service) => html`<tr key=${service.name}><td><a href=${link("services", zone, service.name)}>${service.name}</a></td><td>${service.steering}</td><td>${poolsOf(service).map((pool, i) => html`${i ? ", " : ""}<${ObjectLink} id="pool/${pool}" text=${pool} />`)}</td><td class="num">${service.ttl} s</td></tr>`)}</tbody></table></div>`}<//>
  <//>`;
}

// A master file makes the zone's records what it says, all or nothing; what that changes is shown first.
function Import({ zone, onDone, onCancel }) {
  const [text, type] = useState("");
  const [dry, set] = useState(null);
  const [failure, fail] = useState(null);
  const change = (next) => {
    type(next);
    set(null);
    fail(null);
  };
  const send = (more, options) => put(query(path("zones", zone, "file"), more), text, { type: "text/dns", ...options });
  const submit = async (event) => {
    event.preventDefault();
    try {
      if (dry) {
        await send({}, { etag: dry.revision, comment: `import the zone file of ${zone}` });
        onDone();
      } else set(await send({ dry_run: true }));
    } catch (problem) {
      fail(problem);
    }
  };
  return html`<${Panel} title="Import a zone file"><form class="form" onSubmit=${submit}>
    <div class="field wide"><label for="zone-file">File</label><input id="zone-file" type="file" onChange=${async (event) => change(await event.target.files[0].text())} /></div>
    <div class="field wide"><label for="zone-text">Text</label><textarea id="zone-text" rows="10" value=${text} onInput=${(event) => change(event.target.value)} spellcheck=${false} placeholder="$ORIGIN ${zone}."></textarea><p class="help">RFC 1035. The records become what it says; services stay.</p></div>
    ${failure && (failure.errors.length ? failure.errors.map((error) => html`<p class="bad" role="alert" key=${error.message}>${error.message}</p>`) : html`<${Failure} error=${failure} />`)}
    ${dry && html`<${Changes} changes=${dry.changes || []} />`}
    <footer><button type="submit" class="primary" disabled=${!text.trim()}>${dry ? "Deploy" : "Show what changes"}</button><button type="button" class="quiet" onClick=${onCancel}>Cancel</button></footer></form><//>`;
}

export default function Zone({ zone }) {
  const live = useLive(path("zones", zone), ["revision"]);
  const [editing, edit] = useState(false);
  const [importing, bringIn] = useState(false);
  return html`<${Page} title=${zone} up=${["/zones", "Zones"]} actions=${live.data && !editing && html`<a class="button" href="/api/v1/${path("zones", zone, "file")}" download="${zone}.zone">Export</a>
      ${may("operator") && html`<button onClick=${() => bringIn(true)}>Import</button><button onClick=${() => edit(true)}>Edit the zone</button>`}`}>
    <${Loaded} live=${live}>${(data) => html`
      ${importing && html`<${Import} zone=${zone} onCancel=${() => bringIn(false)} onDone=${() => bringIn(false)} />`}
      ${editing ? html`<${Panel} title="Zone"><${ObjectForm} collection="zones" where=${path("zones", zone)} object=${data} fields=${ZONE} deletable=${false} onCancel=${() => edit(false)} onDone=${() => { edit(false); live.refresh(); }} />
          <hr /><${DeleteButton} where=${path("zones", zone)} name=${zone} revision=${data.revision} confirm onDone=${() => go("/zones")} /><//>`
        : html`<dl class="facts"><div><dt>Primary</dt><dd>${data.primary}</dd></div><div><dt>Contact</dt><dd>${data.contact}</dd></div><div><dt>TTL</dt><dd>${data.ttl} s</dd></div><div><dt>Negative TTL</dt><dd>${data.negative_ttl} s</dd></div><div><dt>Client subnet</dt><dd>${data.ecs === false ? "ignored" : "used"}</dd></div><div><dt>Serial, changed in</dt><dd><a href="/revisions?n=${data.revision}">${data.revision}</a></dd></div></dl>
          <p class="dim">To delegate, the parent zone names the NS records of the apex and, where they lie below ${zone}, their addresses.</p>`}
      <${Services} zone=${zone} /><${Records} zone=${zone} ttl=${data.ttl} />`}<//>
  <//>`;
}
