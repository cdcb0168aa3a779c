/**
 * The operator's signature in a result (C2PA, https://spec.c2pa.org): who made it, that a model did, and that nobody changed
 * it since. The library is an optional part, and is loaded only where a certificate is set.
 */
import { createPrivateKey, type KeyObject, randomUUID, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Fault, Refusal } from '../errors.ts';
import { encodePng } from './encode.ts';
import type { DigitalSource } from './marks.ts';

/** Paths of PEM files: the certificate with those that issued it behind it, and its private key. */
export interface SigningFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Signs a PNG that has all its other marks already. */
export type SignResult = (png: Uint8Array, source: DigitalSource) => Promise<Uint8Array>;

const hashAlgorithm = 'SHA-256';

/** @throws Refusal `config` where the files cannot be read, do not belong together or are not for signing; Fault where the library is missing. */
export async function openResultSigner(files: SigningFiles): Promise<SignResult> {
  const { chain, key } = await readFiles(files);
  const { asset, cose, jumbf, manifest: c2pa, x509 } = await library();
  const [certificate, ...issuers] = chain.map((one) => new x509.X509Certificate(one));
  if (certificate === undefined) throw wrongFile('COWBOT_C2PA_CERT', 'a certificate in PEM');
  const pkcs8 = Uint8Array.from(key.export({ type: 'pkcs8', format: 'der' }));
  const signer = new cose.LocalSigner(pkcs8, cose.CoseAlgorithmIdentifier[algorithmOf(key)], certificate, issuers);
  const sign: SignResult = async (png, source) => {
    const file = new asset.PNG(Uint8Array.from(png));
    const store = new c2pa.ManifestStore();
    const manifest = store.createManifest({
      assetFormat: 'image/png',
      instanceID: `xmp:iid:${randomUUID()}`,
      claimVersion: c2pa.ClaimVersion.V2,
      defaultHashAlgorithm: hashAlgorithm,
      signer,
    });
    if (manifest.claim !== undefined) manifest.claim.claimGeneratorName = 'cowbot';
    const hash = c2pa.DataHashAssertion.create(hashAlgorithm);
    manifest.addAssertion(hash);
    const actions = new c2pa.ActionAssertion();
    actions.label = c2pa.AssertionLabels.actionsV2;
    const { C2paCreated: action } = c2pa.ActionType;
    actions.actions.push({ action, digitalSourceType: sourceType(c2pa, source), softwareAgent: { name: 'cowbot' } });
    manifest.addAssertion(actions);
    await file.ensureManifestSpace(store.measureSize());
    await hash.updateWithAsset(file);
    await manifest.sign(signer);
    await file.writeManifestJUMBF(store.getBytes());
    return file.getDataRange();
  };
  const source = 'trainedAlgorithmicMedia';
  const trial = new asset.PNG(Uint8Array.from(await sign(await encodePng(onePixel, { source }), source)));
  const signed = c2pa.ManifestStore.read(jumbf.SuperBox.fromBuffer(Uint8Array.from(trial.getManifestJUMBF() ?? [])));
  if ((await signed.validate(trial)).isValid) return sign;
  throw wrongFile(
    'COWBOT_C2PA_CERT',
    'a certificate that is valid now and for signing (digitalSignature, emailProtection or documentSigning), with its issuers',
  );
}

const onePixel = { width: 1, height: 1, rgb: Uint8Array.of(0, 0, 0) };

async function library() {
  try {
    return {
      asset: await import('@trustnxt/c2pa-ts/asset'),
      cose: await import('@trustnxt/c2pa-ts/cose'),
      jumbf: await import('@trustnxt/c2pa-ts/jumbf'),
      manifest: await import('@trustnxt/c2pa-ts/manifest'),
      x509: await import('@peculiar/x509'),
    };
  } catch (error) {
    throw new Fault(
      'The part that signs pictures is not installed: run `npm install`, or leave COWBOT_C2PA_CERT empty.',
      {
        cause: error,
      },
    );
  }
}

type Manifests = Awaited<ReturnType<typeof library>>['manifest'];

function sourceType({ DigitalSourceType: types }: Manifests, source: DigitalSource) {
  switch (source) {
    case 'trainedAlgorithmicMedia':
      return types.TrainedAlgorithmicMedia;
    case 'compositeWithTrainedAlgorithmicMedia':
      return types.CompositeWithTrainedAlgorithmicMedia;
  }
}

async function readFiles(files: SigningFiles): Promise<{ readonly chain: readonly string[]; readonly key: KeyObject }> {
  const pem = await readSetting('COWBOT_C2PA_CERT', files.certificate);
  const chain = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const keyPem = await readSetting('COWBOT_C2PA_KEY', files.key);
  let key: KeyObject;
  try {
    key = createPrivateKey(keyPem);
  } catch {
    throw wrongFile('COWBOT_C2PA_KEY', 'a private key in PEM, without a password');
  }
  const [first] = chain;
  if (first === undefined) throw wrongFile('COWBOT_C2PA_CERT', 'a certificate in PEM');
  if (!isKeyOf(first, key)) throw wrongFile('COWBOT_C2PA_KEY', 'the key of the first certificate in COWBOT_C2PA_CERT');
  return { chain, key };
}

function isKeyOf(certificate: string, key: KeyObject): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(key);
  } catch {
    throw wrongFile('COWBOT_C2PA_CERT', 'a certificate in PEM');
  }
}

async function readSetting(name: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Refusal(
      'config',
      `The file that ${name} names cannot be read: set it to a PEM file, or leave it empty.`,
      {},
      {
        cause: error,
      },
    );
  }
}

function wrongFile(name: string, expected: string): Refusal {
  return new Refusal('config', `Expected ${expected} in the file that ${name} names.`);
}

/** @throws Refusal for a key that C2PA knows no use for. */
function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject) {
  if (type === 'ed25519') return 'Ed25519';
  if (type === 'rsa' || type === 'rsa-pss') return 'PS256';
  if (type === 'ec') {
    if (details?.namedCurve === 'prime256v1') return 'ES256';
    if (details?.namedCurve === 'secp384r1') return 'ES384';
    if (details?.namedCurve === 'secp521r1') return 'ES512';
  }
  throw wrongFile('COWBOT_C2PA_KEY', 'a key of P-256, P-384, P-521, Ed25519 or RSA');
}
