import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/**
 * Ed25519 (RFC 8032) over the bytes of manifest.json, base64, in manifest.sig beside it. The manifest holds the hash of
 * the weights, so they are signed with it.
 */
export const signatureOf = (manifest: string, key: KeyObject): string =>
  sign(null, Buffer.from(manifest), key).toString('base64');

/** Why the manifest can't be trusted; undefined where one of the keys signed it. */
export function signatureFault(
  manifest: string,
  signature: string | undefined,
  trusted: readonly KeyObject[],
): string | undefined {
  if (signature === undefined)
    return 'is not signed, and model/trusted names keys: sign it with `redtide models sign`, or train with --key';
  const bytes = Buffer.from(signature, 'base64');
  if (trusted.some((key) => verify(null, Buffer.from(manifest), key, bytes))) return undefined;
  return `its signature is of none of the ${trusted.length} keys of model/trusted, or the manifest was changed`;
}

/** @param text as `openssl pkey -pubout` prints it, or the base64 between its first and last line. */
export function publicKeyOf(text: string): KeyObject {
  const pem = text.includes('BEGIN')
    ? text
    : `-----BEGIN PUBLIC KEY-----\n${text.trim()}\n-----END PUBLIC KEY-----`;
  return ed25519(() => createPublicKey(pem), 'public');
}

/** @param text PKCS #8 in PEM, as `openssl genpkey -algorithm ed25519` makes it. */
export const privateKeyOf = (text: string): KeyObject => ed25519(() => createPrivateKey(text), 'private');

function ed25519(read: () => KeyObject, what: 'public' | 'private'): KeyObject {
  let kind: string | undefined;
  try {
    const key = read();
    if (key.asymmetricKeyType === 'ed25519') return key;
    kind = key.asymmetricKeyType;
  } catch {}
  throw new Error(`${kind ? `a key of ${kind}` : 'what was given'} is no ${what} Ed25519 key in PEM`);
}
