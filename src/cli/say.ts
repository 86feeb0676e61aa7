import { createInterface } from 'node:readline/promises';

/** What was done goes to standard output, what was not to standard error; the exit code says which. */
export function say(sentence: string, exitCode: number): void {
  (exitCode === 0 ? process.stdout : process.stderr).write(`${sentence}\n`);
  process.exitCode = exitCode;
}

/** Asks for lines on standard input: a person's keyboard, or a pipe. Secrets come this way, never by an argument. */
export class Questions {
  readonly #lines = createInterface({ input: process.stdin, terminal: false })[Symbol.asyncIterator]();

  async ask(question: string): Promise<string> {
    process.stderr.write(`${question}: `);
    const answer = await this.#lines.next();
    return answer.done ? '' : answer.value;
  }

  close(): void {
    process.stdin.destroy();
  }
}
