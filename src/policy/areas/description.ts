import { z } from 'zod';
import { command } from '../command.js';
import { need } from '../refusal.js';
import { textField } from './fields.js';
import { hitIdField, openFor } from './hits.js';

/** A person sees another vehicle than the list describes: nobody verifies it before a supervisor has said why it may be the one all the same. */
const reportConflict = command({
  action: 'hit.report_conflict',
  title: 'Say that the vehicle differs from its description',
  input: z.strictObject({ hitId: hitIdField, what: textField }),
  *rules(context, { hitId }) {
    yield* openFor(context, hitId);
    const hit = context.state.hits.get(hitId);
    yield need(!hit?.descriptionConflict, 'WRONG_STATE', 'IV.A.7.e', 'that the vehicle differs is known already');
    yield need(hit?.verified === null, 'WRONG_STATE', 'IV.A.7.e', 'this hit is verified already: dismiss it');
  },
  object: 'hitId',
  fold(state, { hitId }) {
    const hit = state.hits.get(hitId);
    if (hit) hit.descriptionConflict = true;
  },
});

/** What was sought may have been repainted, or described wrongly. */
const override = command({
  action: 'hit.override_description',
  title: 'Let a hit go on although the vehicle differs from its description',
  input: z.strictObject({ hitId: hitIdField, why: textField }),
  *rules(context, { hitId }) {
    yield* openFor(context, hitId);
  },
  object: 'hitId',
  fold(state, { hitId }) {
    const hit = state.hits.get(hitId);
    if (hit) hit.descriptionOverridden = true;
  },
});

export const descriptionCommands = [reportConflict, override];
