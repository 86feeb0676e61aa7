import { readFileSync } from 'node:fs';
import { fail, ok, type Result } from '../data/result.js';
import { limits } from '../limits.js';
import type { SourceSettings } from '../match/settings.js';
import { bodyOf, guardedRequest } from '../net/guarded_request.js';
import type { ListInput } from './jobs.js';

const signatureBytesMax = 1024;

/** Opens the list at a source's own address, and fetches its signature beside it when the source has a key. */
export async function fetchList(source: SourceSettings, url: string): Promise<Result<ListInput, string>> {
  const signature = source.publicKeyFile === undefined ? ok(null) : await fetchSignature(source, `${url}.sig`);
  if (!signature.ok) return signature;
  const answer = await get(source, url);
  if (!answer.ok) return answer;
  const modified = Date.parse(answer.value.headers['last-modified'] ?? '');
  const fallbackCompiledAtMs = Number.isNaN(modified) ? Date.now() : modified;
  return ok({ input: answer.value, signature: signature.value, fallbackCompiledAtMs });
}

async function fetchSignature(source: SourceSettings, url: string): Promise<Result<Buffer, string>> {
  const answer = await get(source, url);
  if (!answer.ok) return answer;
  return bodyOf(answer.value, signatureBytesMax).then(ok, () => fail('its signature cannot be read'));
}

async function get({ caFile, privateAddresses }: SourceSettings, url: string) {
  const answer = await guardedRequest({
    url,
    method: 'GET',
    headers: {},
    privateAddresses,
    timeoutMs: limits.hotList.pullTimeoutMs,
    ...(caFile !== undefined && { ca: readFileSync(caFile, 'utf8') }),
  });
  if (!answer.ok) return fail(`cannot be pulled: ${answer.error}`);
  const { statusCode } = answer.value;
  if (statusCode === 200) return answer;
  answer.value.destroy();
  return fail(`cannot be pulled: the server answered ${statusCode}`);
}
