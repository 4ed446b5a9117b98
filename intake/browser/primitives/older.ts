/**
 * What the libraries take for granted and the oldest browsers that we build for do not have:
 * `Object.hasOwn` (Chrome 93, Firefox 92, Safari 15.4), `setBigUint64` (Safari 15).
 *
 * Imported before the libraries. What the browser has itself stays as it is.
 */

const HALF = 0xffffffffn;

function hasOwn(object: object, name: PropertyKey): boolean {
  return Object.prototype.hasOwnProperty.call(object, name);
}

function setBigUint64(this: DataView, at: number, value: bigint, isLittle = false): void {
  this.setUint32(isLittle ? at : at + 4, Number(value & HALF), isLittle);
  this.setUint32(isLittle ? at + 4 : at, Number((value >> 32n) & HALF), isLittle);
}

define(Object, "hasOwn", hasOwn);
define(DataView.prototype, "setBigUint64", setBigUint64);

function define(owner: object, name: string, method: unknown): void {
  if (!(name in owner)) {
    Object.defineProperty(owner, name, { value: method });
  }
}
