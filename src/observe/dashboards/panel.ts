/** One question to Prometheus, drawn. Grafana's own units: `s`, `bytes`, `percentunit`, `ops` (per second), `short`. */
export interface Panel {
  readonly title: string;
  /** What to make of it, for whoever looks at three in the morning. */
  readonly about: string;
  readonly kind: 'timeseries' | 'stat' | 'table';
  readonly unit: 's' | 'bytes' | 'percentunit' | 'ops' | 'short' | 'dateTimeFromNow';
  /** PromQL; `$camera` where the dashboard has that variable. */
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
  /** Of 24 columns; 8 where not said. */
  readonly width?: number;
  /** From this value on it is amber, from that value on red. */
  readonly worse?: readonly [amber: number, red: number];
}

export interface Dashboard {
  /** File name and address in Grafana. */
  readonly uid: string;
  readonly title: string;
  readonly perCamera?: boolean;
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
}

/** A number that is 0 while nothing of the kind has happened. */
export const orZero = (expr: string): string => `(${expr}) or vector(0)`;
