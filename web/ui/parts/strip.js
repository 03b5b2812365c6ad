// Knows how the results of an endpoint are told in one line: one glyph a check, newest on the right.
import { html } from "../html.js";
import { exact, milliseconds } from "./since.js";

const SHOWN = 50;

function tell(result) {
  const time = exact(result.time);
  if (result.ok === null) return `${time}: ${result.reason || "no verdict"}`;
  return result.ok ? `${time}: passed in ${milliseconds(result.total_ms)}` : `${time}: ${result.reason || "failed"}`;
}

// A pass is a bar whose height tells its duration among the others, a failure a full bar with a cut, what told nothing a dot.
export function Strip({ history, slots = SHOWN }) {
  const results = (history || []).slice(-slots);
  const slowest = Math.max(1, ...results.map((result) => result.total_ms || 0));
  const failed = results.filter((result) => result.ok === false).length;
  const label = results.length ? `${results.length} checks, ${failed} failed` : "no checks yet";
  return html`<svg class="strip" viewBox="0 0 ${slots * 4} 20" width=${slots * 4} height="20" role="img" aria-label=${label}>
    ${results.map((result, i) => {
      const x = (slots - results.length + i) * 4;
      const height = result.ok ? 6 + Math.round((12 * (result.total_ms || 0)) / slowest) : result.ok === null ? 3 : 20;
      return html`<rect key=${result.time} class=${result.ok ? "good" : result.ok === null ? "dim" : "bad"} x=${x} y=${20 - height} width="3" height=${height} rx="0.5"><title>${tell(result)}</title></rect>
        ${result.ok === false && html`<path class="cut" d="M${x} 9.5h3" />`}`;
    })}
    ${results.length === 0 && html`<text x="0" y="14">no checks yet</text>`}
  </svg>`;
}
