/** The make that this bundle was built with: the browser's own, or under `fallback` the library's. */
export { primitives } from "#primitives";
export { opening } from "#opening";
