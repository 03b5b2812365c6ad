// Knows how two versions of an object are told apart: member by member, as pointers with before and after.
import { html } from "../html.js";
import { ObjectLink } from "./page.js";

function flatten(value, pointer, into) {
  if (value !== null && typeof value === "object" && Object.keys(value).length > 0) {
    for (const [key, member] of Object.entries(value)) flatten(member, `${pointer}/${key}`, into);
  } else {
    into.set(pointer || "/", value === undefined ? undefined : JSON.stringify(value));
  }
  return into;
}

// What says no more than that nothing was said.
const SILENT = new Set(["null", "[]", "{}"]);

// [{pointer, before, after}] of what differs.
export function differences(before, after) {
  const old = before ? flatten(before, "", new Map()) : new Map(), young = after ? flatten(after, "", new Map()) : new Map();
  const rows = [];
  for (const pointer of new Set([...old.keys(), ...young.keys()])) {
    const silent = (!before || !after) && SILENT.has(old.get(pointer) || young.get(pointer));
    if (old.get(pointer) !== young.get(pointer) && !silent) rows.push({ pointer, before: old.get(pointer), after: young.get(pointer) });
  }
  return rows;
}

const VERBS = { create: "created", update: "changed", delete: "deleted" };

function Change({ change }) {
  return html`<div class="change">
    <h3><span class="verb ${change.action}">${VERBS[change.action]}</span> <${ObjectLink} id="${change.kind}/${change.id}" /></h3>
    <table class="diff"><tbody>${differences(change.before, change.after).map((row) => html`<tr key=${row.pointer}>
      <th scope="row">${row.pointer}</th>
      ${change.before && html`<td>${row.before !== undefined && html`<del>${row.before}</del>`}</td>`}
      ${change.after && html`<td>${row.after !== undefined && html`<ins>${row.after}</ins>`}</td>`}</tr>`)}</tbody></table>
  </div>`;
}

export function Changes({ changes, most = 200 }) {
  if (changes.length === 0) return html`<p class="dim">Nothing differs.</p>`;
  return html`<div class="changes">${changes.slice(0, most).map((change) => html`<${Change} key=${change.kind + change.id} change=${change} />`)}
    ${changes.length > most && html`<p class="dim">and ${changes.length - most} more</p>`}</div>`;
}
