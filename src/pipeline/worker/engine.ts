/** A network ready to run: float32 in, float32 out, one thread, single-threaded itself. */
export interface Network {
  /** Takes any height and width in multiples of 32, not only the manifest's. */
  readonly anySize: boolean;
  /** @param shape NCHW; `input` holds exactly its product of numbers. @returns outputs by name. */
  run(
    input: Float32Array,
    shape: readonly [number, number, number, number],
  ): Promise<Readonly<Record<string, NetworkOutput>>>;
}

export interface NetworkOutput {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** The detector and the reader on one inference library. */
export interface Engine {
  readonly name: string;
  readonly detector: Network;
  readonly reader: Network;
}
