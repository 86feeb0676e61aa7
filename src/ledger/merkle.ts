import { hash } from 'node:crypto';

/** RFC 9162, 2.1.1: a leaf is SHA-256(0x00 || entry), a node is SHA-256(0x01 || left || right). */
export function leafHash(entry: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([Buffer.of(0), entry]), 'buffer');
}

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([Buffer.of(1), left, right]), 'buffer');
}

/**
 * The Merkle tree of an append-only list, kept as the roots of its perfect subtrees (one for each bit set in `size`), so
 * appending and the root cost O(log n) and the leaves need not be kept.
 */
export class MerkleFrontier {
  #subtrees: { readonly height: number; readonly root: Buffer }[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  append(leaf: Buffer): void {
    let merged = { height: 0, root: leaf };
    for (let last = this.#subtrees.at(-1); last?.height === merged.height; last = this.#subtrees.at(-1)) {
      this.#subtrees.pop();
      merged = { height: merged.height + 1, root: nodeHash(last.root, merged.root) };
    }
    this.#subtrees.push(merged);
    this.#size += 1;
  }

  /** The tree head; SHA-256 of nothing for an empty list. */
  root(): string {
    const [last, ...lower] = [...this.#subtrees].reverse();
    if (last === undefined) return hash('sha256', '', 'hex');
    return lower.reduce((right, left) => nodeHash(left.root, right), last.root).toString('hex');
  }
}
