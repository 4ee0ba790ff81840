import * as z from 'zod';

const SSH = /^ssh-ed25519 ([A-Za-z0-9+/]{68})$/;
const AGE = /^age1[02-9ac-hj-np-z]{58}$/;

/** The public half of what a host decrypts with: its SSH ed25519 host key without the comment, or an age X25519 recipient. */
export const HostKey = z
  .string()
  .refine((text) => AGE.test(text) || sshKeyBytes(text) !== undefined, {
    message: 'a host’s key is written ssh-ed25519 AAAA… or age1…',
  })
  .brand<'HostKey'>();
export type HostKey = z.infer<typeof HostKey>;

/** `string "ssh-ed25519"` and `string key`, each after its length (RFC 8709 §4): 51 bytes, of which the last 32 are the point. */
const WIRE = Buffer.from('\0\0\0\vssh-ed25519\0\0\0 ', 'latin1');
const POINT = 32;

/** What SSH's key says on the wire, and its Ed25519 point; undefined where it is no such key. */
export function sshKeyBytes(
  key: string,
): { readonly wire: Buffer; readonly point: Uint8Array } | undefined {
  const [, base64] = SSH.exec(key) ?? [];
  if (base64 === undefined) return undefined;
  const wire = Buffer.from(base64, 'base64');
  const isEd25519 =
    wire.length === WIRE.length + POINT && wire.subarray(0, WIRE.length).equals(WIRE);
  return isEd25519 ? { wire, point: Uint8Array.from(wire.subarray(WIRE.length)) } : undefined;
}
