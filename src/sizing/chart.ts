import { inWords } from './kind.js';
import { targets } from './ramp.js';
import type { JudgedStep, SizingResult } from './run.js';

/** The sizing run as a picture: latency above, cores and lost frames below, over the number of cameras. Stands alone. */
export function sizingChart(result: SizingResult): string {
  const { steps, carried, kind, machine } = result;
  const camerasMax = Math.max(2, ...steps.map((step) => step.cameras));
  const x = scale(0, camerasMax, 70, 690);
  const latencyMax = Math.max(
    targets.latencyP99MsMax * 1.2,
    ...steps.map((step) => Math.min(step.latencyMs.p99, 1000)),
  );
  const yLatency = scale(0, latencyMax, 230, 60);
  const yCores = scale(0, machine.cores, 430, 280);
  const title = `${carried} cameras: ${inWords(kind)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 480" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="${title}">
<rect width="760" height="480" fill="#fff"/>
<text x="70" y="24" font-size="16" font-weight="600">${title}</text>
<text x="70" y="42" fill="#555">${machine.cores} cores, ${escapeXml(machine.cpu)}; limited by: ${escapeXml(result.limitedBy)}</text>
${axis(yLatency, latencyMax, 'ms to alert')}
${targetLine(yLatency(targets.latencyP99MsMax))}
${line(steps, x, (s) => yLatency(Math.min(s.latencyMs.p50, latencyMax)), '#2a9d8f')}
${line(steps, x, (s) => yLatency(Math.min(s.latencyMs.p95, latencyMax)), '#e9a03b')}
${line(steps, x, (s) => yLatency(Math.min(s.latencyMs.p99, latencyMax)), '#c1272d')}
${legend(60, [
  ['p50', '#2a9d8f'],
  ['p95', '#e9a03b'],
  ['p99', '#c1272d'],
])}
${axis(yCores, machine.cores, 'cores in use')}
${bars(steps, x, yCores, 620 / camerasMax)}
${legend(280, [
  ['engine', '#33658a'],
  ['control', '#86bbd8'],
  ['simulated cameras', '#bbb'],
  ['frames lost', '#c1272d'],
])}
${steps.map((s) => `<text x="${x(s.cameras)}" y="446" text-anchor="middle">${s.cameras}</text>`).join('')}
<line x1="${x(carried)}" x2="${x(carried)}" y1="54" y2="430" stroke="#000" stroke-dasharray="2 3"/>
<text x="380" y="466" text-anchor="middle">cameras</text>
</svg>
`;
}

type Scale = (value: number) => number;

function scale(from: number, to: number, start: number, end: number): Scale {
  return (value) => Math.round((start + ((value - from) / (to - from)) * (end - start)) * 10) / 10;
}

function axis(y: Scale, max: number, name: string): string {
  const marks = [0, max / 2, max].map(
    (value) =>
      `<line x1="70" x2="690" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/><text x="62" y="${y(value) + 4}" text-anchor="end">${round(value)}</text>`,
  );
  const middle = y(max / 2);
  return `${marks.join('')}<text transform="translate(20 ${middle}) rotate(-90)" text-anchor="middle">${name}</text>`;
}

function targetLine(y: number): string {
  return `<line x1="70" x2="690" y1="${y}" y2="${y}" stroke="#c1272d" stroke-dasharray="6 4"/><text x="694" y="${y + 4}" fill="#c1272d">target</text>`;
}

function line(steps: readonly JudgedStep[], x: Scale, y: (step: JudgedStep) => number, colour: string): string {
  const seen = steps.filter((step) => step.alerts > 0);
  const points = seen.map((step) => `${x(step.cameras)},${y(step)}`).join(' ');
  const dots = seen.map((step) => `<circle cx="${x(step.cameras)}" cy="${y(step)}" r="3" fill="${colour}"/>`).join('');
  return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>${dots}`;
}

function bars(steps: readonly JudgedStep[], x: Scale, y: Scale, widthOfOne: number): string {
  const width = Math.max(4, Math.min(24, widthOfOne * 0.7));
  return steps
    .map((step) => {
      const left = x(step.cameras) - width / 2;
      let below = 0;
      const parts = (['engine', 'control', 'simulator', 'other'] as const).map((part, i) => {
        const from = below;
        below += step.cores[part];
        const colour = ['#33658a', '#86bbd8', '#bbb', '#eee'][i];
        return `<rect x="${left}" y="${y(below)}" width="${width}" height="${round(y(from) - y(below))}" fill="${colour}"/>`;
      });
      const lost =
        step.lostShare > targets.lostShareMax
          ? `<text x="${x(step.cameras)}" y="${y(below) - 4}" text-anchor="middle" fill="#c1272d">${(step.lostShare * 100).toFixed(0)} %</text>`
          : '';
      return parts.join('') + lost;
    })
    .join('');
}

function legend(y: number, entries: readonly (readonly [string, string])[]): string {
  return entries
    .map(
      ([name, colour], i) =>
        `<rect x="${86 + i * 118}" y="${y}" width="10" height="10" fill="${colour}"/><text x="${100 + i * 118}" y="${y + 9}">${name}</text>`,
    )
    .join('');
}

const round = (value: number): number => Math.round(value * 10) / 10;
const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
