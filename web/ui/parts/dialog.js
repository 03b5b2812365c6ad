// Knows how the page asks back: a modal dialog that Escape closes and that gives the focus back.
import { html, useEffect, useRef } from "../html.js";

export function Dialog({ title, onClose, children, wide }) {
  const box = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    box.current.showModal();
    const first = box.current.querySelector("[data-first]") || box.current.querySelector("input, select, textarea");
    if (first) first.focus();
    return () => before && before.focus && before.focus();
  }, []);
  return html`<dialog ref=${box} class=${wide ? "wide" : ""} aria-label=${title} onCancel=${(event) => { event.preventDefault(); onClose(); }}
      onClick=${(event) => event.target === box.current && onClose()}>
    <div class="dialog">
      <header><h2>${title}</h2><button type="button" class="quiet" aria-label="Close" onClick=${onClose}>Close</button></header>
      ${children}
    </div>
  </dialog>`;
}
