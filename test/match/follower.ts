import { fork } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HotLists } from '../../src/hot_lists/hot_lists.js';
import { packagePath } from '../../src/package_root.js';

/** Another control node, in a process of its own. */
export interface Follower {
  /** Whether the plate matched there when it was last asked; asks again. */
  asks(plate: string): boolean | undefined;
  problems(): readonly string[];
  leave(): void;
  kill(): void;
}

/** @param pem of the key that it trusts. */
export function startFollower(folder: string, redis: { url: string; prefix: string }, pem: string): Follower {
  const keyFile = join(folder, 'trusted.pem');
  writeFileSync(keyFile, pem);
  const program = packagePath('dist', 'test', 'match', 'follower_child.js');
  const child = fork(program, [folder, redis.url, redis.prefix, keyFile]);
  const answers = new Map<string, boolean>();
  let problems: readonly string[] = [];
  child.on('message', (message: { plate: string; isMatched: boolean; problems: string[] }) => {
    answers.set(message.plate, message.isMatched);
    problems = message.problems;
  });
  return {
    asks(plate) {
      if (child.connected) child.send(plate);
      return answers.get(plate);
    },
    problems: () => problems,
    leave: () => child.disconnect(),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** What a node gives to those that follow it. */
export function publicKeyOf(lists: HotLists): string {
  return createPublicKey(lists.key.publicPem).export({ type: 'spki', format: 'pem' }) as string;
}
