// The script of the Worker that seals. Its messages come here; until then, all that it needs.
export * as canonical from "./core/canonical.ts";
export * as entry from "./core/entry.ts";
export * as padding from "./core/padding.ts";
export * as receipt from "./core/receipt.ts";
export * as report from "./core/report.ts";
export * as routing from "./core/routing.ts";
export * as age from "./crypto/age.ts";
export * as derive from "./crypto/derive.ts";
export * as digest from "./crypto/digest.ts";
export * as stream from "./crypto/stream.ts";
export * as bytes from "./bytes.ts";
export * as check from "./primitives/check.ts";
