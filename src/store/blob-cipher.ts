/** Files at rest, sealed with the operator's key: AES-256-GCM with a new nonce for each file. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { Refusal } from '../errors.ts';

/** Of a sealed file: what it begins with, its nonce and its tag, in bytes. */
const magic = Buffer.from('COWBLOB1', 'latin1');
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = magic.length + nonceBytes + tagBytes;

export interface BlobCipher {
  /** @param name of the file; bound to its content, so that no two files can be swapped. */
  seal(content: Uint8Array, name: string): Buffer;
  /** Undefined where the key or the name is not the one that it was sealed with, or the bytes were changed. */
  open(file: Uint8Array, name: string): Buffer | undefined;
  /** Tells a key from another one, and nothing about it. */
  readonly fingerprint: string;
}

/** Whether a file is sealed; a plain file that begins alike is told by its hash. */
export function isSealed(file: Uint8Array): boolean {
  return file.length >= headBytes && Buffer.from(file.buffer, file.byteOffset, magic.length).equals(magic);
}

/** @param key 32 bytes. */
export function createBlobCipher(key: Uint8Array): BlobCipher {
  return {
    fingerprint: createHmac('sha256', key).update('cowbot blob key').digest('hex'),
    seal(content, name) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name));
      const body = Buffer.concat([cipher.update(content), cipher.final()]);
      return Buffer.concat([magic, nonce, cipher.getAuthTag(), body]);
    },
    open(file, name) {
      if (!isSealed(file)) return undefined;
      const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
      const nonce = bytes.subarray(magic.length, magic.length + nonceBytes);
      const tag = bytes.subarray(magic.length + nonceBytes, headBytes);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name)).setAuthTag(tag);
      try {
        return Buffer.concat([decipher.update(bytes.subarray(headBytes)), decipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
}

/**
 * Compares the key with the one that files were sealed with.
 * @param known its fingerprint; undefined: nothing was sealed yet.
 * @throws Refusal `blob.key-missing`, `blob.key-wrong`.
 */
export function checkBlobKey(cipher: BlobCipher | undefined, known: string | undefined): void {
  if (known === undefined || known === cipher?.fingerprint) return;
  if (cipher === undefined) {
    throw new Refusal(
      'blob.key-missing',
      'Photos and pictures here are encrypted, and COWBOT_BLOB_KEY is not set: set it to the key that they were stored with.',
    );
  }
  throw new Refusal(
    'blob.key-wrong',
    'COWBOT_BLOB_KEY is not the key that the photos and pictures here were stored with: set it to that one.',
  );
}
