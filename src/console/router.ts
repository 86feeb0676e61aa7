import { signal } from '@preact/signals';

/** Where the console is: `#/alerts/alert-12` is screen `alerts`, about `alert-12`. Never a plate: addresses end in histories and logs. */
export interface Place {
  readonly screen: string;
  readonly about: string | null;
}

function read(): Place {
  const [screen, about] = location.hash.replace(/^#\/?/, '').split('/');
  return { screen: screen || 'alerts', about: about ? decodeURIComponent(about) : null };
}

export const place = signal<Place>(read());

addEventListener('hashchange', () => {
  place.value = read();
});

export function hrefOf(screen: string, about?: string | null): string {
  return `#/${screen}${about ? `/${encodeURIComponent(about)}` : ''}`;
}

export function go(screen: string, about?: string | null): void {
  location.hash = hrefOf(screen, about);
}
