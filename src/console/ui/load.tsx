import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get, type Problem } from '../api/client.js';
import { ProblemNotice } from './notice.js';

export interface Loaded<Value> {
  readonly value: Value | null;
  readonly problem: Problem | null;
  /** Asks again; what is shown stays until the answer is there. Ends when it is shown. */
  readonly again: () => Promise<void>;
}

/** A view of the API, asked for when the address changes. An answer that comes after that of a later question is not shown. */
export function useView<Value>(path: string | null): Loaded<Value> {
  const [value, setValue] = useState<Value | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const asked = useRef(0);
  const shown = useRef(0);
  const again = useCallback(async () => {
    if (path === null) return;
    asked.current += 1;
    const mine = asked.current;
    const answer = await get<Value>(path);
    if (mine < shown.current) return;
    shown.current = mine;
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) setValue(answer.value);
  }, [path]);
  useEffect(() => {
    void again();
  }, [again]);
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
