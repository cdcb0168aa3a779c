import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { PNG } from '@trustnxt/c2pa-ts/asset';
import { SuperBox } from '@trustnxt/c2pa-ts/jumbf';
import { ManifestStore } from '@trustnxt/c2pa-ts/manifest';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { encodePng } from '../../src/photo/encode.ts';
import { readMarks } from '../../src/photo/marks.ts';
import { openResultSigner, type SigningFiles } from '../../src/photo/sign.ts';
import { picturesOfJob } from '../../src/store/pictures.ts';
import { temporaryFolder } from '../contracts/place.ts';
import { startBot } from '../jobs/bot.ts';
import { pattern } from './samples.ts';

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const span = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000) };
const marks = { source: 'compositeWithTrainedAlgorithmicMedia', parameters: 'a knight' } as const;

async function newKeys() {
  return webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
}

/** A certificate of an authority of its own, as operators get one. */
async function newFiles(notAfter = new Date(Date.now() + 86_400_000)): Promise<SigningFiles> {
  const folder = await temporaryFolder();
  const [authority, own] = [await newKeys(), await newKeys()];
  const issuer = await x509.X509CertificateGenerator.createSelfSigned({
    ...span,
    name: 'O=Pasture, CN=Authority',
    keys: authority,
    signingAlgorithm: ecdsa,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    ...span,
    notAfter,
    subject: 'O=Pasture, CN=cowbot',
    issuer: issuer.subject,
    publicKey: own.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: ecdsa,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.emailProtection]),
      await x509.SubjectKeyIdentifierExtension.create(own.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  const files = { certificate: path.join(folder, 'chain.pem'), key: path.join(folder, 'key.pem') };
  const der = await webcrypto.subtle.exportKey('pkcs8', own.privateKey);
  await writeFile(files.certificate, `${certificate.toString('pem')}\n${issuer.toString('pem')}\n`);
  await writeFile(files.key, x509.PemConverter.encode(der, 'PRIVATE KEY'));
  return files;
}

/** Undefined: there is no signature. */
async function isValid(png: Uint8Array): Promise<boolean | undefined> {
  const asset = new PNG(Uint8Array.from(png));
  const jumbf = asset.getManifestJUMBF();
  if (jumbf === undefined) return undefined;
  return (await ManifestStore.read(SuperBox.fromBuffer(Uint8Array.from(jumbf))).validate(asset)).isValid;
}

describe('a signature', () => {
  it('verifies, leaves the picture and its marks as they are, and shows a change', async () => {
    const sign = await openResultSigner(await newFiles());
    const png = await encodePng(pattern({ width: 96, height: 64 }), marks);
    expect(await isValid(png)).toBeUndefined();
    const signed = Buffer.from(await sign(png, marks.source));
    expect(await isValid(signed)).toBe(true);
    expect(await readMarks(signed)).toEqual(marks);
    expect(await sharp(signed).raw().toBuffer()).toEqual(await sharp(png).raw().toBuffer());
    expect(signed.includes('cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia')).toBe(true);
    const changed = Buffer.from(signed);
    changed[changed.length - 40] = (changed[changed.length - 40] ?? 0) ^ 1;
    expect(await isValid(changed)).toBe(false);
  });

  it.each([
    ['no certificate', async (files: SigningFiles) => writeFile(files.certificate, 'nothing'), /COWBOT_C2PA_CERT/],
    ['no key', async (files: SigningFiles) => writeFile(files.key, 'nothing'), /COWBOT_C2PA_KEY/],
  ])('is not begun with a file that is %s', async (_, spoil, message) => {
    const files = await newFiles();
    await spoil(files);
    await expect(openResultSigner(files)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringMatching(message),
    });
  });

  it('is not begun with another certificate’s key, with files that are not there, with half of the settings', async () => {
    const [one, other] = [await newFiles(), await newFiles()];
    const refusal = (message: RegExp) => ({ code: 'config', message: expect.stringMatching(message) });
    await expect(openResultSigner({ ...one, key: other.key })).rejects.toMatchObject(refusal(/the key of the first/));
    const expired = await newFiles(new Date(Date.now() - 1_000));
    await expect(openResultSigner(expired)).rejects.toMatchObject(refusal(/valid now/));
    await expect(openResultSigner({ ...one, key: `${one.key}.gone` })).rejects.toMatchObject(refusal(/cannot be read/));
    expect(() => readConfig({ COWBOT_C2PA_CERT: one.certificate })).toThrow(/or neither/);
    expect(readConfig({ COWBOT_C2PA_CERT: one.certificate, COWBOT_C2PA_KEY: one.key }).signing).toEqual(one);
  });

  it('is in every stored result where a certificate is set, and in none where it is not', async () => {
    expect(readConfig({}).signing).toBeUndefined();
    for (const sign of [undefined, await openResultSigner(await newFiles())]) {
      const bot = await startBot({ sign });
      bot.engine.isQuick = true;
      const { id } = await bot.ask('a cow');
      await bot.becomes(id, 'done');
      const [picture] = await picturesOfJob(bot.store.db, id);
      const png = await bot.store.blobs.get(picture?.pngHash ?? '');
      expect(await isValid(png)).toBe(sign === undefined ? undefined : true);
      expect((await readMarks(png)).source).toBe('trainedAlgorithmicMedia');
    }
  });
});
