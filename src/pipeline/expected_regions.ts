import { isWithin, regionOf } from '../data/region.js';
import { fail, ok, type Result } from '../data/result.js';
import { loadModels, type Models } from './models.js';

/** How much likelier a plate of an expected region is than one of any other, before it has been looked at. */
const expectedWeight = 10;

/** {@link loadModels} for a site. @returns one line when they are altered or missing, or the reader knows no such region */
export function loadModelsFor(
  manifestFile: string | undefined,
  regions: readonly string[] = [],
): Result<Models, string> {
  const models = loadModels(manifestFile);
  return models.ok ? expecting(models.value, regions) : models;
}

/**
 * Models for a site that mostly sees plates of these regions (`US-MA`, `US`, `DE`): others are weighed less, never ruled out.
 * @returns one line when the reader knows no such region
 */
function expecting(models: Models, regions: readonly string[]): Result<Models, string> {
  const { reader } = models.manifest;
  const known = reader.states.map(regionOf);
  const strange = regions.find((wanted) => !known.some((region) => isWithin(region, wanted)));
  if (strange !== undefined)
    return fail(`region ${strange}: the reader knows no such region; it knows ${[...known].sort().join(', ')}`);
  if (regions.length === 0) return ok(models);
  const stateWeights = known.map((region) => (regions.some((wanted) => isWithin(region, wanted)) ? expectedWeight : 1));
  return ok({ ...models, manifest: { ...models.manifest, reader: { ...reader, stateWeights } } });
}
