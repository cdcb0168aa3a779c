import { z } from 'zod';
import { invalidField } from '../errors.ts';

// Limits: Discord's component reference. Unknown keys are dropped, as the service drops them.

const id = z.int().min(0).max(2_147_483_647).optional();
export const customId = z.string().min(1).max(100);
const flag = z.boolean().optional();
const emoji = z.object({ id: z.string().nullish(), name: z.string().nullish(), animated: flag });
const altText = z.string().max(1024).nullish();

const button = z
  .object({
    type: z.literal(2),
    id,
    style: z.literal([1, 2, 3, 4, 5, 6]),
    label: z.string().max(80).optional(),
    emoji: emoji.optional(),
    custom_id: customId.optional(),
    url: z.string().max(512).optional(),
    sku_id: z.string().optional(),
    disabled: flag,
  })
  .superRefine((value, context) => {
    const fault = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message, params: { code: 'BASE_TYPE_REQUIRED' } });
    if (value.style === 5) {
      if (value.url === undefined) fault('url', 'A url is required');
      if (value.custom_id !== undefined) fault('custom_id', 'A custom id and url cannot both be specified');
    } else if (value.style !== 6) {
      if (value.custom_id === undefined) fault('custom_id', 'A custom id is required');
      if (value.url !== undefined) fault('url', 'A custom id and url cannot both be specified');
    }
    if (value.style !== 6 && (value.label ?? '') === '' && value.emoji === undefined)
      fault('label', 'A label or emoji is required');
  });

const selectShared = {
  id,
  custom_id: customId,
  placeholder: z.string().max(150).optional(),
  min_values: z.int().min(0).max(25).optional(),
  max_values: z.int().min(1).max(25).optional(),
  disabled: flag,
  required: flag,
};

export const stringSelect = z
  .object({
    ...selectShared,
    type: z.literal(3),
    options: z
      .array(
        z.object({
          label: z.string().min(1).max(100),
          value: z.string().min(1).max(100),
          description: z.string().max(100).nullish(),
          emoji: emoji.nullish(),
          default: flag,
        }),
      )
      .min(1)
      .max(25),
  })
  .superRefine((value, context) => {
    const values = value.options.map((option) => option.value);
    if (new Set(values).size < values.length)
      context.addIssue({
        code: 'custom',
        path: ['options'],
        message: 'The specified option value is already used',
        params: { code: 'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED' },
      });
    if ((value.max_values ?? 1) > values.length || (value.min_values ?? 1) > (value.max_values ?? 1))
      context.addIssue({
        code: 'custom',
        path: ['max_values'],
        message: 'More values than options, or less than min_values',
      });
  });

export const entitySelect = z.object({
  ...selectShared,
  type: z.literal([5, 6, 7, 8]),
  channel_types: z.array(z.int()).optional(),
  default_values: z
    .array(z.object({ id: z.string(), type: z.literal(['user', 'role', 'channel']) }))
    .max(25)
    .optional(),
});

const actionRow = z
  .object({
    type: z.literal(1),
    id,
    components: z
      .array(z.discriminatedUnion('type', [button, stringSelect, entitySelect]))
      .min(1)
      .max(5),
  })
  .refine((row) => row.components.length === 1 || row.components.every((child) => child.type === 2), {
    path: ['components'],
    message: 'A row holds up to 5 buttons or a single select',
    params: { code: 'COMPONENT_LAYOUT_WIDTH_EXCEEDED' },
  });

export const textDisplay = z.object({ type: z.literal(10), id, content: z.string().min(1).max(4000) });
const media = z.object({
  url: z
    .string()
    .max(2048)
    .regex(/^(https?|attachment):\/\/./),
});
const thumbnail = z.object({ type: z.literal(11), id, media, description: altText, spoiler: flag });
const section = z.object({
  type: z.literal(9),
  id,
  components: z.array(textDisplay).min(1).max(3),
  accessory: z.discriminatedUnion('type', [button, thumbnail]),
});
const gallery = z.object({
  type: z.literal(12),
  id,
  items: z
    .array(z.object({ media, description: altText, spoiler: flag }))
    .min(1)
    .max(10),
});
const file = z.object({
  type: z.literal(13),
  id,
  file: z.object({ url: z.string().regex(/^attachment:\/\/./) }),
  spoiler: flag,
});
const separator = z.object({ type: z.literal(14), id, divider: flag, spacing: z.literal([1, 2]).optional() });
const container = z.object({
  type: z.literal(17),
  id,
  components: z
    .array(z.discriminatedUnion('type', [actionRow, textDisplay, section, gallery, separator, file]))
    .min(1)
    .max(40),
  accent_color: z.int().min(0).max(0xffffff).nullish(),
  spoiler: flag,
});

export const legacyComponents = z.array(actionRow).max(5);
export const layoutComponents = z
  .array(z.discriminatedUnion('type', [actionRow, textDisplay, section, gallery, separator, file, container]))
  .max(40);

export type Button = z.output<typeof button>;
export type Select = z.output<typeof stringSelect> | z.output<typeof entitySelect>;
export type TopComponent = z.output<typeof layoutComponents>[number];
type Thumbnail = z.output<typeof thumbnail>;
export type MessageComponent = TopComponent | Button | Select | Thumbnail;

/** All components with those nested in them, in the order in which they are shown. */
export function everyComponent(components: readonly MessageComponent[]): MessageComponent[] {
  return components.flatMap((component): MessageComponent[] => {
    switch (component.type) {
      case 1:
      case 17:
        return [component, ...everyComponent(component.components)];
      case 9:
        return [component, ...everyComponent(component.components), component.accessory];
      case 2:
      case 3:
      case 5:
      case 6:
      case 7:
      case 8:
      case 10:
      case 11:
      case 12:
      case 13:
      case 14:
        return [component];
    }
  });
}

/** The URLs of pictures and files that components show. */
export function mediaUrls(components: readonly MessageComponent[]): string[] {
  return everyComponent(components).flatMap((component) => {
    if (component.type === 12) return component.items.map((item) => item.media.url);
    if (component.type === 11) return [component.media.url];
    return component.type === 13 ? [component.file.url] : [];
  });
}

/**
 * What holds for a message's components taken together: 40 in all, 4,000 characters of text displays, custom ids and ids
 * used once.
 *
 * @throws {DiscordRefusal} 50035
 */
export function checkTogether(components: readonly TopComponent[]): void {
  const all = everyComponent(components);
  if (all.length > 40)
    throw invalidField(
      ['components'],
      'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED',
      'The total number of components cannot exceed 40',
    );
  const text = all.reduce((sum, component) => sum + (component.type === 10 ? component.content.length : 0), 0);
  if (text > 4000)
    throw invalidField(
      ['components'],
      'COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
      'The total text size of all components cannot exceed 4000',
    );
  const customIds = all.flatMap((component) =>
    'custom_id' in component && component.custom_id !== undefined ? [component.custom_id] : [],
  );
  if (new Set(customIds).size < customIds.length)
    throw invalidField(['components'], 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated');
  const ids = all.flatMap((component) => (component.id === undefined || component.id === 0 ? [] : [component.id]));
  if (new Set(ids).size < ids.length)
    throw invalidField(['components'], 'COMPONENT_ID_DUPLICATED', 'Component id cannot be duplicated');
}

/** Gives every component without one the next free `id`, as the service does. */
export function number(components: readonly MessageComponent[]): void {
  const all = everyComponent(components);
  const taken = new Set(all.map((component) => component.id));
  let next = 1;
  for (const component of all) {
    if (component.id !== undefined && component.id !== 0) continue;
    while (taken.has(next)) next += 1;
    taken.add(next);
    component.id = next;
  }
}
