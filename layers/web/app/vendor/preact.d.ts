// What vendor/preact.js is: htm's build of itself, Preact and its hooks in one module (layers/web/build.py).
import type { VNode } from "preact";

export * from "preact";
export * from "preact/hooks";
export function html(strings: TemplateStringsArray, ...values: unknown[]): VNode;
