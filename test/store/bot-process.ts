import { appendAudit } from '../../src/store/audit.ts';
import { addBlobRef } from '../../src/store/blob-rows.ts';
import { insertJob } from '../../src/store/jobs.ts';
import { openStore } from '../../src/store/store.ts';
import { newJob, settle } from '../contracts/rows.ts';

/**
 * A bot that takes job after job and acknowledges each on stdout, until it is killed.
 * Arguments: the data folder, the first job's number.
 */
const [dataDir = '', first = '0'] = process.argv.slice(2);
const store = await openStore({ dataDir, role: 'bot', clock: () => Date.now() });
await settle(store);
for (let number = Number(first); ; number++) {
  const { hash } = await store.blobs.put(Buffer.from(`photo ${number}`), 'image/jpeg');
  await store.transaction(async (tx) => {
    await insertJob(tx, newJob(`job-${number}`, { photoHash: hash }));
    await addBlobRef(tx, { hash, ownerKind: 'job', ownerId: `job-${number}`, role: 'photo' });
    await appendAudit(tx, {
      at: Date.now(),
      actor: 'system',
      action: 'job.queued',
      subject: `job:${number}`,
      reason: '',
      detail: {},
    });
  });
  process.stdout.write(`job-${number}\n`);
}
