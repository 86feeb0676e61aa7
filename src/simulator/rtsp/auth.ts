/** Basic (RFC 7617) and Digest (RFC 2617 MD5, RFC 7616 SHA-256) as RTSP servers check them. */
import { createHash } from 'node:crypto';

interface Credential {
  readonly username: string;
  readonly password: string;
}

type AuthScheme = 'basic' | 'digest' | 'digest-sha256';

/** What one camera asks of its clients. `nonce` is this connection's; another nonce is answered as stale. */
export interface AuthPolicy {
  readonly credential: Credential;
  readonly schemes: readonly AuthScheme[];
  readonly realm: string;
}

export type AuthVerdict = 'accepted' | 'missing' | 'wrong' | 'stale';

/** Values of the WWW-Authenticate headers to send with a 401, one per offered scheme. */
export function challenges(policy: Pick<AuthPolicy, 'schemes' | 'realm'>, nonce: string, stale: boolean): string[] {
  return policy.schemes.map((scheme) => {
    if (scheme === 'basic') return `Basic realm="${policy.realm}"`;
    const algorithm = scheme === 'digest-sha256' ? 'SHA-256' : 'MD5';
    return `Digest realm="${policy.realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${stale ? ', stale=true' : ''}`;
  });
}

/** Judges an Authorization header for one request. */
export function judgeAuthorization(
  policy: AuthPolicy,
  nonce: string,
  request: { readonly method: string; readonly url: string; readonly authorization: string | undefined },
): AuthVerdict {
  const { authorization } = request;
  if (authorization === undefined) return 'missing';
  if (/^basic /i.test(authorization)) return judgeBasic(policy, authorization.slice(6).trim());
  if (/^digest /i.test(authorization)) return judgeDigest(policy, nonce, request, parseDigest(authorization.slice(7)));
  return 'wrong';
}

function judgeBasic({ schemes, credential }: AuthPolicy, token: string): AuthVerdict {
  const expected = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
  return schemes.includes('basic') && token === expected ? 'accepted' : 'wrong';
}

function judgeDigest(
  policy: AuthPolicy,
  nonce: string,
  request: { readonly method: string; readonly url: string },
  sent: ReadonlyMap<string, string>,
): AuthVerdict {
  const sha256 = /^sha-256$/i.test(sent.get('algorithm') ?? 'MD5');
  if (!policy.schemes.includes(sha256 ? 'digest-sha256' : 'digest')) return 'wrong';
  if (sent.get('uri') !== request.url) return 'wrong';
  const expected = digestResponse(policy.credential, {
    realm: policy.realm,
    nonce: sent.get('nonce') ?? '',
    method: request.method,
    uri: request.url,
    qop: sent.get('qop'),
    nc: sent.get('nc'),
    cnonce: sent.get('cnonce'),
    sha256,
  });
  if (sent.get('username') !== policy.credential.username || sent.get('response') !== expected) return 'wrong';
  return sent.get('nonce') === nonce ? 'accepted' : 'stale';
}

interface DigestInput {
  readonly realm: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  readonly qop: string | undefined;
  readonly nc: string | undefined;
  readonly cnonce: string | undefined;
  readonly sha256: boolean;
}

/** The `response` of RFC 2617 section 3.2.2.1, with or without `qop=auth`. */
function digestResponse(credential: Credential, input: DigestInput): string {
  const hash = (text: string) =>
    createHash(input.sha256 ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const secret = hash(`${credential.username}:${input.realm}:${credential.password}`);
  const what = hash(`${input.method}:${input.uri}`);
  if (input.qop === undefined) return hash(`${secret}:${input.nonce}:${what}`);
  return hash(`${secret}:${input.nonce}:${input.nc}:${input.cnonce}:${input.qop}:${what}`);
}

/** Parameters of a Digest challenge or answer, names in lower case, quotes removed. */
function parseDigest(text: string): Map<string, string> {
  const pairs = text.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g);
  return new Map(
    [...pairs].map(([, name = '', quoted, bare]) => [
      name.toLowerCase(),
      quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '',
    ]),
  );
}
