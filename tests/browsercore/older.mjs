// Takes from this Node what Chrome 80, Firefox 78 or Safari 14.1 does not have: `node --import`.
const newer = [
  [Array, "fromAsync"],
  [Array.prototype, "at", "findLast", "findLastIndex", "toSorted", "toReversed", "toSpliced", "with"],
  [Object, "hasOwn", "groupBy"],
  [Map, "groupBy"],
  [Promise, "any", "withResolvers", "try"],
  [String.prototype, "at", "replaceAll", "isWellFormed", "toWellFormed"],
  [Uint8Array, "fromHex", "fromBase64"],
  [Uint8Array.prototype, "toHex", "toBase64"],
  [Object.getPrototypeOf(Uint8Array.prototype), "at", "findLast", "findLastIndex"],
  [Object.getPrototypeOf(Uint8Array.prototype), "toSorted", "toReversed", "with"],
  [DataView.prototype, "getBigInt64", "getBigUint64", "setBigInt64", "setBigUint64"],
  [Set.prototype, "union", "intersection", "difference", "isSubsetOf"],
  [ArrayBuffer.prototype, "transfer", "resize"],
  [SubtleCrypto.prototype, "encapsulateBits", "decapsulateBits", "getPublicKey"],
  [globalThis, "structuredClone", "WeakRef", "FinalizationRegistry", "BigInt64Array"],
  [globalThis, "BigUint64Array", "AggregateError", "Iterator"],
];
for (const [owner, ...names] of newer) {
  for (const name of names) {
    delete owner[name];
  }
}
