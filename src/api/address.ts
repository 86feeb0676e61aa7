/** The part of Node's request that `@hono/node-server` passes on; absent in `app.request(...)`. */
export interface NodeBindings {
  readonly incoming?: { readonly socket: { readonly remoteAddress?: string | undefined } };
}

function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

/** The peer of the connection itself, whoever it forwards for. */
export function peerOf(env: NodeBindings | undefined): string | null {
  const address = env?.incoming?.socket.remoteAddress;
  return address === undefined ? null : plain(address);
}

/** Who calls: what a trusted proxy says it forwards for (its last word, which the client can not write), else the peer. */
export function addressOf(peer: string | null, forwardedFor: string | null, trusted: readonly string[]): string | null {
  if (peer === null || forwardedFor === null || !trusted.includes(peer)) return peer;
  const hops = forwardedFor.split(',').map((hop) => plain(hop.trim()));
  return hops.findLast((hop) => !trusted.includes(hop)) ?? peer;
}
