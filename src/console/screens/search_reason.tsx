import { useState } from 'preact/hooks';
import type { Reason } from '../api/searches.js';
import { words } from '../session.js';
import { Field } from '../ui/field.js';
import { titleOf } from '../ui/words.js';

interface ReasonProps {
  readonly initial: Reason | null;
  readonly onReason: (reason: Reason) => void;
}

/** Before anything can be asked for: on what basis, which facts, which case [IV.A.1]. */
export function ReasonForm({ initial, onReason }: ReasonProps) {
  const [basis, setBasis] = useState(initial?.basis ?? '');
  const [facts, setFacts] = useState(initial?.facts ?? '');
  const [caseNo, setCaseNo] = useState(initial?.caseNo ?? '');
  const [orderNo, setOrderNo] = useState(initial?.orderNo ?? '');
  const needsCase = words.value?.needsCase.includes(basis) ?? false;
  const needsOrder = words.value?.needsOrder.includes(basis) ?? false;
  const bases = (words.value?.bases ?? []).map((value) => ({ value, label: titleOf(value) }));

  function submit(event: Event) {
    event.preventDefault();
    onReason({
      basis,
      facts: facts.trim(),
      caseNo: caseNo.trim() || null,
      orderNo: needsOrder ? orderNo.trim() : null,
    });
  }

  return (
    <form class="card form" onSubmit={submit}>
      <h2>1. Why do you need to look?</h2>
      <p class="soft small">
        Recorded with the search, before it runs, and read by auditors. Facts of this matter that somebody else could
        check.
      </p>
      <div class="row">
        <Field
          spec={{ name: 'basis', label: 'Basis', kind: 'select', options: bases }}
          value={basis}
          onChange={(value) => setBasis(String(value))}
        />
        <Field
          spec={{ name: 'caseNo', label: 'Case or incident number', kind: 'text', optional: !needsCase }}
          value={caseNo}
          onChange={(value) => setCaseNo(String(value))}
        />
        {needsOrder ? (
          <Field
            spec={{ name: 'orderNo', label: "The court order's number", kind: 'text' }}
            value={orderNo}
            onChange={(value) => setOrderNo(String(value))}
          />
        ) : null}
      </div>
      <Field
        spec={{
          name: 'facts',
          label: 'Facts',
          kind: 'area',
          placeholder:
            'For example: blue sedan left the scene of a robbery on Elm Street at 14:05, partial plate from a witness',
        }}
        value={facts}
        onChange={(value) => setFacts(String(value))}
      />
      <div class="buttons">
        <button type="submit" class="button primary">
          Go on to the search
        </button>
      </div>
    </form>
  );
}

export function ReasonLine({ reason, onChange }: { reason: Reason; onChange: () => void }) {
  return (
    <div class="reason-line">
      <span>
        <strong>{titleOf(reason.basis)}</strong>
        {reason.caseNo ? <> · case {reason.caseNo}</> : null}
        {reason.orderNo ? <> · order {reason.orderNo}</> : null}
        <span class="soft"> · {reason.facts}</span>
      </span>
      <button type="button" class="button tiny" onClick={onChange}>
        Change the reason
      </button>
    </div>
  );
}
