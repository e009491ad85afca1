import { closeSync, openSync, readSync } from 'node:fs';
import { metasOf } from './lmdb-file.ts';

/** A tree of LMDB, as its record (MDB_db, 48 bytes) describes it. */
interface Tree {
  readonly root: number;
  readonly depth: number;
}

const headerBytes = 24;
const branch = 1;
const leaf = 2;
const overflow = 4;
const bigData = 1;
const subTree = 2;
const treeBytes = 48;
const none = 0xffff_ffff_ffff_ffffn;

/**
 * Walks the trees of an LMDB file (format of lmdb 3.5) without LMDB, which ends the process with SIGABRT or SIGSEGV
 * at some pages that are not its own. Reads each page of keys once, and of large values only the first. It tells
 * what keeps the file from being read; whether the values are right is for their checksums.
 *
 * @throws {Error} with the page and what is wrong with it.
 */
export function checkPages(path: string): void {
  walk(path);
}

/** Pages of an LMDB file: those that hold something, and all of them. */
export interface PageFill {
  readonly pageSize: number;
  readonly used: number;
  readonly total: number;
}

/** @throws {Error} as `checkPages` does. */
export function fillOf(path: string): PageFill {
  return walk(path).fill;
}

function walk(path: string): Walk {
  const file = openSync(path, 'r');
  try {
    const walk = new Walk(file);
    for (const tree of walk.roots()) tree();
    return walk;
  } finally {
    closeSync(file);
  }
}

class Walk {
  readonly #file: number;
  readonly #pageSize: number;
  readonly #lastPage: number;
  readonly #seen = new Set<number>();
  readonly #trees: Tree[];
  /** The two meta pages at first. */
  #used = 2;

  constructor(file: number) {
    this.#file = file;
    const metas = metasOf(file);
    if (metas.length < 2) throw new Error('the first pages are damaged');
    const newest = metas[0]!.transaction < metas[1]!.transaction ? metas[1]! : metas[0]!;
    this.#pageSize = newest.pageSize;
    this.#lastPage = newest.lastPage;
    this.#trees = newest.trees.map(treeOf).filter((tree) => tree !== undefined);
  }

  get fill(): PageFill {
    return { pageSize: this.#pageSize, used: this.#used, total: this.#lastPage + 1 };
  }

  /** A step for each tree, those found on the way included. */
  *roots(): Generator<() => void> {
    for (let tree = this.#trees.shift(); tree; tree = this.#trees.shift()) {
      const { root, depth } = tree;
      yield () => this.#walk(root, depth);
    }
  }

  #walk(number: number, depth: number): void {
    const page = this.#take(number);
    const kind = page.readUInt16LE(18);
    demand(kind === (depth > 1 ? branch : leaf), number, 'it is of another kind than its tree says');
    for (const at of this.#nodes(page, number))
      if (kind === branch) this.#walk(childOf(page, at), depth - 1);
      else this.#value(page, at, number);
  }

  /** Where the nodes of a page are, each within it. */
  *#nodes(page: Buffer, number: number): Generator<number> {
    const [lower, upper] = [page.readUInt16LE(20), page.readUInt16LE(22)];
    const room = this.#pageSize - headerBytes;
    demand(lower % 2 === 0 && lower > 0 && lower <= upper && upper <= room, number, 'its bounds');
    for (let slot = 0; slot < lower; slot += 2) {
      const at = headerBytes + page.readUInt16LE(headerBytes + slot);
      demand(at >= headerBytes + upper && at + 8 <= this.#pageSize, number, 'an entry lies outside');
      const end = at + 8 + page.readUInt16LE(at + 6);
      demand(end <= this.#pageSize, number, 'a key lies outside');
      yield at;
    }
  }

  #value(page: Buffer, at: number, number: number): void {
    const size = page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 65_536;
    const flags = page.readUInt16LE(at + 4);
    const start = at + 8 + page.readUInt16LE(at + 6);
    const big = (flags & bigData) !== 0;
    demand(flags <= (bigData | subTree), number, 'an entry is of no known kind');
    demand(start + (big ? 8 : size) <= this.#pageSize, number, 'a value lies outside');
    if (big) this.#large(Number(page.readBigUInt64LE(start)), size);
    else if (flags & subTree) {
      demand(size === treeBytes, number, 'a table lies outside');
      const tree = treeOf(page.subarray(start, start + treeBytes));
      if (tree) this.#trees.push(tree);
    }
  }

  #large(number: number, size: number): void {
    const page = this.#take(number);
    const pages = page.readUInt32LE(20);
    const enough = pages * this.#pageSize >= headerBytes + size && number + pages - 1 <= this.#lastPage;
    this.#used += pages - 1;
    demand(page.readUInt16LE(18) === overflow && enough, number, 'it is too short for its value');
  }

  #take(number: number): Buffer {
    demand(number >= 2 && number <= this.#lastPage, number, 'it lies outside the file');
    demand(!this.#seen.has(number), number, 'two others hold it');
    this.#seen.add(number);
    this.#used++;
    const page = Buffer.allocUnsafe(this.#pageSize);
    const read = readSync(this.#file, page, 0, page.length, number * this.#pageSize);
    const own = read === page.length && page.readBigUInt64LE(0) === BigInt(number);
    demand(own, number, 'another one is in its place');
    return page;
  }
}

function treeOf(record: Buffer): Tree | undefined {
  const root = record.readBigUInt64LE(40);
  return root === none ? undefined : { root: Number(root), depth: record.readUInt16LE(6) };
}

/** 48 bits: the fields for the size and the flags of a value, in a page without values. */
const childOf = (page: Buffer, at: number) =>
  page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 65_536 + page.readUInt16LE(at + 4) * 4_294_967_296;

function demand(condition: boolean, page: number, what: string): void {
  if (!condition) throw new Error(`page ${page} of its file is damaged: ${what}`);
}
