import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { get, type Problem } from '../api/client.js';
import { ProblemNotice } from './notice.js';

export interface Loaded<Value> {
  readonly value: Value | null;
  readonly problem: Problem | null;
  /** Asks again; what is shown stays until the answer is there. */
  readonly again: () => void;
}

/** A view of the API, asked for when the address changes. */
export function useView<Value>(path: string | null): Loaded<Value> {
  const [value, setValue] = useState<Value | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = useCallback(async () => {
    if (path === null) return;
    const answer = await get<Value>(path);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) setValue(answer.value);
  }, [path]);
  useEffect(() => {
    void load();
  }, [load]);
  const again = useCallback(() => void load(), [load]);
  return { value, problem, again };
}

interface WhenProps<Value> {
  readonly loaded: Loaded<Value>;
  readonly children: (value: Value) => ComponentChildren;
}

export function When<Value>({ loaded, children }: WhenProps<Value>): ComponentChildren {
  if (loaded.problem !== null) return <ProblemNotice problem={loaded.problem} />;
  return loaded.value === null ? <p class="soft">Loading…</p> : children(loaded.value);
}
