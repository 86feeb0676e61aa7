import { hash } from 'node:crypto';

/** Roots of the perfect subtrees of the leaves so far, by height, highest first. */
export type Tree = { height: number; root: Buffer }[];

/** RFC 9162 2.1.1, with one buffer for all nodes. */
const node = Buffer.alloc(65, 1);
const leaf = Buffer.alloc(33);

export function appendLeaf(tree: Tree, own: string): void {
  leaf.write(own, 1, 'hex');
  let height = 0;
  let root: Buffer = hash('sha256', leaf, 'buffer');
  for (let last = tree.at(-1); last !== undefined && last.height === height; last = tree.at(-1)) {
    tree.pop();
    root = join2(last.root, root);
    height += 1;
  }
  tree.push({ height, root });
}

function join2(left: Buffer, right: Buffer): Buffer {
  left.copy(node, 1);
  right.copy(node, 33);
  return hash('sha256', node, 'buffer');
}

export function rootOf(tree: Tree): string {
  const roots = tree.map((subtree) => subtree.root);
  const root = roots.reduceRight((right, left) => join2(left, right));
  return root.toString('hex');
}
