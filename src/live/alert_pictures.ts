import type { ImagePlace } from '../data/image_place.js';
import type { Read } from '../data/read.js';
import type { Receipt } from '../data/receipt.js';
import { fail, type Result } from '../data/result.js';
import { type Journal, openJournal, replaceJournal } from '../files/journal.js';
import type { Store } from '../store/store.js';

/** Where the pictures of each alert lie: kept beside the alerts, so that an alert still has its picture after a restart. */
export interface AlertPictures {
  /** Keeps the pictures of an alert's read; durable when it resolves. */
  keep(alertId: string, read: Read): Promise<void>;
  load(
    receipt: Receipt,
    alertId: string,
    kind: 'vehicle' | 'plate',
  ): Promise<Result<Uint8Array, 'NOT_FOUND' | 'DAMAGED'>>;
  /** Forgets where the pictures of these days lay. @returns of how many alerts */
  forget(isOver: (day: string) => boolean): Promise<number>;
  close(): Promise<void>;
}

interface Kept {
  readonly alertId: string;
  readonly place: ImagePlace;
}

export function openAlertPictures(file: string, store: Store): AlertPictures {
  const places = new Map<string, ImagePlace>();
  const keeping = new Map<string, Promise<void>>();
  let journal: Journal<Kept> = openJournal(file, ({ alertId, place }) => places.set(alertId, place));

  async function keep(alertId: string, read: Read): Promise<void> {
    const place = await store.saveEvidence(read);
    if (place === null) return;
    await journal.append({ alertId, place });
    places.set(alertId, place);
  }

  return {
    keep(alertId, read) {
      const work = keep(alertId, read).finally(() => keeping.delete(alertId));
      keeping.set(alertId, work);
      return work;
    },
    async load(receipt, alertId, kind) {
      // A screen asks as soon as it hears of the alert, which may be before the pictures are on the disk.
      await keeping.get(alertId)?.catch(() => undefined);
      const place = places.get(alertId);
      return place === undefined ? fail('NOT_FOUND') : store.image(receipt, place, kind);
    },
    async forget(isOver) {
      while (keeping.size > 0) await Promise.allSettled(keeping.values());
      const over = [...places].filter(([, { day }]) => isOver(day));
      if (over.length === 0) return 0;
      for (const [alertId] of over) places.delete(alertId);
      const left = [...places].map(([alertId, place]) => ({ alertId, place }));
      replaceJournal<Kept>(file, left);
      void journal.close();
      journal = openJournal(file, () => undefined);
      return over.length;
    },
    close: () => journal.close(),
  };
}
