// The one place that knows which libraries draw the page.
import { h } from "./vendor/preact.mjs";
import htm from "./vendor/htm.mjs";

export { Component, Fragment, render } from "./vendor/preact.mjs";
export { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./vendor/hooks.mjs";

// Strings in templates become text nodes: what came from a probe or a packet can never be markup.
export const html = htm.bind(h);
