/**
 * Groups the units of one access unit into RTP payloads: runs of small non-picture units (parameter sets, SEI) share one
 * packet while they fit; every picture unit travels alone. Order is kept.
 */
export function aggregate(
  units: readonly Buffer[],
  isPicture: (unit: Buffer) => boolean,
  payloadBytes: number,
  headerBytes: number,
): Buffer[][] {
  const groups: Buffer[][] = [];
  let room = 0;
  for (const unit of units) {
    const need = 2 + unit.length;
    const last = groups.at(-1);
    if (last && !isPicture(unit) && need <= room) {
      last.push(unit);
      room -= need;
    } else {
      groups.push([unit]);
      room = isPicture(unit) ? 0 : payloadBytes - headerBytes - need;
    }
  }
  return groups;
}
