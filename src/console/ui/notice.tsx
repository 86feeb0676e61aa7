import type { ComponentChildren } from 'preact';
import type { Problem } from '../api/client.js';

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

export function Notice({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}

/** Why something was not done: the sentence first, then what a person can quote: code, clause, ledger number. */
export function ProblemNotice({ problem }: { problem: Problem | null }) {
  if (problem === null) return null;
  const { code, clause, sequence, detail } = problem;
  return (
    <Notice tone="bad">
      <span>{capital(detail)}</span>
      <span class="why digits">
        {code}
        {clause ? ` · policy ${clause}` : ''}
        {sequence ? ` · ledger no. ${sequence}` : ''}
      </span>
    </Notice>
  );
}

function capital(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Tag({ tone = 'plain', children }: { tone?: Tone | 'accent'; children: ComponentChildren }) {
  return <span class={`tag ${tone}`}>{children}</span>;
}
