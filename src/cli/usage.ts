/** Wrong usage or bad input: one clear line, exit code 2, nothing changed. */
export function usageError(message: string): never {
  process.stderr.write(`platestream: ${message}\n`);
  process.exit(2);
}

export function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    usageError(`${name} ${text}: must be a whole number from ${min} to ${max}`);
  }
  return value;
}

export function oneOf<Choice extends string>(name: string, text: string, choices: readonly Choice[]): Choice {
  const chosen = choices.find((choice) => choice === text);
  return chosen ?? usageError(`${name} ${text}: must be one of ${choices.join(', ')}`);
}

/** `US-MA,US`: which there are is the models' to say. */
export function regionsIn(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((part) => part.trim().toUpperCase() || []);
}
