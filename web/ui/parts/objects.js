// Knows how a small collection of objects is shown as a table that is edited where it stands.
import { html, useState } from "../html.js";
import { query } from "../api.js";
import { may, useLive } from "../store.js";
import { ObjectForm } from "./form.js";
import { Empty, Loaded, Panel } from "./page.js";

// COLUMNS is [[heading, object => cell]]; ID the member that names an object in its path.
export function Objects({ title, note, collection, fields, columns, id = "name", empty, add, role = "operator" }) {
  const live = useLive(query(collection, { limit: 1000 }), ["revision"]);
  const [editing, edit] = useState(null);
  const done = () => { edit(null); live.refresh(); };
  const where = (object) => `${collection}/${object[id].split("/").map(encodeURIComponent).join("/")}`;
  return html`<${Panel} title=${title} note=${note} flush actions=${may(role) && html`<button onClick=${() => edit("")}>${add}</button>`}>
    ${editing === "" && html`<div class="inset"><${ObjectForm} collection=${collection} fields=${fields} idKeys=${[id]} onCancel=${() => edit(null)} onDone=${done} /></div>`}
    <${Loaded} live=${live}>${(data) => data.items.length === 0 ? editing !== "" && html`<${Empty} title=${empty[0]}><p>${empty[1]}</p><//>` : html`<div class="scroll"><table class="rows"><thead><tr>${columns.map(([heading]) => html`<th scope="col" key=${heading}>${heading}</th>`)}<th scope="col"><span class="hidden">Edit</span></th></tr></thead><tbody>
      ${data.items.map((object) => editing === object[id] ? html`<tr key=${object[id]} class="editing"><td colspan=${columns.length + 1}><${ObjectForm} collection=${collection} where=${where(object)} object=${object} fields=${fields} idKeys=${[id]} onCancel=${() => edit(null)} onDone=${done} /></td></tr>`
        : html`<tr key=${object[id]}>${columns.map(([heading, tell]) => html`<td key=${heading}>${tell(object)}</td>`)}<td class="acts">${may(role) && html`<button class="quiet small" aria-label="Edit ${object[id]}" onClick=${() => edit(object[id])}>Edit</button>`}</td></tr>`)}</tbody></table></div>`}<//>
  <//>`;
}
