/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A look at `/metrics`. */
export class Scrape {
  readonly #byName = new Map<string, Sample[]>();

  constructor(text: string) {
    for (const line of text.split('\n')) {
      const sample = parseSample(line);
      if (!sample) continue;
      const same = this.#byName.get(sample.name);
      if (same) same.push(sample);
      else this.#byName.set(sample.name, [sample]);
    }
  }

  all(name: string): readonly Sample[] {
    return this.#byName.get(name) ?? [];
  }

  /** Sum over all series of that name whose labels are as wanted. */
  sum(name: string, wanted: Readonly<Record<string, string>> = {}): number {
    return this.all(name)
      .filter(({ labels }) => Object.entries(wanted).every(([label, value]) => labels[label] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }
}

function parseSample(line: string): Sample | null {
  const found = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/.exec(line);
  if (!found) return null;
  const labels = Object.fromEntries(
    [...(found[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]),
  );
  return { name: found[1] as string, labels, value: Number(found[3]) };
}
