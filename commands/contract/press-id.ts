/**
 * What a button carries: `v1:<action>:<id>[:<extra>]`, ASCII, at most 64 bytes, for Telegram takes no more
 * (https://core.telegram.org/bots/api#inlinekeyboardbutton). It names things and proves nothing: whoever handles a press
 * asks the database who may do what.
 */
import { Fault, shown } from '../../src/errors.ts';

export interface PressId {
  /** What to do: `again`, `keep-more`. */
  readonly action: string;
  /** Of a job or of whatever else the action is about; `-` where there is nothing to name. */
  readonly id: string;
  /** What more the action needs: the number of a picture, a place. */
  readonly extra?: string | undefined;
}

const maxBytes = 64;
const pattern = /^v1:([a-z][a-z-]*):([\w-]+)(?::([\w.,%-]+))?$/;

/** @throws Fault where it would not be read back, or is too long. */
export function encodePressId({ action, id, extra }: PressId): string {
  const text = `v1:${action}:${id}${extra === undefined ? '' : `:${extra}`}`;
  if (parsePressId(text) === undefined) {
    throw new Fault(`Expected at most ${maxBytes} letters, digits and ".,%_-" for a button, got ${shown(text)}.`);
  }
  return text;
}

export const packedLength = 22;

/** A UUID in `packedLength` letters, where a button has to say more. */
export function packId(uuid: string): string {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('base64url');
}

/** Undefined for what `packId` has not made. */
export function unpackId(text: string): string | undefined {
  if (text.length !== packedLength || !/^[\w-]+$/.test(text)) return undefined;
  const hex = Buffer.from(text, 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The one thing that all the buttons of a message are about; undefined where they name several or nothing. */
export function idOfAll(pressIds: readonly string[]): string | undefined {
  const named = pressIds.flatMap((text) => parsePressId(text)?.id ?? []).filter((id) => id !== '-');
  const [first] = named;
  return named.every((id) => id === first) ? first : undefined;
}

/** Undefined for what no button of this version carries: a forgery, or a button of another version. */
export function parsePressId(text: string): PressId | undefined {
  if (text.length > maxBytes) return undefined;
  const [, action, id, extra] = pattern.exec(text) ?? [];
  if (action === undefined || id === undefined) return undefined;
  return { action, id, ...(extra === undefined ? {} : { extra }) };
}
