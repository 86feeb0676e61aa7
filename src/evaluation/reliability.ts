import { seededRandom } from '../simulator/scenes/random.js';

/** A claimed probability and whether the claim was right. */
export interface Claim {
  readonly confidence: number;
  readonly isRight: boolean;
}

/** Claims of like confidence: what they claim on average, and how often they are right. */
export interface ReliabilityBin {
  readonly count: number;
  readonly confidence: number;
  readonly right: number;
}

const binCount = 10;

/** Ten bins of equal width; empty ones are left out. */
export function reliabilityBins(claims: readonly Claim[]): ReliabilityBin[] {
  const bins: Claim[][] = Array.from({ length: binCount }, () => []);
  for (const claim of claims) bins[Math.min(binCount - 1, Math.floor(claim.confidence * binCount))]?.push(claim);
  return bins.filter((bin) => bin.length > 0).map(summary);
}

function summary(bin: readonly Claim[]): ReliabilityBin {
  const confidence = bin.reduce((sum, claim) => sum + claim.confidence, 0) / bin.length;
  return { count: bin.length, confidence, right: bin.filter(({ isRight }) => isRight).length / bin.length };
}

/** Expected calibration error (Guo et al. 2017): mean gap between claim and truth, weighed by the claims. */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const count = bins.reduce((sum, bin) => sum + bin.count, 0);
  return bins.reduce((sum, bin) => sum + (bin.count / count) * Math.abs(bin.confidence - bin.right), 0);
}

/** What the calibration error of a perfectly calibrated reader would be with as many claims of the same confidence: chance alone. */
export interface ChanceError {
  readonly mean: number;
  /** 95 % of such readers show less. */
  readonly upper: number;
}

const drawsOfChance = 1000;

/** Parametric bootstrap: each claim is right with the probability it claims. The same claims always give the same figure. */
export function chanceError(claims: readonly Claim[]): ChanceError {
  const random = seededRandom(1);
  const errors = Array.from({ length: drawsOfChance }, () => {
    const drawn = claims.map(({ confidence }) => ({ confidence, isRight: random() < confidence }));
    return calibrationError(reliabilityBins(drawn));
  }).sort((a, b) => a - b);
  const mean = errors.reduce((sum, error) => sum + error, 0) / drawsOfChance;
  return { mean, upper: errors[Math.floor(0.95 * drawsOfChance)] as number };
}

/** Reliability diagram: a bar a bin as high as its share of right reads, beside the diagonal of honest claims. */
export function reliabilityDiagram(bins: readonly ReliabilityBin[]): string {
  const [size, margin] = [320, 40];
  const at = (share: number) => margin + share * size;
  const bars = bins.map(({ confidence, right, count }) => {
    const x = at(Math.min(binCount - 1, Math.floor(confidence * binCount)) / binCount);
    const [y, height] = [margin + size - right * size, right * size];
    return (
      `<rect x="${x + 2}" y="${y.toFixed(1)}" width="${size / binCount - 4}" height="${height.toFixed(1)}" fill="#3b6ea5"/>` +
      `<text x="${x + size / binCount / 2}" y="${(y - 4).toFixed(1)}" text-anchor="middle">${count}</text>`
    );
  });
  const whole = size + 2 * margin;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole} ${whole}" font-family="sans-serif" font-size="11">
<rect width="${whole}" height="${whole}" fill="#fff"/>
${bars.join('\n')}
<path d="M${margin} ${margin + size}L${margin + size} ${margin}" stroke="#b5121b" stroke-dasharray="4 3"/>
<path d="M${margin} ${margin}V${margin + size}H${margin + size}" stroke="#333" fill="none"/>
<text x="${whole / 2}" y="${whole - 12}" text-anchor="middle">confidence</text>
<text x="14" y="${whole / 2}" text-anchor="middle" transform="rotate(-90 14 ${whole / 2})">share right</text>
<text x="${margin}" y="${whole - 24}">0</text><text x="${margin + size}" y="${whole - 24}" text-anchor="end">1</text>
</svg>
`;
}
