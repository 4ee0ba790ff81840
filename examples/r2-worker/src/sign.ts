import { hex } from './look-up.ts';

/**
 * The headers by which Conveyor's ingress knows this body: HMAC-SHA256 over `v1:<timestamp>:<body>`. Each try is signed
 * anew, as a signature is good for five minutes only. @throws Error where the secret is not `<id>:<secret>`; it names nothing of it
 */
export async function sign(
  secret: string,
  now: Date,
  body: Uint8Array<ArrayBuffer>,
): Promise<Record<string, string>> {
  const [, id, key] = /^([A-Za-z0-9._-]{1,64}):([!-~]{32,})$/.exec(secret.trim()) ?? [];
  if (id === undefined || key === undefined)
    throw new Error('INGRESS_SECRET is not written <id>:<secret>, as the ingress has it');
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const text = new TextEncoder();
  const start = text.encode(`v1:${timestamp}:`);
  const signed = new Uint8Array(start.length + body.length);
  signed.set(start);
  signed.set(body, start.length);
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', text.encode(key), hmac, false, ['sign']);
  return {
    'x-conveyor-timestamp': timestamp,
    'x-conveyor-key': id,
    'x-conveyor-signature': `v1=${hex(await crypto.subtle.sign('HMAC', imported, signed))}`,
  };
}
