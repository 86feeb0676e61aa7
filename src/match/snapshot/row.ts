import type { HotListEntry } from '../../data/match.js';

/**
 * A row of a hot list apart from its plate, in three texts that repeat at different rates: who wants it (few), what vehicle (some), and
 * what only this row has (none in the NCIC extract).
 */
export interface RowTexts {
  readonly who: string;
  readonly vehicle: string;
  readonly own: string;
}

export interface Who {
  readonly source: string;
  readonly category: string;
  readonly state: string | null;
  readonly agency: string | null;
}

type Own = readonly [entryId: string | null, reason: string | null, expiresAtMs: number | null];

export function whoText({ source, category, state, agency }: Who): string {
  return JSON.stringify(agency === null ? [source, category, state] : [source, category, state, agency]);
}

export function whoOf(text: string): Who {
  const [source, category, state, agency] = JSON.parse(text) as [string, string, string | null, string?];
  return { source, category, state, agency: agency ?? null };
}

/** @returns the empty text when nothing is known. */
export function vehicleText(vehicle: HotListEntry['vehicle']): string {
  return vehicle === null ? '' : JSON.stringify(vehicle);
}

export function ownText(entryId: string | null, reason: string | null, expiresAtMs: number | null): string {
  return entryId === null && reason === null && expiresAtMs === null
    ? ''
    : JSON.stringify([entryId, reason, expiresAtMs] satisfies Own);
}

export function textsOf(entry: HotListEntry): RowTexts {
  return {
    who: whoText({ ...entry, agency: entry.originatingAgency }),
    vehicle: vehicleText(entry.vehicle),
    own: ownText(entry.entryId, entry.reason, entry.expiresAtMs),
  };
}

/** @param idOf makes the id of a row whose source gave none. */
export function entryOf(plate: string, row: RowTexts, idOf: (plate: string, who: Who) => string): HotListEntry {
  const who = whoOf(row.who);
  const [entryId, reason, expiresAtMs] = row.own === '' ? [null, null, null] : (JSON.parse(row.own) as Own);
  return {
    entryId: entryId ?? idOf(plate, who),
    plate,
    state: who.state,
    category: who.category,
    source: who.source,
    vehicle: row.vehicle === '' ? null : (JSON.parse(row.vehicle) as HotListEntry['vehicle']),
    originatingAgency: who.agency,
    expiresAtMs,
    reason,
  };
}
