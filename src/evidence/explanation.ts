import type { Release, StatedRead } from './package.js';

/** The page a person opens first: what is in the package, what a read proves and what it does not, and how to check it. */
export function explanation(release: Release, reads: readonly StatedRead[]): string {
  const facts: [string, string | null][] = [
    ['Case', release.caseNo],
    ['Released to', release.recipient],
    ['For', release.secondaryRecipient],
    ['Kind', release.kind],
    ['Docket', release.docketNo],
    ['Purpose', release.purpose],
    ['Made', release.madeAt],
    ['Reads', String(reads.length)],
  ];
  const rows = facts.flatMap(([name, value]) =>
    value === null ? [] : [`<tr><th>${name}</th><td>${html(value)}</td></tr>`],
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Licence-plate reads of case ${html(release.caseNo)}</title><style>${style}</style></head>
<body><h1>Licence-plate reads of case ${html(release.caseNo)}</h1>
<table>${rows.join('')}</table>
${meaning}
<h2>The reads</h2>
${reads.map(readSection).join('\n')}
</body></html>
`;
}

function html(text: string): string {
  const named: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => named[character] as string);
}

const clocks: Readonly<Record<string, string>> = {
  rtcp: "the camera's own clock, as the camera reported it",
  receive: 'the moment the picture arrived at the reader; the capture was earlier by the network delay',
  file: 'the time written in the recording',
};

function readSection(read: StatedRead): string {
  const others = read.alternatives.map((one) => `${one.text} (${Math.round(one.confidence * 100)} %)`).join(', ');
  const place = read.position === null ? 'not registered' : `${read.position.latitude}, ${read.position.longitude}`;
  const rows: [string, string][] = [
    ['Read', read.readId],
    ['Captured', `${new Date(read.capturedAtMs).toISOString()} (${clocks[read.captureClock] ?? read.captureClock})`],
    ['Camera', `${read.cameraId}, at ${place}`],
    ['Text as read', `${read.plate} (${Math.round(read.confidence * 100)} %)`],
    ['Other texts it may be', others || 'none considered'],
    ['State as read', read.state === null ? 'not sure' : `${read.state} (${Math.round(read.stateConfidence * 100)} %)`],
    ['Read by', read.model],
    ['Digest stored with it', read.evidenceDigest],
  ];
  const pictures = [read.images?.vehicle, read.images?.plate].filter((name) => name !== null && name !== undefined);
  const shown =
    pictures.map((name) => `<img src="${html(name)}" alt="">`).join('') || '<p>Its pictures were not kept.</p>';
  const cells = rows.map(([name, value]) => `<tr><th>${name}</th><td>${html(value)}</td></tr>`).join('');
  return `<section><table>${cells}</table>${shown}</section>`;
}

const meaning = `
<h2>What a read proves</h2>
<ul>
<li>At the stated time the named camera took these pictures: they have the digests that were stored when the read was made.</li>
<li>A program read the stated text from them, with the stated confidence. The read was preserved for this case, and this package was
released to the named recipient: both are records of a signed ledger that can not be changed without notice.</li>
</ul>
<h2>What it does not prove</h2>
<ul>
<li>Not that the text is right. Characters are confused (0 and O, 8 and B, 1 and I). Look at the picture yourself, all characters and the state.</li>
<li>Not who drove, who owns the vehicle, or that the plate belongs to the vehicle it was on.</li>
<li>Not that the vehicle was nowhere else, or that it was not there when no read exists: cameras miss vehicles.</li>
<li>Not more about time and place than the clock and the camera registry knew: the clock's kind is stated with each read, and the position is
where the camera was registered to stand.</li>
</ul>
<h2>How to check this package</h2>
<p>With the program: <code>platestream evidence verify THIS-PACKAGE.zip --public-key THE-KEY.pem</code>. It needs no access to the system that made the
package and names the first thing that is wrong. Ask the department for its public key another way than with this package.</p>
<p>By hand: <code>manifest.json</code> lists the SHA-256 of every file. The SHA-256 of <code>manifest.json</code> itself is
<code>packageSha256</code> in the record <code>disclosure.release</code> in <code>ledger/records.jsonl</code>. That record's <code>hash</code> is the SHA-256 of
its line up to <code>,"hash":</code>; <code>ledger/proof.json</code> leads from it to the root that the checkpoint states (RFC 9162), and the checkpoint is
signed with Ed25519 by <code>ledger/ledger.pub</code>.</p>`;

const style =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111}th{text-align:left;padding-right:1rem;' +
  'vertical-align:top;white-space:nowrap}section{border-top:1px solid #999;padding:1rem 0}img{max-width:100%;margin:.5rem .5rem 0 0}';
