import { fail, ok, type Result } from '../data/result.js';
import { httpProblem } from './problem.js';

/** @returns the body as JSON (`{}` where there is none), or the problem to answer; never holds more than the bound. */
export async function readJson(request: Request, bytesMax: number): Promise<Result<unknown, Response>> {
  const tooLarge = () => fail(httpProblem('BODY_TOO_LARGE', `At most ${bytesMax} bytes.`));
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) return tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMax) return tooLarge();
    chunks.push(chunk);
  }
  if (bytes === 0) return ok({});
  try {
    return ok(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))));
  } catch {
    return fail(httpProblem('BAD_REQUEST', 'The body is not JSON in UTF-8.'));
  }
}
