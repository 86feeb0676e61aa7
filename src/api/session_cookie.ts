/**
 * The session lives in a cookie that scripts can not read, that goes back to this host alone, over TLS (or loopback), and never along
 * with a request another site made. The browser enforces the `__Host-` prefix.
 */
const name = '__Host-platestream';
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict';

export function tokenOf(request: Request): string {
  const cookies = request.headers.get('cookie') ?? '';
  for (const part of cookies.split(';')) {
    const [key, value] = part.trim().split('=');
    if (key === name) return value ?? '';
  }
  return '';
}

export function sessionCookie(token: string): string {
  return `${name}=${token}; ${attributes}`;
}

export const noSessionCookie = `${name}=; Max-Age=0; ${attributes}`;
