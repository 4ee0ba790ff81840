import { createCipheriv, createHash, hkdfSync } from 'node:crypto';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { type Recipient, Stanza } from 'age-encryption';

const LABEL = 'age-encryption.org/v1/ssh-ed25519';
const KEY_LENGTH = 32;

/**
 * age's `ssh-ed25519` recipient, which the library leaves to its users (its construction: the age v1 design, “ssh-ed25519 recipient”; age(1) reads it).
 * The Ed25519 point is brought to Curve25519; a scalar derived from the whole SSH key then binds the shared secret to it,
 * so that the host's key never serves two protocols alike. Chance is the curve library's own, as in age-encryption.
 */
export function sshRecipient(wire: Uint8Array, point: Uint8Array): Recipient {
  const theirs = ed25519.utils.toMontgomery(point);
  const tweak = derive(new Uint8Array(), wire);
  return {
    wrapFileKey(fileKey) {
      const secret = x25519.utils.randomSecretKey();
      const share = x25519.getPublicKey(secret);
      const shared = x25519.getSharedSecret(tweak, x25519.getSharedSecret(secret, theirs));
      const wrapping = derive(shared, Buffer.concat([share, theirs]));
      const tag = createHash('sha256').update(wire).digest().subarray(0, 4);
      return [new Stanza(['ssh-ed25519', base64(tag), base64(share)], wrap(wrapping, fileKey))];
    },
  };
}

const derive = (secret: Uint8Array, salt: Uint8Array) =>
  new Uint8Array(hkdfSync('sha256', secret, salt, LABEL, KEY_LENGTH));

/** A key that wraps once, so that the nonce may be zero (c2sp.org/age, "X25519 recipient stanza"). */
function wrap(key: Uint8Array, fileKey: Uint8Array): Uint8Array {
  const cipher = createCipheriv('chacha20-poly1305', key, new Uint8Array(12), {
    authTagLength: 16,
  });
  return new Uint8Array(
    Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]),
  );
}

/** age's base64 has no padding. */
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '');
