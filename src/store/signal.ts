/** Something to wait for, once: whoever waits goes on after `wake`. */
export interface Signal {
  readonly promise: Promise<void>;
  readonly wake: () => void;
}

export function signal(): Signal {
  let wake = () => {};
  const promise = new Promise<void>((resolve) => {
    wake = resolve;
  });
  return { promise, wake };
}
