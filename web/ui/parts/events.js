// Knows how an event is told in a row.
import { html } from "../html.js";
import { ObjectLink } from "./page.js";
import { Ago } from "./since.js";
import { State } from "./state.js";

const WORDS = new Set(["up", "down", "degraded", "unknown", "healthy", "announced", "draining", "withdrawn", "held", "pending", "fault", "frozen", "live", "stale", "established"]);

function Word({ word }) {
  if (!word) return html`<span class="dim">–</span>`;
  return WORDS.has(word.toLowerCase()) ? html`<${State} state=${word.toLowerCase()} word=${word} />` : html`<span>${word}</span>`;
}

export function EventRows({ events, short }) {
  return html`<div class="scroll"><table class="rows cards events"><thead><tr><th scope="col">When</th><th scope="col">Object</th><th scope="col">${short ? "Now" : "From"}</th>${!short && html`<th scope="col">To</th>`}<th scope="col">Reason</th>${!short && html`<th scope="col">By</th>`}</tr></thead><tbody>
    ${events.map((event) => html`<tr key=${event.id || event.time + event.object}>
      <td class="nowrap"><${Ago} time=${event.time} /></td><td><${ObjectLink} id=${event.object} /></td>
      ${!short && html`<td><${Word} word=${event.from} /></td>`}<td><${Word} word=${event.to} /></td>
      <td class="reason">${event.reason}</td>${!short && html`<td>${event.actor || event.daemon}</td>`}</tr>`)}</tbody></table></div>`;
}
