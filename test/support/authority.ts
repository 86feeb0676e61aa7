import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files of a certificate and its key, PEM. */
export interface Signed {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority for a test, in its folder: `authority.pem`. It needs the program openssl. */
export function makeAuthority(folder: string): { readonly file: string; sign(name: string, host: string): Signed } {
  const path = (name: string) => join(folder, name);
  openssl(['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=an authority of a test'], {
    '-keyout': path('authority.key'),
    '-out': path('authority.pem'),
  });
  return {
    file: path('authority.pem'),
    sign(name, host) {
      const [certificate, key] = [path(`${name}.pem`), path(`${name}.key`)];
      const [request, extensions] = [path(`${name}.csr`), path(`${name}.ext`)];
      writeFileSync(extensions, `subjectAltName=${host}\n`);
      openssl(['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`], {
        '-keyout': key,
        '-out': request,
      });
      openssl(['x509', '-req', '-days', '1', '-CAcreateserial'], {
        '-in': request,
        '-CA': path('authority.pem'),
        '-CAkey': path('authority.key'),
        '-extfile': extensions,
        '-out': certificate,
      });
      return { certificate, key };
    },
  };
}

/** A certificate that only itself vouches for, as cameras come with. */
export function makeSelfSigned(folder: string, name: string): Signed {
  const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  openssl(['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', `/CN=${name}`], {
    '-keyout': key,
    '-out': certificate,
  });
  return { certificate, key };
}

function openssl(args: readonly string[], files: Readonly<Record<string, string>>): void {
  const { status, stderr } = spawnSync('openssl', [...args, ...Object.entries(files).flat()], { encoding: 'utf8' });
  assert.equal(status, 0, `this test needs the program openssl: ${stderr}`);
}
