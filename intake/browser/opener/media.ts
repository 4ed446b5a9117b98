/**
 * What a verified file holds, shown where that is safe: a picture as pixels drawn anew, text as
 * text; by what it is, never by what is said of it.
 *
 * Rules: a picture is measured before it is drawn, and drawn small; nothing else is shown.
 */
import { type Bytes, concat } from "../bytes.ts";
import { AsideError } from "../errors.ts";
import { big, toBytes } from "../media/bytes.ts";
import { sniff } from "../media/sniff.ts";
import { DamagedError, Source } from "../media/source.ts";
import { printable } from "../core/printable.ts";

/** Characters of a text that are shown; the rest is in the saved file. */
export const TEXT_SHOWN = 200_000;
/** A photograph in memory; more is for a program made for it. */
export const SHOWN = 32 * 1024 * 1024;
// A large telephone's picture; drawn it takes four bytes a pixel.
const PIXELS = 64 * 1024 * 1024;
const WIDEST = 1600;

/** Return the true type of a file of `length` bytes by its beginning, some 64 KiB. */
export async function typeOf(head: Uint8Array, length: number): Promise<string> {
  const read = async (at: number, size: number): Promise<Uint8Array> => head.slice(at, at + size);
  try {
    return await sniff(new Source(read, length));
  } catch (error) {
    if (error instanceof DamagedError) {
      return "application/octet-stream";
    }
    throw error;
  }
}

/** Return a picture drawn anew. Raises AsideError. */
export async function picture(pieces: readonly Bytes[], type: string): Promise<HTMLCanvasElement> {
  const data = concat(...pieces);
  const size = type === "image/png" ? pngSize(data) : jpegSize(data);
  if (!size || size.width * size.height > PIXELS) {
    throw new AsideError(size ? "picture_large" : "picture");
  }
  const image = await createImageBitmap(new Blob([data], { type })).catch(() => {
    throw new AsideError("picture");
  });
  const scale = Math.min(1, WIDEST / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return canvas;
}

/** Return the text of a file, its control characters as marks, and whether that is all of it. */
export function text(pieces: readonly Bytes[]): { text: string; isWhole: boolean } {
  const found = printable(new TextDecoder().decode(concat(...pieces)));
  // Not half a pair at the end.
  const shown = found.slice(0, TEXT_SHOWN).replace(/[\ud800-\udbff]$/, "");
  return { text: shown, isWhole: shown.length === found.length };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function pngSize(data: Bytes): Size | null {
  const head = toBytes(data.subarray(0, 24));
  const isRight = head.length === 24 && head.slice(12, 16) === "IHDR";
  return isRight ? { width: big(head.slice(16, 20)), height: big(head.slice(20, 24)) } : null;
}

/** Return the size in the first frame of a JPEG. */
function jpegSize(data: Bytes): Size | null {
  const at16 = (at: number): number => ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
  for (let at = 2; at + 9 < data.length; ) {
    const marker = data[at + 1] as number;
    if (data[at] !== 0xff || marker === 0xd9 || marker === 0xda) {
      return null;
    }
    if (marker === 0xff) {
      at += 1;
    } else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: at16(at + 7), height: at16(at + 5) };
    } else {
      at += 2 + at16(at + 2);
    }
  }
  return null;
}
