import { useEffect, useRef, useState } from 'preact/hooks';
import { problemOf } from '../api/client.js';
import type { ReadRow, Reason } from '../api/searches.js';

interface ReadPictureProps {
  readonly read: ReadRow;
  readonly reason: Reason;
  readonly which: 'vehicle' | 'plate';
  readonly class: string;
}

/** A stored picture, asked for with the reason of the search when it comes into view; each look is recorded. */
export function ReadPicture({ read, reason, which, class: name }: ReadPictureProps) {
  const element = useRef<HTMLSpanElement>(null);
  const [address, setAddress] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  useEffect(() => {
    let made: string | null = null;
    let over = false;
    async function load() {
      const { readId, capturedAtMs, plate } = read;
      const response = await fetch('/api/reads/image', {
        method: 'POST',
        credentials: 'same-origin',
        cache: 'no-store',
        headers: { 'content-type': 'application/json', 'x-platestream': '1' },
        body: JSON.stringify({ reason, readId, capturedAtMs, plate, which }),
      }).catch(() => null);
      if (over || response === null) return;
      if (!response.ok) return setRefused((await problemOf(response)).code);
      made = URL.createObjectURL(await response.blob());
      if (over) URL.revokeObjectURL(made);
      else setAddress(made);
    }
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      void load();
    });
    if (element.current) seen.observe(element.current);
    return () => {
      over = true;
      seen.disconnect();
      if (made) URL.revokeObjectURL(made);
    };
  }, [read.readId, which]);
  return (
    <span ref={element} class={name}>
      {address ? <img src={address} alt={which === 'plate' ? 'Plate' : 'Vehicle'} decoding="async" /> : null}
      {refused ? <span class="small">{refused === 'NOT_FOUND' ? 'not kept' : refused}</span> : null}
    </span>
  );
}
