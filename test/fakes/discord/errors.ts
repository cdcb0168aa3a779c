import type { z } from 'zod';

/** Whose doing a refusal is: the bot's own mistake becomes a violation; the state of the world (a deleted message) does not. */
export type Blame = 'bot' | 'world';

/** An error answer: HTTP status, JSON error code and text as in Discord's table of codes. */
export class DiscordRefusal extends Error {
  readonly status: number;
  readonly code: number;
  readonly blame: Blame;
  readonly errors: object | undefined;
  readonly headers: Readonly<{ [name: string]: string }>;
  readonly extra: object;

  constructor(
    status: number,
    code: number,
    message: string,
    options: { blame?: Blame; errors?: object; headers?: { [name: string]: string }; extra?: object } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.blame = options.blame ?? 'bot';
    this.errors = options.errors;
    this.headers = options.headers ?? {};
    this.extra = options.extra ?? {};
  }

  body(): object {
    const errors = this.errors === undefined ? {} : { errors: this.errors };
    return { message: this.message, code: this.code, ...errors, ...this.extra };
  }
}

/** One wrong field of a form body. `path` runs from the body's root; `code` is Discord's, e.g. `BASE_TYPE_REQUIRED`. */
interface FieldError {
  path: readonly PropertyKey[];
  code: string;
  message: string;
}

interface ErrorTree {
  [field: string]: ErrorTree | { code: string; message: string }[];
}

/** 50035 with the tree of `_errors` that the field paths give. */
function invalidForm(fields: readonly FieldError[]): DiscordRefusal {
  const tree: ErrorTree = {};
  for (const { path, code, message } of fields) {
    let node = tree;
    for (const step of path) {
      const next = node[String(step)];
      if (next === undefined || Array.isArray(next)) {
        const made: ErrorTree = {};
        node[String(step)] = made;
        node = made;
      } else node = next;
    }
    const here = node['_errors'];
    if (Array.isArray(here)) here.push({ code, message });
    else node['_errors'] = [{ code, message }];
  }
  return new DiscordRefusal(400, 50_035, 'Invalid Form Body', { errors: tree });
}

export function invalidField(path: readonly PropertyKey[], code: string, message: string): DiscordRefusal {
  return invalidForm([{ path, code, message }]);
}

/** Checks `value` against `schema` and refuses as Discord would. @throws {DiscordRefusal} 50035 */
export function checked<T extends z.ZodType>(schema: T, value: unknown, at: readonly PropertyKey[] = []): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidForm(result.error.issues.flatMap((issue) => fieldErrors(issue, at)));
}

function fieldErrors(issue: z.core.$ZodIssue, at: readonly PropertyKey[]): FieldError[] {
  const path = [...at, ...issue.path];
  const of = (code: string, message: string): FieldError[] => [{ path, code, message }];
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && /received undefined/.test(issue.message)
        ? of('BASE_TYPE_REQUIRED', 'This field is required')
        : of('BASE_TYPE_CONVERT', `Could not interpret value as ${issue.expected}.`);
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? of('BASE_TYPE_MAX_LENGTH', `Must be ${issue.maximum} or fewer in length.`)
        : of('NUMBER_TYPE_MAX', `Value should be less than or equal to ${issue.maximum}.`);
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? of('BASE_TYPE_MIN_LENGTH', `Must be ${issue.minimum} or more in length.`)
        : of('NUMBER_TYPE_MIN', `Value should be greater than or equal to ${issue.minimum}.`);
    case 'invalid_value':
      return of('BASE_TYPE_CHOICES', `Value must be one of {${issue.values.join(', ')}}.`);
    case 'invalid_union':
      return issue.discriminator === undefined
        ? of('UNION_TYPE_CHOICES', 'Value fits none of the allowed shapes.')
        : of('UNION_TYPE_CHOICES', `Value of field "${issue.discriminator}" is not allowed here.`);
    case 'invalid_format':
      return of('STRING_TYPE_REGEX', 'String value did not match validation regex.');
    case 'custom':
      return of(String(issue.params?.['code'] ?? 'BASE_TYPE_CHOICES'), issue.message);
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_key':
    case 'invalid_element':
      return of('BASE_TYPE_CHOICES', issue.message);
  }
}

export const unauthorized = (): DiscordRefusal => new DiscordRefusal(401, 0, '401: Unauthorized');
export const missingAccess = (): DiscordRefusal =>
  new DiscordRefusal(403, 50_001, 'Missing Access', { blame: 'world' });
export const missingPermissions = (): DiscordRefusal =>
  new DiscordRefusal(403, 50_013, 'Missing Permissions', { blame: 'world' });
export const unknownChannel = (): DiscordRefusal =>
  new DiscordRefusal(404, 10_003, 'Unknown Channel', { blame: 'world' });
export const unknownMessage = (): DiscordRefusal =>
  new DiscordRefusal(404, 10_008, 'Unknown Message', { blame: 'world' });
export const tooLarge = (): DiscordRefusal => new DiscordRefusal(413, 40_005, 'Request entity too large');
