// Knows how a table leaves the page: as CSV that a spreadsheet does not take for formulas, or as JSON.
import { html } from "../html.js";

function cell(value) {
  let text = value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  if (/^[=+\-@\t\r]/.test(text)) text = "'" + text;
  return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

function save(name, type, text) {
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(new Blob([text], { type }));
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
}

export function Export({ name, columns, rows }) {
  const csv = () => save(`${name}.csv`, "text/csv", [columns.join(","), ...rows.map((row) => columns.map((key) => cell(row[key])).join(","))].join("\r\n") + "\r\n");
  const json = () => save(`${name}.json`, "application/json", JSON.stringify(rows, null, 2));
  return html`<span class="export"><button class="quiet" onClick=${csv}>CSV</button><button class="quiet" onClick=${json}>JSON</button></span>`;
}
