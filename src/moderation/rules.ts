/** Every number and list that moderation goes by, in one place. */
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Why somebody reports a picture. `me`: it shows them; `someone`: it shows somebody who did not agree. */
export const reportReasons = ['sexual', 'minor', 'violence', 'hate', 'me', 'someone', 'other'] as const;
export type ReportReason = (typeof reportReasons)[number];

/** Hides a picture at once, whoever reports it. */
const worstReasons: readonly ReportReason[] = ['minor', 'sexual', 'me'];

export function hidesAtOnce(reason: ReportReason): boolean {
  return worstReasons.includes(reason);
}

/** Characters of a report's note and of an appeal. */
export const maxNoteLength = 500;
export const maxAppealLength = 1000;

/** How long a moderator has for a picture that somebody says shows them; then it is removed by itself. */
export const depictionDeadlineMs = 48 * hourMs;

/** Moderators are reminded when so much is left until then. */
export const remindersBeforeMs = [24 * hourMs, 8 * hourMs, 2 * hourMs] as const;

/** Moderators are reminded of what a report hid so often. */
export const reminderEveryMs = dayMs;

/** How long a suspension may be. */
export const suspensionDays = [1, 7, 30] as const;
export type SuspensionDays = (typeof suspensionDays)[number];

export function suspensionMs(days: SuspensionDays): number {
  return days * dayMs;
}

/** How long somebody whose reports were false may not report. */
export const muteMs = 30 * dayMs;

/**
 * Whether the photo that a removed picture was made from is to be known again, too: not where only what was painted
 * around it was wrong, for people use the same photo for much.
 */
export function concernsPhoto(reason: string): boolean {
  return reason.startsWith('photo.') || ['minor', 'me', 'someone'].includes(reason);
}
