/**
 * The QR code of a receipt's numbers, for paper: what a phone reads from it can be pasted where
 * the words are asked, so the numbers stand in it with spaces between them.
 *
 * Source: ISO/IEC 18004. One size only: version 3 (29 modules), level M, letters and digits.
 * That holds 61 characters in one block, and is read even where 13 of its 70 bytes are spoilt.
 */
import { IntakeError } from "../errors.ts";

const SIDE = 29;
const MOST = 61;
const DATA_BYTES = 44;
const CHECK_BYTES = 26;
const ALPHANUMERIC = 0b0010;
const LENGTH_BITS = 9;
const SPACE = 36;
const PADS = [0xec, 0x11];
const FIELD = 0x11d;
// Level M and the first of the eight patterns that may turn modules over, which here leaves the
// fewest even areas on average: choosing anew for each code would be half of this module.
const FORMAT = 0b101010000010010;

/** Rows of modules, 1 for dark; null where nothing stands yet. */
type Grid = (0 | 1 | null)[][];

/**
 * Return the 29 rows of the code, each 29 characters, "1" for dark.
 *
 * `text` holds digits and spaces, at most 61. Raises IntakeError.
 */
export function modules(text: string): string[] {
  if (text.length > MOST || /[^0-9 ]/.test(text)) {
    throw new IntakeError("a code holds at most 61 digits and spaces");
  }
  const data = dataBytes(text);
  const grid: Grid = Array.from({ length: SIDE }, () => Array.from({ length: SIDE }, () => null));
  drawPatterns(grid);
  drawFormat(grid);
  drawBits(grid, [...data, ...checkBytes(data)].map((byte) => written(byte, 8)).join(""));
  return grid.map((row) => row.join(""));
}

function written(value: number, bits: number): string {
  return value.toString(2).padStart(bits, "0");
}

/** Two characters are one number of 11 bits, a last one of 6. */
function dataBytes(text: string): number[] {
  const values = [...text].map((one) => (one === " " ? SPACE : Number(one)));
  let bits = written(ALPHANUMERIC, 4) + written(values.length, LENGTH_BITS);
  for (let at = 0; at < values.length; at += 2) {
    const [one = 0, other] = values.slice(at, at + 2);
    bits += other === undefined ? written(one, 6) : written(one * 45 + other, 11);
  }
  bits = (bits + "0000").slice(0, DATA_BYTES * 8);
  const bytes = (bits.match(/.{1,8}/g) ?? []).map((byte) => parseInt(byte.padEnd(8, "0"), 2));
  const used = bytes.length;
  while (bytes.length < DATA_BYTES) bytes.push(PADS[(bytes.length - used) % 2] as number);
  return bytes;
}

/** Multiply in the field of 256 elements. */
function times(one: number, other: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ (product & 0x80 ? FIELD : 0);
    if ((other >> bit) & 1) product ^= one;
  }
  return product;
}

/** Return the Reed-Solomon bytes: the rest of a division of polynomials, highest power first. */
function checkBytes(data: readonly number[]): number[] {
  let divisor = [1];
  for (let power = 0, root = 1; power < CHECK_BYTES; power += 1, root = times(root, 2)) {
    const known: readonly number[] = divisor;
    const factor = root;
    divisor = [...known, 0].map((value, at) => value ^ times(known[at - 1] ?? 0, factor));
  }
  const rest = [...data, ...divisor.slice(1).fill(0)];
  for (let at = 0; at < data.length; at += 1) {
    const lead = rest[at] as number;
    divisor.forEach((value, step) => {
      rest[at + step] = (rest[at + step] as number) ^ times(value, lead);
    });
  }
  return rest.slice(data.length);
}

function set(grid: Grid, row: number, column: number, isDark: boolean): void {
  const line = grid[row];
  if (line && column >= 0 && column < SIDE) line[column] = isDark ? 1 : 0;
}

/** Draw what every code of this size has: three large squares, a small one, two dotted lines. */
function drawPatterns(grid: Grid): void {
  for (let at = 0; at < SIDE; at += 1) {
    set(grid, 6, at, at % 2 === 0);
    set(grid, at, 6, at % 2 === 0);
  }
  drawSquares(grid, 3, 3, 4);
  drawSquares(grid, 3, SIDE - 4, 4);
  drawSquares(grid, SIDE - 4, 3, 4);
  drawSquares(grid, SIDE - 7, SIDE - 7, 2);
}

/** Draw rings around a middle: the large square is light at 2 and 4, the small one at 1. */
function drawSquares(grid: Grid, row: number, column: number, reach: 2 | 4): void {
  for (let down = -reach; down <= reach; down += 1) {
    for (let across = -reach; across <= reach; across += 1) {
      const ring = Math.max(Math.abs(down), Math.abs(across));
      set(grid, row + down, column + across, reach === 2 ? ring !== 1 : ring % 4 !== 2 && ring < 4);
    }
  }
}

/** Draw level and pattern twice, and the one module that is always dark. */
function drawFormat(grid: Grid): void {
  for (let bit = 0; bit < 15; bit += 1) {
    const isDark = ((FORMAT >> bit) & 1) === 1;
    // Around the first corner, past the dotted lines; and split over the two others.
    if (bit < 8) {
      set(grid, bit < 6 ? bit : bit + 1, 8, isDark);
      set(grid, 8, SIDE - 1 - bit, isDark);
    } else {
      set(grid, 8, bit === 8 ? 7 : 14 - bit, isDark);
      set(grid, SIDE - 15 + bit, 8, isDark);
    }
  }
  set(grid, SIDE - 8, 8, true);
}

/** Fill what is left, two columns at a time from the right, up and down by turns. */
function drawBits(grid: Grid, bits: string): void {
  let next = 0;
  let isUp = true;
  for (let right = SIDE - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < SIDE; step += 1) {
      const row = isUp ? SIDE - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (grid[row]?.[column] === null) {
          // Turned over like a chessboard. The few modules after the last bit are 0.
          set(grid, row, column, (bits[next] === "1") !== ((row + column) % 2 === 0));
          next += 1;
        }
      }
    }
    isUp = !isUp;
  }
}
