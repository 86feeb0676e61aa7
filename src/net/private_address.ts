import { BlockList, isIP } from 'node:net';

/** Addresses that are nobody's on the internet: loopback, private, link-local, shared, reserved, multicast, and their disguises. */
const ranges: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
];
/** One list a family: a mixed one takes every IPv4 address for its IPv6 form. */
const lists = { 4: new BlockList(), 6: new BlockList() };
for (const [address, bits] of ranges) {
  const family = isIP(address) as 4 | 6;
  lists[family].addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4');
}

/** Whether an IP address must not be reached by what a setting or a list names. Anything that is no address counts as private. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  return family === 6 ? lists[6].check(address, 'ipv6') : family === 0 || lists[4].check(address, 'ipv4');
}
