import type { Problem } from '../api/client.js';
import type { CosignAsked } from '../api/searches.js';
import { Notice } from '../ui/notice.js';

/** A refusal that a supervisor's agreement lifts. */
export type CosignProblem = Problem & { readonly cosign?: CosignAsked };

interface AskProps {
  readonly cosign: CosignAsked;
  /** What was asked, in the words of the button. */
  readonly again: string;
  readonly onAgain: () => void;
}

/** The request waits for a supervisor, exactly as it was asked [IV.A.5]. */
export function AskSupervisor({ cosign, again, onAgain }: AskProps) {
  return (
    <Notice tone="warn">
      <strong>A supervisor has to agree first: {cosign.why}.</strong>
      <span>Your request no. {cosign.sequence} is on the supervisors' Search screen, exactly as you asked it.</span>
      <span class="buttons">
        <button type="button" class="button" onClick={onAgain}>
          It was agreed to: {again}
        </button>
      </span>
    </Notice>
  );
}
