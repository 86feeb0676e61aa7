import { useState } from 'preact/hooks';
import type { Items } from '../api/records.js';
import type { HitView } from '../api/views.js';
import { may } from '../session.js';
import { CommandForm, type CommandSpec } from '../ui/command_form.js';
import { Dialog } from '../ui/dialog.js';
import { useView, When } from '../ui/load.js';
import { Notice } from '../ui/notice.js';
import { clockOf } from '../ui/words.js';

interface Colleague {
  readonly userId: string;
  readonly name: string;
  readonly sessionLive: boolean;
}

const nextShift = 'next shift';

function handOverSpec(hitId: string, colleagues: readonly Colleague[]): CommandSpec {
  const options = colleagues.map(({ userId, name, sessionLive }) => ({
    value: userId,
    label: sessionLive ? `${name} (signed in)` : name,
  }));
  return {
    action: 'hit.hand_over',
    title: 'Hand over',
    about: 'What is due stays due. The note is for whoever goes on; do not name the plate in it.',
    fixed: { hitId },
    fields: [
      {
        name: 'to',
        label: 'To',
        kind: 'select',
        initial: nextShift,
        options: [{ value: nextShift, label: 'Whoever works the next shift' }, ...options],
      },
      { name: 'note', label: 'What is done, what is left', kind: 'area' },
    ],
    shape: (input) => ({ ...input, to: input['to'] === nextShift ? null : input['to'] }),
  };
}

/** Passes an open hit on to somebody who may go on with it. */
export function HandOver({ hit, onDone }: { hit: HitView; onDone: () => unknown }) {
  const [open, setOpen] = useState(false);
  if (!may('hit.hand_over')) return null;
  return (
    <>
      <button type="button" class="button" onClick={() => setOpen(true)}>
        Hand over
      </button>
      {open ? (
        <Dialog title="Hand over" onClose={() => setOpen(false)}>
          <HandOverForm
            hitId={hit.hitId}
            onDone={async () => {
              await onDone();
              setOpen(false);
            }}
          />
        </Dialog>
      ) : null}
    </>
  );
}

function HandOverForm({ hitId, onDone }: { hitId: string; onDone: () => unknown }) {
  const colleagues = useView<Items<Colleague>>(`/api/hits/${encodeURIComponent(hitId)}/colleagues`);
  return (
    <When loaded={colleagues}>{({ items }) => <CommandForm spec={handOverSpec(hitId, items)} onDone={onDone} />}</When>
  );
}

/** The latest word of a colleague, where the work goes on. */
export function HandedOver({ hit: { handovers } }: { hit: HitView }) {
  const last = handovers.at(-1);
  if (last === undefined) return null;
  return (
    <Notice tone="warn">
      <strong>
        Handed over by {last.by} to {last.to ?? 'the next shift'}, {clockOf(last.atMs)}
      </strong>
      <span>{last.note}</span>
    </Notice>
  );
}
