// Knows how what takes a prefix away from a site is confirmed: its name is typed.
import { html } from "../html.js";

// What a refusal wants confirmed: ["prefix/192.0.2.0/24", ...].
export function wantedBy(problem) {
  return ((problem && problem.errors) || []).map((error) => error.confirm).filter(Boolean);
}

const nameOf = (id) => id.slice(id.indexOf("/") + 1);

// Those of IDS whose name stands in TYPED, {id: text}, as the API takes them.
export function confirmed(ids, typed) {
  return ids.filter((id) => (typed[id] || "").trim() === nameOf(id)).join(",");
}

export function Confirm({ ids, typed, onType }) {
  return ids.map((id) => html`<div class="field wide" key=${id}><label for="confirm-${id}">Type ${nameOf(id)} to take it away</label>
    <input id="confirm-${id}" type="text" value=${typed[id] || ""} onInput=${(event) => onType({ ...typed, [id]: event.target.value })} autocomplete="off" spellcheck=${false} /><p class="help"></p></div>`);
}
