import type { Attachment } from './model.ts';
import { modalEntries } from './rules/modals.ts';
import type { Modal, ModalField } from './rules/modals.ts';
import type { Upload, Uploader } from './commandinput.ts';

/** What a person fills into a modal: labels or custom ids to text, chosen values, a tick, or files. */
export interface ModalInput {
  [field: string]: string | readonly string[] | boolean | Uint8Array | readonly (Uint8Array | Upload)[];
}

/**
 * A modal's components as they come back when it is submitted.
 *
 * @throws {Error} where the client would not let the person submit
 */
export async function submitted(
  modal: Modal,
  input: ModalInput,
  upload: Uploader,
): Promise<{ components: object[]; attachments: Attachment[] }> {
  const entries = modalEntries(modal);
  const unknown = Object.keys(input).find(
    (key) => !entries.some((entry) => entry.label === key || entry.field.custom_id === key),
  );
  if (unknown !== undefined) throw new Error(`The modal has no field ${unknown}.`);
  const attachments: Attachment[] = [];
  const components: object[] = [];
  for (const wrapper of modal.components) {
    const entry = entries.find((one) => one.wrapper === wrapper);
    if (entry === undefined) {
      components.push({ type: wrapper.type, id: wrapper.id });
      continue;
    }
    const given = input[entry.label] ?? input[entry.field.custom_id];
    const value = await fieldValue(entry.field, given, async (file) => {
      const attachment = await upload(file);
      attachments.push(attachment);
      return attachment.id;
    });
    const component = { type: entry.field.type, id: entry.field.id, custom_id: entry.field.custom_id, ...value };
    components.push(
      wrapper.type === 1
        ? { type: 1, id: wrapper.id, components: [component] }
        : { type: wrapper.type, id: wrapper.id, component },
    );
  }
  return { components, attachments };
}

async function fieldValue(
  field: ModalField,
  given: ModalInput[string] | undefined,
  store: (file: Upload) => Promise<string>,
): Promise<object> {
  const wrong = (want: string): Error => new Error(`Expected ${want} for ${field.custom_id}.`);
  if (field.type === 23) return { value: given === undefined ? (field.default ?? false) : given === true };
  if (field.type === 4) {
    const text = given ?? field.value ?? '';
    if (typeof text !== 'string') throw wrong('text');
    const { min_length: min = 0, max_length: max = 4000, required = true } = field;
    const skipped = text === '' && !required;
    if (!skipped && (text.length < Math.max(min, required ? 1 : 0) || text.length > max))
      throw wrong(`${min} to ${max} characters`);
    return { value: text };
  }
  const { min_values: min = 1, max_values: max = 1, required = true } = field;
  const count = (list: readonly unknown[]): void => {
    if (list.length > max || (list.length < min && (required || list.length > 0)))
      throw wrong(`${min} to ${max} values`);
  };
  if (field.type === 19) {
    const files = given instanceof Uint8Array ? [given] : Array.isArray(given) ? given : [];
    count(files);
    const values: string[] = [];
    for (const file of files as readonly (Uint8Array | Upload)[])
      values.push(await store(file instanceof Uint8Array ? { bytes: file } : file));
    return { values };
  }
  const preset =
    'options' in field ? field.options.filter((option) => option.default === true).map((option) => option.value) : [];
  const values = typeof given === 'string' ? [given] : Array.isArray(given) ? given.map(String) : preset;
  if ('options' in field && values.some((value) => !field.options.some((option) => option.value === value)))
    throw wrong('one of the options');
  count(values);
  return field.type === 21 ? { value: values[0] ?? null } : { values };
}
