import { z } from 'zod';
import { checked, invalidField } from '../errors.ts';
import { customId, entitySelect, stringSelect, textDisplay } from './components.ts';

const id = z.int().min(0).optional();
const textInput = z.object({
  type: z.literal(4),
  id,
  custom_id: customId,
  style: z.literal([1, 2]),
  /** Only within an action row; inside a label the label carries it. */
  label: z.string().min(1).max(45).optional(),
  min_length: z.int().min(0).max(4000).optional(),
  max_length: z.int().min(1).max(4000).optional(),
  required: z.boolean().optional(),
  value: z.string().max(4000).optional(),
  placeholder: z.string().max(100).optional(),
});
const fileUpload = z.object({
  type: z.literal(19),
  id,
  custom_id: customId,
  min_values: z.int().min(0).max(10).optional(),
  max_values: z.int().min(1).max(10).optional(),
  required: z.boolean().optional(),
});
const groupOption = z.object({
  value: z.string().min(1).max(100),
  label: z.string().min(1).max(100),
  description: z.string().max(100).nullish(),
  default: z.boolean().optional(),
});
const group = z.object({
  type: z.literal([21, 22]),
  id,
  custom_id: customId,
  options: z.array(groupOption).min(1).max(10),
  min_values: z.int().min(0).max(10).optional(),
  max_values: z.int().min(1).max(10).optional(),
  required: z.boolean().optional(),
});
const checkbox = z.object({ type: z.literal(23), id, custom_id: customId, default: z.boolean().optional() });

const field = z.discriminatedUnion('type', [textInput, stringSelect, entitySelect, fileUpload, group, checkbox]);
const label = z.object({
  type: z.literal(18),
  id,
  label: z.string().min(1).max(45),
  description: z.string().max(100).nullish(),
  component: field,
});
const row = z.object({ type: z.literal(1), id, components: z.array(textInput).length(1) });

const modal = z.object({
  custom_id: customId,
  title: z.string().min(1).max(45),
  components: z
    .array(z.discriminatedUnion('type', [label, row, textDisplay]))
    .min(1)
    .max(5),
});

export type Modal = z.output<typeof modal>;
export type ModalField = z.output<typeof field>;

/** One field of a modal with the text beside it, and the component that wraps it. */
export interface ModalEntry {
  label: string;
  field: ModalField;
  wrapper: Modal['components'][number];
}

/** A modal's fields from the top down. */
export function modalEntries({ components }: Modal): ModalEntry[] {
  return components.flatMap((wrapper): ModalEntry[] => {
    if (wrapper.type === 18) return [{ label: wrapper.label, field: wrapper.component, wrapper }];
    if (wrapper.type === 1)
      return wrapper.components.map((input) => ({ label: input.label ?? '', field: input, wrapper }));
    return [];
  });
}

/** @throws {DiscordRefusal} 50035 */
export function checkedModal(data: unknown): Modal {
  const value = checked(modal, data, ['data']);
  const entries = modalEntries(value);
  const ids = entries.map((entry) => entry.field.custom_id);
  if (new Set(ids).size < ids.length)
    throw invalidField(
      ['data', 'components'],
      'COMPONENT_CUSTOM_ID_DUPLICATED',
      'Component custom id cannot be duplicated',
    );
  for (const [index, { field: one }] of entries.entries()) checkField(one, ['data', 'components', index, 'component']);
  let next = 1;
  for (const wrapper of value.components) {
    wrapper.id ??= next++;
    if (wrapper.type === 18) wrapper.component.id ??= next++;
  }
  return value;
}

function checkField(one: ModalField, path: PropertyKey[]): void {
  if ('disabled' in one && one.disabled === true)
    throw invalidField([...path, 'disabled'], 'COMPONENT_DISABLED_IN_MODAL', 'Modal components cannot be disabled');
  if (one.type === 4) {
    const { min_length: min = 0, max_length: max = 4000, value } = one;
    if (min > max) throw invalidField([...path, 'min_length'], 'BASE_TYPE_BAD_LENGTH', 'min_length exceeds max_length');
    if (value !== undefined && value !== '' && (value.length > max || value.length < min))
      throw invalidField([...path, 'value'], 'BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${max} in length.`);
    return;
  }
  if (one.type === 23) return;
  if (one.min_values === 0 && one.required !== false)
    throw invalidField([...path, 'min_values'], 'NUMBER_TYPE_MIN', 'min_values must be at least 1 when required');
}
