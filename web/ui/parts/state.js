// Knows the shape, the tone and the word of every state. Never the colour alone.
import { html } from "../html.js";

// tone: the colour; shape: what tells it apart without one.
const STATES = {
  healthy: ["good", "disc"], up: ["good", "disc"], announced: ["good", "disc"], live: ["good", "disc"], established: ["good", "disc"],
  serving: ["good", "disc"], running: ["good", "disc"],
  degraded: ["warn", "triangle"], draining: ["warn", "half"], drain: ["warn", "half"], held: ["warn", "bars"], frozen: ["warn", "bars"],
  stale: ["warn", "triangle"], pending: ["dim", "ring"], hung: ["warn", "bars"], denied: ["bad", "cross"],
  down: ["bad", "cross"], withdrawn: ["bad", "cross"], fault: ["bad", "cross"], unreachable: ["bad", "cross"], lost: ["bad", "cross"],
  unknown: ["dim", "question"], disabled: ["dim", "square"], standby: ["dim", "ring"],
  critical: ["bad", "cross"], warning: ["warn", "triangle"], info: ["dim", "ring"],
};

const SHAPES = {
  disc: () => html`<circle cx="8" cy="8" r="6" />`,
  triangle: () => html`<path d="M8 1.5 15 14.5H1z" />`,
  half: () => html`<path d="M8 2a6 6 0 1 0 0 12z" /><circle cx="8" cy="8" r="5.2" class="line" />`,
  bars: () => html`<path d="M3 2.5h3.6v11H3zM9.4 2.5H13v11H9.4z" />`,
  ring: () => html`<circle cx="8" cy="8" r="5" class="line" />`,
  cross: () => html`<path d="M4.2 1.4 8 5.2l3.8-3.8 2.8 2.8L10.8 8l3.8 3.8-2.8 2.8L8 10.8l-3.8 3.8-2.8-2.8L5.2 8 1.4 4.2z" />`,
  question: () => html`<rect x="2.5" y="2.5" width="11" height="11" transform="rotate(45 8 8)" class="line" />`,
  square: () => html`<rect x="3" y="3" width="10" height="10" class="line" />`,
};

export function tone(state) {
  return (STATES[state] || STATES.unknown)[0];
}

export function Shape({ state }) {
  const [colour, shape] = STATES[state] || STATES.unknown;
  return html`<svg class="shape ${colour}" viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">${SHAPES[shape]()}</svg>`;
}

// The same marks for the map, at X, Y.
export function Mark({ state, x, y, size = 14 }) {
  const [colour, shape] = STATES[state] || STATES.unknown;
  return html`<g class="shape ${colour}" transform="translate(${x - size / 2} ${y - size / 2}) scale(${size / 16})">
    <circle cx="8" cy="8" r="11" class="halo" />${SHAPES[shape]()}</g>`;
}

export function State({ state, word, detail }) {
  return html`<span class="state ${tone(state)}"><${Shape} state=${state} /><span>${word || state}</span>${detail && html`<span class="detail">${detail}</span>`}</span>`;
}
