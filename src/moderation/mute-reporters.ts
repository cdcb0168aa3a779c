/** Those who reported what was found to be harmless may not report for a while. */
import { lockCase, reportsOfCase } from '../store/cases.ts';
import { mutedFor } from '../store/sanctions.ts';
import type { Store } from '../store/store.ts';
import { caseOrRefusal } from './cases.ts';
import { muteMs } from './rules.ts';
import { notAboutThat } from './ruling.ts';
import { impose } from './sanctions.ts';

/**
 * @param actor `person:ID`.
 * @returns how many are muted; those who were muted for the same before are not counted, nor muted again.
 * @throws Refusal `case.gone`, `case.kind` where it was not found to be harmless.
 */
export async function muteReporters(
  { store, clock }: { readonly store: Store; readonly clock: () => number },
  caseId: string,
  actor: string,
): Promise<number> {
  await caseOrRefusal(store, caseId);
  const at = clock();
  return store.transaction(async (tx) => {
    const one = await lockCase(tx, caseId);
    if (one?.decision !== 'approve') throw notAboutThat();
    const muted = await mutedFor(tx, caseId);
    const reporters = (await reportsOfCase(tx, caseId)).filter(({ personId }) => !muted.has(personId));
    for (const { personId } of reporters) {
      await impose(tx, {
        kind: 'mute',
        personId,
        communityId: one.communityId,
        caseId,
        reason: 'false-report',
        imposedBy: actor,
        at,
        until: at + muteMs,
      });
    }
    return reporters.length;
  });
}
